// Has a system call of its own, between instructions that a patch would cover.
#include <stdio.h>
#include <sys/syscall.h>

static volatile long given;

__attribute__((noinline)) long inner(long number) {
    long result = number;
    __asm__ volatile("xor %%edi, %%edi\n"
                     "syscall\n"
                     "add $5, %%rax\n"
                     "add $6, %%rdi"
                     : "+a"(result)
                     :
                     : "rdi", "rcx", "r11", "memory");
    given += result - 5;
    return result;
}

int main(void) {
    long first = inner(SYS_getppid);
    long second = inner(SYS_getppid);
    printf("%d\n", first == second && given == 2 * (first - 5));
    return 0;
}

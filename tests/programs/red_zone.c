// The 128 bytes below the stack pointer survive a call (P13).
// Expect: exit 0, stdout "changed: 0"
// Record: 501 once
// Build: gcc -O1 -mno-red-zone
// Build: gcc -O1 -mno-red-zone -static
#include <stdio.h>

int main(void) {
    long changed = 0;
    __asm__ volatile(
        "mov $-128, %%rcx\n"
        "1: mov %%rcx, (%%rsp, %%rcx)\n"
        "add $8, %%rcx\n"
        "jnz 1b\n"
        "mov $501, %%eax\n"
        "syscall\n"
        "mov $-128, %%rcx\n"
        "2: cmp %%rcx, (%%rsp, %%rcx)\n"
        "je 3f\n"
        "inc %0\n"
        "3: add $8, %%rcx\n"
        "jnz 2b\n"
        : "+r"(changed)
        :
        : "rax", "rcx", "r11", "memory");
    printf("changed: %ld\n", changed);
}

// A thread unmaps its own stack and exits; the calls are made without any stack (P23).
// Expect: exit 0, stdout "stack is gone: 1"
// Record: 502 once, munmap
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

static volatile int present = 1;

int main(void) {
    char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    register long r10 __asm__("r10") = (long)&present;
    register long base __asm__("r12") = (long)stack;
    long result;
    __asm__ volatile(
        "syscall\n"
        "test %%rax, %%rax\n"
        "jnz 1f\n"
        "mov $11, %%eax\n mov %%r12, %%rdi\n mov $65536, %%esi\n syscall\n"  // munmap
        "mov $502, %%eax\n syscall\n"
        "mov $60, %%eax\n xor %%edi, %%edi\n syscall\n"  // exit
        "1:"
        : "=a"(result)
        : "0"(SYS_clone),
          "D"(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
              CLONE_CHILD_CLEARTID),
          "S"(stack + 65536), "d"(0), "r"(r10), "r"(base)
        : "rcx", "r11", "memory");
    while (present) raw(SYS_futex, &present, 0 /* FUTEX_WAIT */, 1, 0);
    unsigned char resident;
    printf("stack is gone: %d\n", mincore(stack, 4096, &resident) != 0);
}

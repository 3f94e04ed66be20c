// A program that sets the trap flag steps through itself, past a call, and is not shown what lies
// between the call's site and the kernel (P19).
// Expect: exit 0, stdout "pid 1, steps behind the call 2, flag gone 1"
// Record: 502 once
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

extern const char behind[], end[];
static volatile int steps;

static void step(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    uintptr_t rip = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    if (rip >= (uintptr_t)behind && rip <= (uintptr_t)end) steps++;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &action, NULL);
    long result = 39;
    unsigned long flags;
    __asm__ volatile("lea -256(%%rsp), %%rsp\n pushfq\n orq $0x100, (%%rsp)\n popfq\n"
                     "mov $39, %%eax\n syscall\n behind: nop\n nop\n end: pushfq\n"
                     "andq $~0x100, (%%rsp)\n popfq\n pushfq\n pop %1\n lea 256(%%rsp), %%rsp"
                     : "=&a"(result), "=&r"(flags) : : "rcx", "r11", "memory", "cc");
    raw(502);
    printf("pid %d, steps behind the call %d, flag gone %d\n", result == getpid(), steps,
           !(flags & 0x100));
    return 0;
}

// A program that sets the trap flag steps through itself, past calls, and sees each of its instructions that
// it sees natively and nothing else, with rcx and r11 as they are; also where several before a call, or
// behind it, are part of a patch (P19).
// Expect: exit 0
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

// In r11 it is left out: whether it is the program's or a debugger's cannot be told.
#define TRAP_FLAG 0x100L

extern const char begin[], end[];
static volatile int steps;
static struct {
    long offset, rcx, r11;
} seen[100];

static void step(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    uintptr_t rip = registers[REG_RIP];
    if (rip < (uintptr_t)begin || rip > (uintptr_t)end) return;
    seen[steps].offset = rip - (uintptr_t)begin;
    seen[steps].rcx = registers[REG_RCX];
    seen[steps++].r11 = registers[REG_R11];
}

int main(void) {
    struct sigaction action = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &action, NULL);
    unsigned long flags;
    __asm__ volatile("lea -256(%%rsp), %%rsp\n cmp %%eax, %%eax\n pushfq\n orq $0x100, (%%rsp)\n popfq\n"
                     "begin: mov $1, %%ecx\n mov $2, %%r11d\n"
                     "mov $39, %%eax\n syscall\n nop\n nop\n"              // one instruction before
                     "mov $3, %%ecx\n mov $4, %%r11d\n mov $110, %%eax\n"
                     "xor %%edi, %%edi\n inc %%edi\n syscall\n inc %%edi\n" // several before
                     "mov $5, %%ecx\n mov $6, %%r11d\n call 1f\n"
                     "syscall\n inc %%edi\n inc %%edi\n inc %%edi\n nop\n"  // nothing before can be moved
                     "jmp 2f\n"
                     "1: mov $102, %%eax\n ret\n"
                     "2: end: pushfq\n andq $~0x100, (%%rsp)\n popfq\n pushfq\n pop %0\n lea 256(%%rsp), %%rsp"
                     : "=&r"(flags) : : "rax", "rcx", "rdi", "r11", "memory", "cc");
    raw(502);
    for (int i = 0; i < steps; i++) {
        // Behind a call, rcx is an address of the program's.
        long rcx = seen[i].rcx > 100 ? seen[i].rcx - (long)begin : seen[i].rcx;
        printf("at %ld rcx %ld r11 %#lx\n", seen[i].offset, rcx, seen[i].r11 & ~TRAP_FLAG);
    }
    printf("flag gone %d\n", !(flags & 0x100));
    return 0;
}

// A handler sees the registers of what it interrupted, and what it changes in them is so (P19).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

__asm__(
    ".text\n"
    ".type faulting, @function\n"
    "faulting:\n"
    "  mov $0x1111, %rcx\n"
    "  mov $0x2222, %r11\n"
    "  xor %eax, %eax\n"
    "  stc\n"
    "at_fault: mov (%rax), %rdx\n"
    "  mov $1, %eax\n"
    "  ret\n"
    "elsewhere: mov %r10, %rax\n"
    "  ret\n");
extern long faulting(void);
extern char at_fault[], elsewhere[], behind_kill[];

static void on_fault(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    printf("signal %d, address %p, rip %d, rcx %llx, r11 %llx, carry %lld, trap %lld\n", signal, info->si_addr,
           registers[REG_RIP] == (long)at_fault, registers[REG_RCX], registers[REG_R11],
           registers[REG_EFL] & 1, registers[REG_TRAPNO]);
    registers[REG_RIP] = (long)elsewhere;
    registers[REG_R10] = 0x3333;
    // The mask after the handler is the one in the context.
    sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGUSR2);
}

static void on_call(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    // As the kernel delivers it: behind the call that sent it, with that call's result.
    printf("signal %d, rax %lld, behind the call %d, rcx is rip %d\n", signal, registers[REG_RAX],
           registers[REG_RIP] == (long)behind_kill, registers[REG_RCX] == registers[REG_RIP]);
    registers[REG_RAX] = 77;
    (void)info;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    printf("result %lx\n", faulting());
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("blocked %d\n", sigismember(&mask, SIGUSR2));
    action.sa_sigaction = on_call;
    sigaction(SIGUSR1, &action, NULL);
    long result, self = raw(39);
    __asm__ volatile("syscall\n behind_kill:"
                     : "=a"(result)
                     : "0"(62), "D"(self), "S"(SIGUSR1)
                     : "rcx", "r11", "memory");
    printf("kill: %ld\n", result);
    raw(502);
}

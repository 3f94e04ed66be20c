// Instructions beside a call fault, which may be part of a patch: the handler finds the instruction where it is,
// with the registers of that moment, and a program that goes on from there, or behind, goes on rightly (P9, P19).
// Expect: exit 0
// Record: 502 400 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

// %rdi: what to read before the call, %rsi: behind it. Calls 502.
__asm__(".text\n"
        ".type before_and_behind, @function\n"
        "before_and_behind:\n"
        ".cfi_startproc\n"
        "  xor %edx, %edx\n"
        "fault_before: mov (%rdi), %ecx\n"
        "  mov $502, %eax\n"
        "  syscall\n"
        "behind_call: inc %edx\n"
        "fault_behind: add (%rsi), %edx\n"
        "  inc %edx\n"
        "  mov %edx, %eax\n"
        "  ret\n"
        ".cfi_endproc\n"
        ".size before_and_behind, . - before_and_behind\n"
        // The number comes from elsewhere: nothing in front can be moved.
        ".type only_behind, @function\n"
        "only_behind:\n"
        ".cfi_startproc\n"
        "  push %rsi\n"
        ".cfi_adjust_cfa_offset 8\n"
        "  call number\n"
        "  syscall\n"
        "third_fault: mov (%rsi), %edx\n"
        "  inc %edx\n"
        "  mov %edx, %eax\n"
        "  pop %rsi\n"
        ".cfi_adjust_cfa_offset -8\n"
        "  ret\n"
        ".cfi_endproc\n"
        ".size only_behind, . - only_behind\n"
        ".type number, @function\n"
        "number: mov $502, %eax\n ret\n"
        ".size number, . - number\n");
extern int before_and_behind(const int *, const int *), only_behind(const int *, const int *);
extern char fault_before[], fault_behind[], third_fault[], behind_call[];

static const int good = 40;
static int faults[3], wrong;

static void handler(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    char *rip = (char *)registers[REG_RIP];
    (void)signal;
    int which = rip == fault_before ? 0 : rip == fault_behind ? 1 : rip == third_fault ? 2 : -1;
    if (which < 0 || info->si_addr != (void *)16) {
        wrong++;
        static const char text[] = "elsewhere\n";
        write(1, text, sizeof text - 1);
        _exit(1);
    }
    faults[which]++;
    if (which && (registers[REG_RAX] != -38 || (which == 1 && (registers[REG_RCX] != (long)behind_call || registers[REG_RDX] != 1)))) wrong++;
    // Once more, with what can be read.
    if (which) registers[REG_RSI] = (long)&good;
    else registers[REG_RDI] = (long)&good;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    int sum = 0;
    for (int i = 0; i < 200; i++) {
        sum += before_and_behind(i % 2 ? &good : (int *)16, i % 3 ? &good : (int *)16);
        sum += only_behind(&good, i % 5 ? &good : (int *)16);
    }
    printf("faults %d %d %d, wrong %d, sum %d\n", faults[0], faults[1], faults[2], wrong, sum);
}

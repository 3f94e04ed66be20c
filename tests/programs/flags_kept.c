// Flags that code of others cannot run with stay as they are over a call, over a signal that comes during it,
// and in the signal's handler: AC, with which what is not aligned faults, NT, and DF; over a call without a
// signal TF besides (P14, P19).
// Expect: exit 0
// Record: 502 32 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

enum { TF = 0x100, DF = 0x400, NT = 0x4000, AC = 0x40000, LOOKED_AT = TF | DF | NT | AC };
static unsigned long in_handler, interrupted;
static int steps, process;

static unsigned long flags(void) {
    unsigned long flags;
    __asm__ volatile("pushfq\n pop %0" : "=r"(flags));
    return flags & LOOKED_AT;
}

static void step(int signal) { (void)signal, steps++; }

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    in_handler = flags();
    interrupted = ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] & LOOKED_AT;
}

// Makes a call with these flags set, and gives what is left of them. The red zone is left alone.
static unsigned long call(unsigned long set, long number, long a, long b) {
    unsigned long after;
    __asm__ volatile("lea -256(%%rsp), %%rsp\n pushfq\n or %[set], (%%rsp)\n popfq\n"
                     "syscall\n"
                     "pushfq\n mov (%%rsp), %[after]\n"
                     "andq $~0x44500, (%%rsp)\n popfq\n lea 256(%%rsp), %%rsp"
                     : [after] "=&r"(after), "+a"(number)
                     : [set] "r"(set), "D"(a), "S"(b)
                     : "rcx", "r11", "rdx", "memory", "cc");
    return after & LOOKED_AT;
}

static void all(void) {
    for (unsigned which = 0; which < 16; which++) {
        unsigned long set = (which & 1 ? AC : 0) | (which & 2 ? NT : 0) | (which & 4 ? DF : 0) | (which & 8 ? TF : 0);
        steps = 0;
        unsigned long after = call(set, 502, 0, 0);
        printf("%#lx: %#lx, steps %d\n", set, after, steps);
        if (set & TF) continue;
        unsigned long signalled = call(set, SYS_kill, process, SIGUSR1);
        printf("signal %#lx interrupted %#lx in handler %#lx\n", signalled, interrupted, in_handler);
    }
}

int main(void) {
    struct sigaction steps = {.sa_handler = step};
    sigaction(SIGTRAP, &steps, NULL);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    process = getpid();
    all();
    for (int i = 0; i < 100; i++) raw(SYS_getppid);
    all();
    return 0;
}

// A signal that a call forces on its thread comes behind the call, or ends the process, as the thread would have it:
// uretprobe(2) raises a SIGILL where nothing is probed (Linux 6.11; before, it is unknown).
// Expect: exit 0
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

static char *behind;

// The call in a place of its own, whose address the handler compares.
static long __attribute__((noinline)) call(long number) {
    long result;
    __asm__ volatile("lea 1f(%%rip), %%rcx; mov %%rcx, %1; syscall; 1: nop; nop; nop"
                     : "=a"(result), "=m"(behind)
                     : "a"(number)
                     : "rcx", "r11", "memory");
    return result;
}

static void handler(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    printf("signal %d, code %d, address %d, rax %lld, behind %d\n", signal, info->si_code, info->si_addr != NULL,
           registers[REG_RAX], (char *)registers[REG_RIP] == behind);
    fflush(stdout);
}

int main(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    for (int how = 0; how < 8; how++) {
        if (!fork()) {
            if (how & 1) {
                sigaction(SIGILL, &(struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO}, NULL);
            } else if (how & 4) {
                signal(SIGILL, SIG_IGN);
            }
            sigset_t all;
            sigfillset(&all);
            if (how & 2) sigprocmask(SIG_BLOCK, &all, NULL);
            if (how & 4)
                for (int i = 0; i < 100; i++) raw(SYS_getppid); // what is postponed is patched
            printf("%ld\n", call(335));
            fflush(stdout);
            _exit(0);
        }
        int status;
        wait(&status);
        printf("%d: %x\n", how, status);
        fflush(stdout);
    }
}

// SA_NODEFER, SA_RESETHAND, SA_ONSTACK and sa_mask for the signals that faults raise: nested faults, the second
// of a kind that is blocked, the second after a reset, faults in a handler of another, and what somebody sends
// meanwhile (P19).
// Expect: exit 0
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

enum { NESTED = 1, RESET = 2, ON_STACK = 4, MASKS_OTHER = 8, ALL = 16 };
static int depth, deepest, how, left;
static char stack[65536];
static sigjmp_buf back;
static const int kinds[] = {SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGBUS, SIGSYS};

static void fault(int signal) {
    switch (signal) {
    case SIGSEGV: *(volatile int *)16 = 1; break;
    case SIGILL: __asm__ volatile("ud2"); break;
    case SIGFPE: __asm__ volatile("xor %%ecx, %%ecx\n idivl %%ecx" : : : "eax", "ecx", "edx"); break;
    case SIGTRAP: __asm__ volatile("int3"); break;
    default: raise(signal); break;
    }
}

static void handler(int signal, siginfo_t *info, void *context) {
    char here;
    sigset_t mask, *shown = &((ucontext_t *)context)->uc_sigmask;
    int on = &here >= stack && &here < stack + sizeof stack;
    if (++depth > deepest) deepest = depth;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    struct sigaction now;
    sigaction(signal, NULL, &now);
    printf("  %d code %d depth %d, on stack %d, own blocked %d, USR1 blocked %d, before %d, default now %d\n", signal,
           info->si_code > 0 ? 1 : info->si_code, depth, on, sigismember(&mask, signal), sigismember(&mask, SIGUSR1),
           sigismember(shown, signal), now.sa_handler == SIG_DFL);
    fflush(stdout);
    if (left-- > 0) fault(signal);
    depth--;
    siglongjmp(back, 1);
}

static void attempt(int kind) {
    fflush(stdout);
    if (!fork()) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
        if (how & NESTED) action.sa_flags |= SA_NODEFER;
        if (how & RESET) action.sa_flags |= SA_RESETHAND;
        if (how & ON_STACK) action.sa_flags |= SA_ONSTACK;
        if (how & MASKS_OTHER) sigaddset(&action.sa_mask, SIGUSR1), sigaddset(&action.sa_mask, SIGSEGV);
        sigaction(kind, &action, NULL);
        if (!sigsetjmp(back, 1)) fault(kind);
        printf("  once\n"), fflush(stdout);
        left = 1;
        depth = 0;
        if (!sigsetjmp(back, 1)) fault(kind);
        printf("  twice, deepest %d\n", deepest), fflush(stdout);
        _exit(5);
    }
    int status;
    wait(&status);
    printf("%d, how %d: exit %d, signal %d\n", kind, how, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void) {
    for (how = 0; how < ALL; how++)
        for (int i = 0; i < 6; i++) attempt(kinds[i]);
}

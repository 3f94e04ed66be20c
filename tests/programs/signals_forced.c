// A sigreturn without a frame raises SIGSEGV, which nobody can block or ignore: handled, or the end (P19).
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int signal) { _exit(signal); }

enum { BLOCKED = 1, HANDLED = 2, IGNORED = 4, ALL = 8 };

static void attempt(int how) {
    static char stack[65536];
    fflush(stdout);
    if (!fork()) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
        struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_ONSTACK};
        if (how & HANDLED) action.sa_handler = handler;
        if (how & IGNORED) action.sa_handler = SIG_IGN;
        sigaction(SIGSEGV, &action, NULL);
        sigset_t all;
        sigfillset(&all);
        if (how & BLOCKED) sigprocmask(SIG_BLOCK, &all, NULL);
        __asm__ volatile("mov $16, %%rsp\nmov $15, %%eax\nsyscall" : : : "memory");
        _exit(99);
    }
    int status;
    wait(&status);
    printf("%d: exit %d, signal %d\n", how, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void) {
    for (int how = 0; how < ALL; how++) attempt(how);
}

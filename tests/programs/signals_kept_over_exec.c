// What is blocked, ignored and pending is so in the program that is executed, too, and in one whose
// execve(2) has failed; handlers and alternate stacks are not (P19, P24).
// Expect: exit 0
// Record: 502 2 times, execve
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "parts/code.h"
#include "parts/raw.h"

static void show(const char *when) {
    sigset_t mask, waiting;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigpending(&waiting);
    printf("%s: not blocked", when);
    for (int signal = 1; signal < 65; signal++)
        if (sigismember(&mask, signal) == 0) printf(" %d", signal);
    printf(", pending");
    for (int signal = 1; signal < 65; signal++)
        if (sigismember(&waiting, signal) == 1) printf(" %d", signal);
    printf(", not default");
    for (int signal = 1; signal < 65; signal++) {
        struct sigaction now;
        if (sigaction(signal, NULL, &now) == 0 && now.sa_handler != SIG_DFL)
            printf(" %d%s", signal, now.sa_handler == SIG_IGN ? "" : " handled");
    }
    stack_t stack;
    sigaltstack(NULL, &stack);
    printf(", stack %d\n", stack.ss_flags);
    fflush(stdout);
}

static void handler(int signal) { (void)signal; }

int main(int argc, char **argv) {
    sigset_t all;
    sigfillset(&all);
    if (argc > 1) {
        show("executed");
        // New code, whose calls take the slowest way.
        unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        write_call(code, 502);
        mprotect(code, 4096, PROT_READ | PROT_EXEC);
        run(code);
        siginfo_t info;
        while (memset(&info, 0, sizeof info), sigtimedwait(&all, &info, &(struct timespec){0, 0}) > 0)
            printf("%d code %d value %d, mine %d\n", info.si_signo, info.si_code, info.si_value.sival_int,
                   info.si_pid == getpid());
        raw(SYS_kill, getpid(), SIGBUS);
        show("at last");
        return 0;
    }
    static char stack[65536];
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    signal(SIGUSR2, handler);
    signal(SIGSEGV, handler);
    signal(SIGSYS, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigprocmask(SIG_BLOCK, &all, NULL);
    sigqueue(getpid(), SIGSEGV, (union sigval){.sival_int = 5});
    raw(SYS_tgkill, getpid(), getpid(), SIGILL);
    raw(SYS_kill, getpid(), SIGUSR1);
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 6});
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 7});
    show("before");
    raw(502);
    execl("/nowhere/at/all", "nowhere", (char *)NULL);
    printf("%s\n", strerror(errno));
    show("failed");
    execl(argv[0], argv[0], "again", (char *)NULL);
}

// sigwait, sigwaitinfo and sigtimedwait take signals, the trap signals too (P19).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "parts/raw.h"

int main(void) {
    int signals[] = {SIGUSR1, SIGILL, SIGSYS, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE};
    int count = sizeof signals / sizeof *signals;
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < count; i++) {
        int got = 0;
        siginfo_t info;
        kill(getpid(), signals[i]);
        printf("%d: sigwait %d", signals[i], sigwait(&set, &got));
        printf(" %d", got);
        kill(getpid(), signals[i]);
        printf(", sigwaitinfo %d", sigwaitinfo(&set, &info));
        printf(" mine %d", info.si_pid == getpid());
        sigqueue(getpid(), signals[i], (union sigval){.sival_int = 12});
        printf(", sigtimedwait %d", sigtimedwait(&set, &info, &(struct timespec){1, 0}));
        printf(" value %d\n", info.si_value.sival_int);
    }
    printf("nothing left: %d\n", sigtimedwait(&set, NULL, &(struct timespec){0, 0}));
    raw(502);
}

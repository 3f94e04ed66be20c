// What a handler is told: number, code, sender, value; who may be interrupted; in which order (P19).
// Expect: exit 0
// Record: 502 5 times
// Build: gcc -O1
// Build: gcc -O1 -static
// Build: musl-gcc -O1
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static int count;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)context;
    char line[200];
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    int sender = info->si_code <= 0 ? info->si_pid == getpid() : -1;
    int value = info->si_code == SI_QUEUE ? info->si_value.sival_int : -1;
    int length = snprintf(line, sizeof line, "signal %d code %d mine %d value %d own blocked %d USR2 blocked %d\n",
                          signal, info->si_code, sender, value, sigismember(&mask, signal),
                          sigismember(&mask, SIGUSR2));
    write(1, line, length);
    count++;
    raw(502);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO}, old;
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGRTMIN + 3, &action, NULL);
    sigaction(SIGUSR1, NULL, &old);
    printf("same handler %d, flags %x, USR2 in mask %d, ILL in mask %d\n", old.sa_sigaction == handler,
           old.sa_flags & ~0x04000000, sigismember(&old.sa_mask, SIGUSR2), sigismember(&old.sa_mask, SIGILL));
    fflush(stdout);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1);
    sigset_t block, was;
    sigemptyset(&block);
    sigaddset(&block, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &block, &was);
    for (int i = 0; i < 3; i++) sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = i});
    sigset_t pending;
    sigpending(&pending);
    printf("pending %d, before %d\n", sigismember(&pending, SIGRTMIN + 3), count);
    fflush(stdout);
    sigprocmask(SIG_SETMASK, &was, NULL);
    printf("after %d\n", count);
}

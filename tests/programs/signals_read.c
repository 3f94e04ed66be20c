// signalfd takes signals, SIGTRAP too (P19).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "parts/raw.h"

int main(void) {
    int signals[] = {SIGUSR1, SIGTRAP, SIGFPE, SIGCHLD, SIGRTMIN + 1};
    int count = sizeof signals / sizeof *signals;
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int descriptor = signalfd(-1, &set, SFD_NONBLOCK);
    for (int i = 0; i < count; i++) {
        struct signalfd_siginfo info;
        struct pollfd ready = {.fd = descriptor, .events = POLLIN};
        sigqueue(getpid(), signals[i], (union sigval){.sival_int = 12});
        printf("%d: poll %d", signals[i], poll(&ready, 1, 1000));
        long size = read(descriptor, &info, sizeof info);
        printf(", read %ld, signal %d, value %d\n", size, info.ssi_signo, info.ssi_int);
    }
    struct signalfd_siginfo info;
    printf("nothing left: %ld\n", (long)read(descriptor, &info, sizeof info));
    raw(502);
}

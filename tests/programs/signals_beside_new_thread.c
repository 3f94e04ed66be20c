// A process sends to itself what its first thread has blocked, while another thread is being made that handles
// other signals: it waits from then on, whichever of the two the kernel meets first (P19).
// Expect: exit 0
// Record: 502 2000 times
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "parts/raw.h"

enum { ROUNDS = 2000 };

static volatile int over;

static void ignore(int signal) { (void)signal; }

static void *handle(void *argument) {
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
    while (!over) pthread_kill(pthread_self(), SIGUSR1);
    return argument;
}

int main(void) {
    sigset_t all, sent;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGUSR1, ignore);
    int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS}, missing = 0, others = 0;
    sigemptyset(&sent);
    for (int i = 0; i < 4; i++) sigaddset(&sent, signals[i]);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t thread;
        over = 0;
        pthread_create(&thread, NULL, handle, NULL);
        for (volatile int i = 0; i < round % 50 * 1000;) i++;
        for (int i = 0; i < 4; i++) {
            sigqueue(getpid(), signals[i], (union sigval){.sival_int = round});
            sigset_t pending;
            sigpending(&pending);
            if (!sigismember(&pending, signals[i])) missing++;
            siginfo_t info;
            if (sigtimedwait(&sent, &info, &(struct timespec){0, 0}) != signals[i] || info.si_value.sival_int != round)
                others++;
        }
        over = 1;
        pthread_join(thread, NULL);
        raw(502);
    }
    printf("not pending %d, not received %d\n", missing, others);
}

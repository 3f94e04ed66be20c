// Several signals wait and are let through at once: in the kernel's order, faults' signals first, then by
// number, realtime signals of one number as they were sent; to the process, to the thread; whether a handler lets
// others interrupt it or not; in one thread and beside another (P19).
// Expect: exit 0
// Record: 502 72 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "parts/raw.h"

enum { OPEN, ALL_BLOCKED, FAULTS_BLOCK_REALTIME, KINDS };
enum { BY_MASK, BY_SUSPEND, BY_POLL, WAYS };

static const char *kinds[] = {"interruptible", "one after the other", "realtime after faults"};
static const char *ways[] = {"sigprocmask", "sigsuspend", "ppoll"};
static sigset_t all, none, realtime;
static volatile int count;
static struct {
    int signal, value, mine;
} seen[64];

// Begun in this order; those that may be interrupted end in the opposite one.
static void handler(int signal, siginfo_t *info, void *context) {
    (void)context;
    int mine = count++;
    seen[mine].signal = signal;
    seen[mine].value = info->si_value.sival_int;
    seen[mine].mine = info->si_pid == getpid();
}

static int to_thread;

static void queue(int signal, int value) {
    if (to_thread) pthread_sigqueue(pthread_self(), signal, (union sigval){.sival_int = value});
    else sigqueue(getpid(), signal, (union sigval){.sival_int = value});
}

static void send_all(int some) {
    int plain[] = {SIGTERM, SIGSEGV, SIGUSR1, SIGBUS, SIGHUP};
    for (int i = 0; i < 4; i++) queue(SIGRTMIN + 1, i);
    for (int i = 0; i < 5; i++)
        if (!some || plain[i] == SIGSEGV) queue(plain[i], 10 + i);
    for (int i = 4; i < 8; i++) queue(SIGRTMIN + 1, i);
    for (int i = 0; i < 3; i++) queue(SIGRTMIN, 20 + i);
}

static void try(int kind, int way, int some) {
    int signals[] = {SIGTERM, SIGSEGV, SIGUSR1, SIGBUS, SIGHUP, SIGRTMIN, SIGRTMIN + 1};
    for (int i = 0; i < 7; i++) {
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
        if (kind == ALL_BLOCKED) action.sa_mask = all;
        if (kind == FAULTS_BLOCK_REALTIME && (signals[i] == SIGSEGV || signals[i] == SIGBUS)) action.sa_mask = realtime;
        sigaction(signals[i], &action, NULL);
    }
    count = 0;
    send_all(some);
    if (way == BY_MASK) sigprocmask(SIG_SETMASK, &none, NULL);
    if (way == BY_SUSPEND) sigsuspend(&none);
    if (way == BY_POLL) ppoll(NULL, 0, NULL, &none);
    sigprocmask(SIG_SETMASK, &all, NULL);
    printf("%s, %s:", kinds[kind], ways[way]);
    for (int i = 0; i < count; i++) printf(" %d/%d%s", seen[i].signal, seen[i].value, seen[i].mine ? "" : "?");
    printf(" and then");
    siginfo_t info;
    while (sigtimedwait(&all, &info, &(struct timespec){0, 0}) > 0)
        printf(" %d/%d", info.si_signo, info.si_value.sival_int);
    printf("\n");
    raw(502);
}

static void attempt_all(void) {
    for (int kind = 0; kind < KINDS; kind++)
        for (int way = 0; way < WAYS; way++)
            for (int how = 0; how < 4; how++) to_thread = how / 2, try(kind, way, how % 2);
}

static volatile int over;

static void *other(void *argument) {
    while (!over) poll(NULL, 0, 1);
    return argument;
}

int main(void) {
    sigfillset(&all);
    sigemptyset(&none);
    sigemptyset(&realtime);
    sigaddset(&realtime, SIGRTMIN);
    sigaddset(&realtime, SIGRTMIN + 1);
    sigprocmask(SIG_SETMASK, &all, NULL);
    attempt_all();
    pthread_t thread;
    pthread_create(&thread, NULL, other, NULL);
    attempt_all();
    over = 1;
    pthread_join(thread, NULL);
}

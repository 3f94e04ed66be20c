// A thread of real-time priority makes calls that the runtime has a part in, on the processor where one
// without is just making such calls: it does not wait for what cannot run before it (P11).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include "parts/raw.h"

static atomic_int done;

static void call(void) {
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
}

static void *urgent(void *argument) {
    // Not permitted to everybody; without it the test shows less.
    struct sched_param priority = {.sched_priority = 1};
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
    for (int round = 0; round < 300; round++) {
        nanosleep(&(struct timespec){.tv_nsec = 50000 + round * 100}, NULL);
        call();
    }
    done = 1;
    return argument;
}

int main(void) {
    cpu_set_t processors;
    sched_getaffinity(0, sizeof processors, &processors);
    for (int one = 0, found = 0; one < CPU_SETSIZE; one++) {
        if (!CPU_ISSET(one, &processors)) continue;
        if (found) CPU_CLR(one, &processors);
        found = 1;
    }
    sched_setaffinity(0, sizeof processors, &processors);
    pthread_t thread;
    pthread_create(&thread, NULL, urgent, NULL);
    while (!done) call();
    pthread_join(thread, NULL);
    raw(502);
    puts("done");
    return 0;
}

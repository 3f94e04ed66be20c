// Threads that write and read are cancelled at any moment. In musl, a call that is cancelled has had no effect,
// which it tells from where the signal has found the thread: what a pipe holds is what was counted (P26).
// Expect: exit 0
// Record: 502 400 times
// Build: musl-gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
// Limit: 60 s
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "parts/raw.h"

enum { TIMES = 200 };
static int ends[2];
static char rest[65536];
static volatile long counted, cleaned, started;

static void cleanup(void *argument) {
    (void)argument;
    cleaned++;
}

static void *writer(void *argument) {
    pthread_cleanup_push(cleanup, NULL);
    started = 1;
    for (;;)
        if (write(ends[1], "x", 1) == 1) counted++;
    pthread_cleanup_pop(0);
    return argument;
}

static void *reader(void *argument) {
    char byte;
    pthread_cleanup_push(cleanup, NULL);
    started = 1;
    for (;;)
        if (read(ends[0], &byte, 1) == 1) counted++;
    pthread_cleanup_pop(0);
    return argument;
}

int main(void) {
    int wrong = 0, unfilled = 0, cancelled = 0;
    pipe(ends);
    for (int i = 0; i < 2 * TIMES; i++) {
        pthread_t thread;
        int before, after;
        void *result;
        if (i % 2) write(ends[1], rest, 50000);
        ioctl(ends[0], FIONREAD, &before);
        counted = started = 0;
        pthread_create(&thread, NULL, i % 2 ? reader : writer, NULL);
        while (!started) sched_yield();
        for (volatile int wait = i * 37 % 5000; wait; wait--) {}
        pthread_cancel(thread);
        pthread_join(thread, &result);
        cancelled += result == PTHREAD_CANCELED;
        raw(502);
        ioctl(ends[0], FIONREAD, &after);
        if (after - before != (i % 2 ? -counted : counted)) wrong++;
        if (wrong && wrong < 5 && !unfilled++) printf("%d: %d before, %d after, counted %ld\n", i, before, after, (long)counted);
        if (after) read(ends[0], rest, sizeof rest);
    }
    printf("cancelled %d, cleaned %ld, wrong %d\n", cancelled, (long)cleaned, wrong);
}

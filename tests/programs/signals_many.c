// A timer storm while calls are made: none is lost, none made twice (P20).
// Expect: exit 0, stdout "written and read: 20000\nsignals: 1"
// Record: 502 once
// Build: gcc -O1
// Limit: 60 s
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include "parts/raw.h"

static volatile int signals;

static void handler(int signal) {
    (void)signal;
    signals++;
    raw(SYS_getppid);
}

int main(void) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {{0, 300}, {0, 300}};
    setitimer(ITIMER_REAL, &timer, NULL);
    int ends[2], passed = 0;
    pipe(ends);
    for (int i = 0; i < 20000; i++) {
        int value = i, got = -1;
        if (raw(SYS_write, ends[1], &value, 4) == 4 && raw(SYS_read, ends[0], &got, 4) == 4 && got == i) passed++;
    }
    timer = (struct itimerval){{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
    printf("written and read: %d\nsignals: %d\n", passed, signals > 0);
    raw(502);
}

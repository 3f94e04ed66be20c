// Calls that were stopped go on where they were: restart_syscall after SIGSTOP and SIGCONT (P19).
// Expect: exit 0, stdout "slept 0, long enough 1\npolled 0, long enough 1"
// Record: 502 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "parts/raw.h"

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(void) {
    pid_t child = fork();
    if (!child) {
        double start = now();
        int slept = nanosleep(&(struct timespec){0, 300000000}, NULL);
        double woken = now();
        int polled = poll(NULL, 0, 300);
        printf("slept %d, long enough %d\npolled %d, long enough %d\n", slept, woken - start >= 0.3, polled,
               now() - woken >= 0.3);
        raw(502);
        return 0;
    }
    for (int i = 0; i < 4; i++) {
        usleep(50000);
        kill(child, SIGSTOP);
        waitpid(child, NULL, WUNTRACED);
        usleep(10000);
        kill(child, SIGCONT);
    }
    waitpid(child, NULL, 0);
}

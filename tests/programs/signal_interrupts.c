// A blocked read is interrupted (EINTR), or goes on under SA_RESTART; sleeps and polls end with
// EINTR either way, and tell what is left (P19).
// Expect: exit 0
// Record: 502 6 times
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "parts/raw.h"

static int ends[2];
static volatile int write_after;

static void handler(int signal) {
    (void)signal;
    raw(502);
    // What was interrupted can go on only now.
    if (write_after) write(ends[1], "late", 4);
}

static void soon(void) {
    struct itimerval timer = {.it_value = {.tv_usec = 30000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void show(const char *what, long result) {
    printf("%s: %ld %s\n", what, result, result < 0 ? strerror(errno) : "");
}

int main(void) {
    char buffer[16];
    struct sigaction action = {.sa_handler = handler};
    pipe(ends);
    sigaction(SIGALRM, &action, NULL);
    soon();
    show("read", read(ends[0], buffer, 16));
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    write_after = 1;
    soon();
    show("read with SA_RESTART", read(ends[0], buffer, 16));
    write_after = 0;
    struct timespec wanted = {3, 0}, left = {0, 0};
    soon();
    show("nanosleep", nanosleep(&wanted, &left));
    int some = left.tv_sec < 3 && (left.tv_sec > 0 || left.tv_nsec > 0);
    printf("left %d\n", some);
    if (!some) printf("%ld s, %ld ns\n", (long)left.tv_sec, left.tv_nsec);
    struct pollfd descriptor = {.fd = ends[0], .events = POLLIN};
    soon();
    show("poll", poll(&descriptor, 1, 3000));
    int queue = epoll_create1(0);
    struct epoll_event event;
    soon();
    show("epoll_wait", epoll_wait(queue, &event, 1, 3000));
    soon();
    show("pause", pause());
}

// Signals that are ignored, or blocked, come again and again while calls wait for a time: these wait no
// longer for that than natively, nor shorter (P19, restart_syscall).
// Expect: exit 0
// Record: 502 2 times
// Build: gcc -O1
// Build: musl-gcc -O1 -static
// Limit: 60 s
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "parts/raw.h"

#define FUTEX_WAIT_PRIVATE 128 // musl has no linux/futex.h

static int ends[2], queue;
static sigset_t unused;
static struct timespec length = {0, 150000000};

static long by_nanosleep(void) { return nanosleep(&length, NULL); }
static long by_clock(void) { return -clock_nanosleep(CLOCK_MONOTONIC, 0, &length, NULL); }
static long by_poll(void) { return poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, 150); }
static long by_epoll(void) { return epoll_wait(queue, &(struct epoll_event){0}, 1, 150); }
static long by_epoll_pwait(void) { return epoll_pwait(queue, &(struct epoll_event){0}, 1, 150, NULL); }
static long by_futex(void) {
    unsigned word = 0;
    return raw(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &length);
}
static long by_select(void) {
    struct timeval time = {0, 150000};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    return select(ends[0] + 1, &set, NULL, NULL, &time);
}
static long by_ppoll(void) {
    return ppoll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, &length, NULL);
}
static long by_sigtimedwait(void) { return sigtimedwait(&unused, NULL, &length); }

static const struct {
    const char *name;
    long (*wait)(void);
} calls[] = {
    {"nanosleep", by_nanosleep}, {"clock_nanosleep", by_clock}, {"poll", by_poll},
    {"epoll_wait", by_epoll}, {"epoll_pwait", by_epoll_pwait}, {"futex", by_futex},
    {"select", by_select}, {"ppoll", by_ppoll}, {"sigtimedwait", by_sigtimedwait},
};

static void go_through(const char *how) {
    for (int i = 0; i < (int)(sizeof calls / sizeof *calls); i++) {
        struct timespec begun, ended;
        clock_gettime(CLOCK_MONOTONIC, &begun);
        errno = 0;
        long result = calls[i].wait();
        int error = errno;
        clock_gettime(CLOCK_MONOTONIC, &ended);
        long passed = (ended.tv_sec - begun.tv_sec) * 1000000000 + ended.tv_nsec - begun.tv_nsec;
        printf("%s, %s: %ld %s, long enough %d\n", how, calls[i].name, result, error ? strerror(error) : "",
               passed >= length.tv_nsec);
    }
    raw(502);
}

int main(void) {
    pipe(ends);
    queue = epoll_create1(0);
    epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &(struct epoll_event){.events = EPOLLIN});
    sigemptyset(&unused);
    sigaddset(&unused, SIGUSR2);
    sigprocmask(SIG_BLOCK, &unused, NULL);
    signal(SIGBUS, SIG_IGN);
    sigset_t segv;
    sigemptyset(&segv);
    sigaddset(&segv, SIGSEGV);
    sigprocmask(SIG_BLOCK, &segv, NULL);
    pid_t parent = getpid(), child = fork();
    if (!child) {
        // Far more often than a wait is long, and for as long as there is somebody.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (getppid() == parent) kill(parent, SIGSEGV), kill(parent, SIGBUS), usleep(20000);
        _exit(0);
    }
    go_through("blocked and ignored");
    signal(SIGSEGV, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &segv, NULL);
    go_through("ignored");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

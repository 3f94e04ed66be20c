// signalfd reports the signals that traps raise, when somebody sends them, by read, readv, poll, select and epoll;
// whichever thread waits, over fork and exec (P19).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1 -pthread
// Limit: 60 s
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGUSR1};
enum { COUNT = sizeof signals / sizeof *signals };
static sigset_t set;
static int descriptor;

static void show(const char *what, const struct signalfd_siginfo *info, long size) {
    printf("%s: read %ld, signal %d, code %d, value %d, mine %d\n", what, size, info->ssi_signo, info->ssi_code,
           info->ssi_int, (int)info->ssi_pid == getpid());
    fflush(stdout);
}

static void take(const char *what) {
    struct signalfd_siginfo info = {0};
    show(what, &info, read(descriptor, &info, sizeof info));
}

// Says when there is something, and sends what is to come.
static void *later(void *argument) {
    long i = (long)argument;
    usleep(20000); // most likely the other waits
    sigqueue(getpid(), signals[i], (union sigval){.sival_int = 50 + i});
    return NULL;
}

static void *reader(void *argument) {
    take("another thread");
    return argument;
}

// To pieces, none of which is a whole entry.
static void *reader_of_pieces(void *argument) {
    char first[5], second[100];
    struct signalfd_siginfo info = {0};
    struct {
        char rest[sizeof info - sizeof first - sizeof second];
    } third;
    struct iovec pieces[] = {{first, sizeof first}, {NULL, 0}, {second, sizeof second}, {&third, sizeof third}};
    long size = readv(descriptor, pieces, 4);
    char *to = (char *)&info;
    for (int i = 0; i < 4; i++) to = mempcpy(to, pieces[i].iov_base, pieces[i].iov_len);
    show("in pieces", &info, size);
    return argument;
}

int main(int argc, char **argv) {
    sigemptyset(&set);
    for (int i = 0; i < COUNT; i++) sigaddset(&set, signals[i]);
    if (argc > 1) {
        descriptor = atoi(argv[1]);
        take("executed");
        raise(SIGILL);
        take("raised");
        raw(502);
        return 0;
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    descriptor = signalfd(-1, &set, 0);
    int queue = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event);
    for (int i = 0; i < COUNT; i++) {
        struct pollfd one = {.fd = descriptor, .events = POLLIN};
        printf("%d: poll %d", signals[i], poll(&one, 1, 0));
        sigqueue(getpid(), signals[i], (union sigval){.sival_int = i});
        printf(", poll %d, ppoll %d", poll(&one, 1, 1000), ppoll(&one, 1, NULL, &set));
        fd_set some;
        FD_ZERO(&some);
        FD_SET(descriptor, &some);
        printf(", select %d", select(descriptor + 1, &some, NULL, NULL, NULL));
        printf(", pselect %d", pselect(descriptor + 1, &some, NULL, NULL, NULL, &set));
        printf(", epoll %d %d\n", epoll_wait(queue, &event, 1, 1000), epoll_pwait(queue, &event, 1, 1000, &set));
        take("at once");
    }
    struct signalfd_siginfo two[2];
    kill(getpid(), SIGBUS);
    raise(SIGSEGV);
    long size = readv(descriptor, &(struct iovec){two, sizeof two}, 1);
    printf("two at once: %ld\n", size);
    // To the process while both threads wait, in different ways.
    for (long i = 0; i < COUNT; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, later, (void *)i);
        take("waited for");
        pthread_join(thread, NULL);
        pthread_create(&thread, NULL, reader, NULL);
        usleep(20000);
        sigqueue(getpid(), signals[i], (union sigval){.sival_int = 70 + i});
        pthread_join(thread, NULL);
        pthread_create(&thread, NULL, reader_of_pieces, NULL);
        usleep(20000);
        sigqueue(getpid(), signals[i], (union sigval){.sival_int = 80 + i});
        pthread_join(thread, NULL);
    }
    // What only looks like a signal is somebody's data.
    int ends[2];
    struct signalfd_siginfo alike = {.ssi_signo = SIGSYS, .ssi_code = SI_QUEUE, .ssi_int = 0x5ea1100c, .ssi_ptr = 0x5ea1100c};
    pipe(ends);
    write(ends[1], &alike, sizeof alike);
    size = read(ends[0], two, sizeof *two);
    printf("data: %ld, the same %d\n", size, !memcmp(two, &alike, sizeof alike));
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    take("nothing");
    sigqueue(getpid(), SIGSYS, (union sigval){.sival_int = 90});
    fflush(stdout);
    if (!fork()) {
        take("in a child");
        _exit(0);
    }
    wait(NULL);
    char number[20];
    snprintf(number, sizeof number, "%d", descriptor);
    execl(argv[0], argv[0], number, (char *)NULL);
}

// What waits for the process can be read by any thread, and is seen by sigpending, while another thread is in
// a call that might have read it (P19).
// Expect: exit 0
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
// Limit: 60 s
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGUSR1};
enum { COUNT = sizeof signals / sizeof *signals };
enum { READ, POLL, SELECT, EPOLL, KINDS };
static const char *names[] = {"read", "poll", "select", "epoll_wait"};

static int kind, ends[2], number;

static void *waiting(void *argument) {
    char byte;
    struct pollfd one = {.fd = ends[0], .events = POLLIN};
    struct epoll_event event = {.events = EPOLLIN};
    fd_set set;
    number = gettid();
    switch (kind) {
    case POLL:
        poll(&one, 1, -1);
        break;
    case SELECT:
        FD_ZERO(&set);
        FD_SET(ends[0], &set);
        select(ends[0] + 1, &set, NULL, NULL, NULL);
        break;
    case EPOLL: {
        int queue = epoll_create1(0);
        epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &event);
        epoll_wait(queue, &event, 1, -1);
        close(queue);
        break;
    }
    }
    read(ends[0], &byte, 1);
    return argument;
}

static void await_sleep(void) {
    char path[40], state = 0;
    while (!number) usleep(100);
    sprintf(path, "/proc/self/task/%d/stat", number);
    while (state != 'S') {
        usleep(1000);
        FILE *file = fopen(path, "r");
        if (fscanf(file, "%*d %*[^)]) %c", &state) != 1) state = 0;
        fclose(file);
    }
    usleep(2000);
}

static void attempt(int signal) {
    pthread_t thread;
    sigset_t one, waits;
    siginfo_t info = {0};
    struct signalfd_siginfo entry = {0};
    sigemptyset(&one);
    sigaddset(&one, signal);
    int descriptor = signalfd(-1, &one, SFD_NONBLOCK);
    struct pollfd readable = {.fd = descriptor, .events = POLLIN};
    // It waits before the other thread does.
    sigqueue(getpid(), signal, (union sigval){.sival_int = 17});
    number = 0;
    pthread_create(&thread, NULL, waiting, NULL);
    await_sleep();
    sigpending(&waits);
    printf(" %d", sigismember(&waits, signal) && poll(&readable, 1, 0) == 1);
    printf("%d", read(descriptor, &entry, sizeof entry) == sizeof entry && entry.ssi_int == 17);
    sigpending(&waits);
    printf("%d", sigismember(&waits, signal));
    // It comes while the other thread waits.
    kill(getpid(), signal);
    printf("%d", sigtimedwait(&one, &info, &(struct timespec){5, 0}) == signal && info.si_code == SI_USER);
    sigqueue(getpid(), signal, (union sigval){.sival_int = 18});
    printf("%d", read(descriptor, &entry, sizeof entry) == sizeof entry && entry.ssi_int == 18);
    write(ends[1], "x", 1);
    pthread_join(thread, NULL);
    close(descriptor);
}

int main(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    pipe(ends);
    for (kind = 0; kind < KINDS; kind++) {
        printf("beside %s:", names[kind]);
        for (int i = 0; i < COUNT; i++) attempt(signals[i]);
        printf("\n");
    }
}

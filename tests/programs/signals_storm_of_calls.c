// Storms of timer signals while a program makes calls of all kinds: files, pipes, sockets, memory,
// processes, waits with and without a limit. Each call does what it says, once; with SA_RESTART, those
// that wait begin again, and without, they say EINTR and have done nothing (P19, P20).
// Expect: exit 0
// Record: 502 2 times, sendmsg
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -static
// Limit: 90 s
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "parts/raw.h"

static volatile int signals[3], depth, deepest;
static int restarts, wrong, interrupted;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)context;
    int saved = errno;
    if (++depth > deepest) deepest = depth;
    int which = signal == SIGALRM ? 0 : signal == SIGPROF ? 1 : 2;
    signals[which]++;
    if (which == 2 && (info->si_code != SI_TIMER || info->si_value.sival_int != 77)) wrong++;
    raw(SYS_getppid);
    depth--;
    errno = saved;
}

static void check(int holds, const char *what) {
    if (holds) return;
    wrong++;
    if (wrong < 20) printf("wrong: %s (%s)\n", what, strerror(errno));
}

// A call that may be interrupted: without SA_RESTART it is made again here.
#define AGAIN(call)                                                                                    \
    ({                                                                                                 \
        long result_;                                                                                  \
        while ((result_ = (call)) < 0 && errno == EINTR) check(!restarts, #call), interrupted++;      \
        result_;                                                                                       \
    })
// One that signal(7) lets end with EINTR in either case.
#define EVER(call)                                                                                     \
    ({                                                                                                 \
        long result_;                                                                                  \
        while ((result_ = (call)) < 0 && errno == EINTR) interrupted++;                                \
        result_;                                                                                       \
    })

static void files(int round) {
    char name[40], text[4000], back[4000];
    snprintf(name, sizeof name, "file%d", round % 7);
    for (int i = 0; i < 4000; i++) text[i] = (char)(round + i);
    int file = AGAIN(open(name, O_RDWR | O_CREAT | O_TRUNC, 0600));
    check(file >= 0, "open");
    check(AGAIN(write(file, text, 4000)) == 4000, "write");
    check(lseek(file, 0, SEEK_CUR) == 4000, "written twice or not at all");
    check(AGAIN(pread(file, back, 4000, 0)) == 4000 && !memcmp(text, back, 4000), "pread");
    struct iovec parts[2] = {{back, 1000}, {back + 1000, 3000}};
    memset(back, 0, 4000);
    check(lseek(file, 0, SEEK_SET) == 0 && AGAIN(readv(file, parts, 2)) == 4000, "readv");
    check(!memcmp(text, back, 4000), "what was read");
    struct stat status;
    check(!AGAIN(ftruncate(file, 100)) && !fstat(file, &status) && status.st_size == 100, "ftruncate");
    check(!close(file), "close");
    check(!rename(name, "other") && access(name, F_OK) < 0 && errno == ENOENT, "rename");
    check(!unlink("other"), "unlink");
}

static void memory(int round) {
    size_t size = 4096 * (1 + round % 5);
    char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(page != MAP_FAILED, "mmap");
    page[size - 1] = 7;
    char *moved = mremap(page, size, size + 4096, MREMAP_MAYMOVE);
    check(moved != MAP_FAILED && moved[size - 1] == 7, "mremap");
    check(!mprotect(moved, size, PROT_READ), "mprotect");
    check(!munmap(moved, size + 4096), "munmap");
}

static void pipes(int ends[2], int round) {
    char text[512], back[512];
    memset(text, round, 512);
    check(AGAIN(write(ends[1], text, 512)) == 512, "write to a pipe");
    check(AGAIN(read(ends[0], back, 512)) == 512 && !memcmp(text, back, 512), "read from a pipe");
}

static void sockets(int pair[2], int round) {
    int value = round, got = -1;
    struct iovec part = {&value, 4};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    check(AGAIN(sendmsg(pair[0], &message, 0)) == 4, "sendmsg");
    check(AGAIN(recv(pair[1], &got, 4, 0)) == 4 && got == round, "recv");
    check(recv(pair[1], &got, 4, MSG_DONTWAIT) < 0 && errno == EAGAIN, "one message, twice");
}

// A child that writes and ends while its parent waits for both.
static void processes(int round) {
    int ends[2], status, got = -1;
    check(!pipe(ends), "pipe");
    pid_t child = AGAIN(fork());
    if (!child) {
        struct timespec moment = {0, 1000000};
        while (nanosleep(&moment, &moment) < 0) continue;
        if (AGAIN(write(ends[1], &round, 4)) != 4) _exit(99);
        _exit(round % 50);
    }
    check(child > 0, "fork");
    check(AGAIN(read(ends[0], &got, 4)) == 4 && got == round, "what a child wrote");
    check(AGAIN(waitpid(child, &status, 0)) == child, "waitpid");
    check(WIFEXITED(status) && WEXITSTATUS(status) == round % 50, "how it ended");
    check(waitpid(child, &status, 0) < 0 && errno == ECHILD, "waited for twice");
    close(ends[0]), close(ends[1]);
}

static long since(const struct timespec *begun) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - begun->tv_sec) * 1000000000 + now.tv_nsec - begun->tv_nsec;
}

// Calls that wait for a time: not shorter than that, whoever begins them again.
static void waits(int ends[2], int queue) {
    struct timespec begun, left = {0, 3000000};
    clock_gettime(CLOCK_MONOTONIC, &begun);
    while (nanosleep(&left, &left) < 0) check(errno == EINTR, "nanosleep"), interrupted++;
    check(since(&begun) >= 3000000, "nanosleep too short");
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 2000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    int error;
    while ((error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL)) == EINTR) interrupted++;
    check(!error && since(&until) >= 0, "clock_nanosleep");
    struct pollfd one = {.fd = ends[0], .events = POLLIN};
    struct epoll_event event;
    check(EVER(poll(&one, 1, 0)) == 0, "poll of nothing");
    check(AGAIN(write(ends[1], "x", 1)) == 1, "write");
    check(EVER(poll(&one, 1, 1000)) == 1, "poll");
    check(EVER(epoll_wait(queue, &event, 1, 1000)) == 1, "epoll_wait");
    char byte;
    check(AGAIN(read(ends[0], &byte, 1)) == 1, "read");
    sigset_t none;
    sigemptyset(&none);
    check(sigsuspend(&none) < 0 && errno == EINTR, "sigsuspend");
}

static void storm(int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGPROF, &action, NULL);
    sigaction(SIGRTMIN, &action, NULL);
    restarts = flags & SA_RESTART;
    int ends[2], pair[2];
    check(!pipe(ends) && !socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), "pipe, socketpair");
    int queue = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    check(!epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &event), "epoll_ctl");
    struct itimerval often = {{0, 700}, {0, 700}}, off = {{0, 0}, {0, 0}};
    struct itimerspec oftener = {{0, 500000}, {0, 500000}};
    struct sigevent queued = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77};
    timer_t timer;
    check(!timer_create(CLOCK_MONOTONIC, &queued, &timer), "timer_create");
    setitimer(ITIMER_REAL, &often, NULL);
    setitimer(ITIMER_PROF, &often, NULL);
    timer_settime(timer, 0, &oftener, NULL);
    for (int round = 0; round < 300; round++) {
        files(round);
        memory(round);
        for (int i = 0; i < 10; i++) pipes(ends, round), sockets(pair, round);
        if (round % 10 == 0) processes(round), waits(ends, queue);
    }
    timer_delete(timer);
    setitimer(ITIMER_REAL, &off, NULL);
    setitimer(ITIMER_PROF, &off, NULL);
    close(ends[0]), close(ends[1]), close(pair[0]), close(pair[1]), close(queue);
    raw(502);
}

int main(void) {
    setbuf(stdout, NULL);
    storm(SA_RESTART);
    printf("restarted: wrong %d\n", wrong);
    storm(SA_NODEFER);
    printf("interrupted: wrong %d, signals %d %d, interrupted %d\n", wrong, signals[0] > 0, signals[2] > 0,
           interrupted > 0);
}

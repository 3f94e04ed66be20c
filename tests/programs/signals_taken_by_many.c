// Several threads read one signalfd at once, in calls that wait and calls that do not, or are in sigtimedwait,
// while somebody sends signals to the process and to threads: each signal is taken once, as it was sent, and
// what is sent to a thread by that one (P19).
// Expect: exit 0
// Record: 502 4 times
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
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "parts/raw.h"

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGUSR1};
enum { COUNT = sizeof signals / sizeof *signals, READERS = 4, ROUNDS = 60 };
enum { BY_READ, BY_READV, BY_POLL, BY_WAIT, KINDS };

static const char *names[] = {"read", "readv", "poll", "sigtimedwait"};
static sigset_t set;
static int descriptor, kind, numbers[READERS];
static volatile int over, seen, wrong, ready;
static volatile struct {
    int times, code, value, reader;
} got[65];

static void note(const struct signalfd_siginfo *info, long size, int reader) {
    if (info->ssi_signo == SIGURG) return; // to end with
    if (size != sizeof *info || info->ssi_signo > 64) {
        wrong++;
        return;
    }
    __atomic_add_fetch(&got[info->ssi_signo].times, 1, __ATOMIC_SEQ_CST);
    got[info->ssi_signo].code = info->ssi_code;
    got[info->ssi_signo].value = info->ssi_code == SI_QUEUE ? info->ssi_int : 0;
    got[info->ssi_signo].reader = reader;
    __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST);
}

static void *reader(void *argument) {
    numbers[(long)argument] = gettid();
    __atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
    while (!over) {
        struct signalfd_siginfo info = {0};
        struct pollfd one = {.fd = descriptor, .events = POLLIN};
        if (kind == BY_POLL) poll(&one, 1, 1000);
        if (kind == BY_WAIT) {
            siginfo_t taken; // as the kernel gives it, which libc changes
            long signal = raw(SYS_rt_sigtimedwait, &set, &taken, 0, 8);
            if (signal == -EINTR) continue; // it wakes several at times
            info.ssi_signo = signal;
            info.ssi_code = taken.si_code;
            info.ssi_int = taken.si_value.sival_int;
            note(&info, sizeof info, (long)argument);
            continue;
        }
        struct iovec parts[2] = {{&info, 10}, {(char *)&info + 10, sizeof info - 10}};
        long size = kind == BY_READV ? readv(descriptor, parts, 2) : read(descriptor, &info, sizeof info);
        if (size < 0 && errno == EAGAIN && kind == BY_POLL) continue; // somebody was faster
        note(&info, size, (long)argument);
    }
    return NULL;
}

static void await(int wanted) {
    for (int i = 0; seen < wanted && i < 50000; i++) usleep(100);
}

static void check(int signal, int code, int value, int who) {
    if (got[signal].times == 1 && got[signal].code == code && got[signal].value == value &&
        (who < 0 || got[signal].reader == who)) {
        got[signal].times = 0;
        return;
    }
    if (wrong++ < 5)
        printf("%d: %d times, code %d, value %d, by %d, wanted code %d, value %d, by %d\n", signal,
               got[signal].times, got[signal].code, got[signal].value, got[signal].reader, code, value, who);
    got[signal].times = 0;
}

// Whether something that was sent to a thread has not come yet.
static int any_waits(int thread) {
    char path[64], line[256];
    int any = 1;
    snprintf(path, sizeof path, "/proc/self/task/%d/status", thread);
    FILE *file = fopen(path, "r");
    while (fgets(line, sizeof line, file))
        if (!strncmp(line, "SigPnd:", 7)) any = strtoull(line + 7, NULL, 16) != 0;
    fclose(file);
    return any;
}

static void attempt(int how) {
    pthread_t threads[READERS];
    kind = how;
    over = seen = ready = 0;
    fcntl(descriptor, F_SETFL, kind == BY_POLL ? O_NONBLOCK : 0);
    for (long i = 0; i < READERS; i++) pthread_create(&threads[i], NULL, reader, (void *)i);
    while (ready < READERS) usleep(100);
    int sent = 0;
    for (int round = 0; round < ROUNDS; round++) {
        if (round % 3 == 0) usleep(2000); // most likely all wait
        // One after the other, to the process.
        for (int i = 0; i < COUNT; i++) {
            sigqueue(getpid(), signals[i], (union sigval){.sival_int = 1 + round});
            await(++sent);
            check(signals[i], SI_QUEUE, 1 + round, -1);
        }
        // All at once.
        for (int i = 0; i < COUNT; i++) sigqueue(getpid(), signals[i], (union sigval){.sival_int = 100 + i});
        await(sent += COUNT);
        for (int i = 0; i < COUNT; i++) check(signals[i], SI_QUEUE, 100 + i, -1);
        // To one of them: nobody else reads it. One that polls is not woken for it, and looks a second later.
        if (kind == BY_POLL) continue;
        for (int i = 0; i < COUNT; i++) {
            int who = (round + i) % READERS;
            while (any_waits(numbers[who])) usleep(100);
            if (i % 2) pthread_kill(threads[who], signals[i]);
            else pthread_sigqueue(threads[who], signals[i], (union sigval){.sival_int = 200 + i});
            await(++sent);
            check(signals[i], i % 2 ? SI_TKILL : SI_QUEUE, i % 2 ? 0 : 200 + i, who);
        }
    }
    over = 1;
    for (int i = 0; i < READERS; i++) pthread_kill(threads[i], SIGURG);
    for (int i = 0; i < READERS; i++) pthread_join(threads[i], NULL);
    printf("%s: %d of %d, wrong %d\n", names[kind], seen, sent, wrong);
    fflush(stdout);
    raw(502);
}

int main(void) {
    sigemptyset(&set);
    for (int i = 0; i < COUNT; i++) sigaddset(&set, signals[i]);
    sigaddset(&set, SIGURG);
    sigprocmask(SIG_BLOCK, &set, NULL);
    descriptor = signalfd(-1, &set, 0);
    for (int how = 0; how < KINDS; how++) attempt(how);
}

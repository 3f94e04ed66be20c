// Each signal that the process, or one of its threads, is sent is taken exactly once, with the value that it was sent
// with, however the threads wait for it, and though none of them waits for long (P17).
// Expect: exit 0, stdout "taken 4000, right 4000"
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
// Limit: 60 s
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, TIMES = 1000 };

static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGUSR1, 40};
static sigset_t all, none;
static atomic_int taken, right, sent;
static int descriptor;
static atomic_bool over;
static atomic_int tids[THREADS];

static void took(int value) {
    right += value == sent;
    taken++;
}

static void handler(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    took(info->si_value.sival_int);
}

static unsigned at_random(unsigned *state) {
    return (*state = *state * 1664525 + 1013904223) >> 12;
}

static void compute(unsigned length) {
    for (volatile unsigned i = 0; i < length; i++);
}

static void read_one(int count) {
    struct signalfd_siginfo entry;
    if (count > 0 && read(descriptor, &entry, sizeof entry) == sizeof entry)
        took(entry.ssi_int);
}

static void *wait_somehow(void *self) {
    unsigned state = (unsigned)(long)self * 7919 + getpid();
    tids[(long)self] = syscall(SYS_gettid);
    while (!over) {
        unsigned length = at_random(&state) % 20000;
        struct timespec time = {0, length * 15};
        struct pollfd readable = {descriptor, POLLIN, 0};
        siginfo_t info;
        switch (at_random(&state) % 10) {
        case 0:
            pthread_sigmask(SIG_UNBLOCK, &all, NULL);
            compute(length);
            break;
        case 1:
            pthread_sigmask(SIG_UNBLOCK, &all, NULL);
            nanosleep(&time, NULL);
            break;
        case 2:
            pthread_sigmask(SIG_UNBLOCK, &all, NULL);
            for (int i = 0; i < 50; i++) getppid();
            break;
        case 3:
            if (sigtimedwait(&all, &info, &time) > 0) took(info.si_value.sival_int);
            break;
        case 4:
            ppoll(NULL, 0, &time, &none);
            break;
        case 5:
            pselect(0, NULL, NULL, NULL, &time, &none);
            break;
        case 6:
            read_one(poll(&readable, 1, 1));
            break;
        case 7:
            read_one(ppoll(&readable, 1, &time, NULL));
            break;
        case 8:
            compute(length);
            break;
        case 9:
            nanosleep(&time, NULL);
            break;
        }
        pthread_sigmask(SIG_BLOCK, &all, NULL);
    }
    return NULL;
}

static int send(int to, int number, int value) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = SI_QUEUE;
    info.si_value.sival_int = value;
    info.si_pid = getpid();
    info.si_uid = getuid();
    if (to == 0)
        return syscall(SYS_rt_sigqueueinfo, getpid(), number, &info);
    return syscall(SYS_rt_tgsigqueueinfo, getpid(), to, number, &info);
}

static void round_of(int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags, .sa_mask = all};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
    pthread_t threads[THREADS];
    over = false;
    for (long i = 0; i < THREADS; i++) {
        tids[i] = 0;
        pthread_create(&threads[i], NULL, wait_somehow, (void *)i);
    }
    unsigned state = 1;
    for (int i = 0; i < TIMES; i++) {
        int number = numbers[at_random(&state) % 6];
        int to = at_random(&state) % (2 * THREADS);
        while (to < THREADS && tids[to] == 0) usleep(20);
        int before = taken;
        sent++;
        send(to < THREADS ? tids[to] : 0, number, sent);
        while (taken == before) usleep(20);
    }
    usleep(2000); // for what is taken twice
    over = true;
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

int main(void) {
    sigemptyset(&all);
    sigemptyset(&none);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&all, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    descriptor = -1;
    round_of(0);
    round_of(SA_RESTART);
    descriptor = signalfd(-1, &all, SFD_NONBLOCK);
    round_of(0);
    round_of(SA_RESTART);
    printf("taken %d, right %d\n", taken, right);
}

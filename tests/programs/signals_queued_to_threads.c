// What is queued to one thread, with a value, stays with it while it has that blocked, whoever else lets it
// through or waits for it; it finds it waiting, as it was sent, when it looks, waits or opens (P19).
// Expect: exit 0
// Record: 502 4 times, rt_tgsigqueueinfo
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGUSR1};
enum { COUNT = sizeof signals / sizeof *signals };

static sigset_t all, none;
static volatile int stop, ready, count, handled_by[16], handled[16], codes[16], values[16];

static void handler(int signal, siginfo_t *info, void *context) {
    (void)context;
    int mine = __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
    handled[mine] = signal;
    handled_by[mine] = gettid();
    codes[mine] = info->si_code;
    values[mine] = info->si_pid == getpid() && info->si_uid == getuid() ? info->si_value.sival_int : -1;
}

// Those to whom nothing was sent: one makes calls, one computes, one waits in a call, one for signals.
static void *other(void *argument) {
    long kind = (long)argument;
    if (kind < 3) pthread_sigmask(SIG_SETMASK, &none, NULL);
    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    while (!stop) {
        if (kind == 0) raw(SYS_getppid);
        if (kind == 2) poll(NULL, 0, 10);
        if (kind == 3) {
            int got = sigtimedwait(&all, NULL, &(struct timespec){0, 10000000});
            if (got > 0) printf("somebody else took %d\n", got);
        }
    }
    return argument;
}

static void send_all(int first) {
    for (int i = 0; i < COUNT; i++) {
        pthread_sigqueue(pthread_self(), signals[i], (union sigval){.sival_int = first + i});
        // A standard signal waits once.
        pthread_sigqueue(pthread_self(), signals[i], (union sigval){.sival_int = 99});
    }
    // What others do meanwhile, and what this thread does, changes nothing.
    for (int i = 0; i < 20; i++) poll(NULL, 0, 1), raw(SYS_getppid);
    sigset_t waiting;
    sigpending(&waiting);
    printf("waiting");
    for (int i = 0; i < COUNT; i++) printf(" %d", sigismember(&waiting, signals[i]));
    printf(", handled %d\n", count);
}

int main(void) {
    sigfillset(&all);
    sigemptyset(&none);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO, .sa_mask = all};
    for (int i = 0; i < COUNT; i++) sigaction(signals[i], &action, NULL);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    pthread_t threads[4];
    for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, other, (void *)i);
    while (ready < 4) usleep(200);

    send_all(10);
    raw(502);
    for (int i = 0; i < COUNT; i++) {
        sigset_t one;
        siginfo_t info = {0};
        sigemptyset(&one);
        sigaddset(&one, signals[i]);
        int got = sigtimedwait(&one, &info, &(struct timespec){0, 0});
        printf("took %d of %d, code %d, mine %d %d, value %d\n", got, signals[i], info.si_code,
               info.si_pid == getpid(), info.si_uid == getuid(), info.si_value.sival_int);
    }
    send_all(20);
    raw(502);
    int descriptor = signalfd(-1, &all, SFD_NONBLOCK);
    struct signalfd_siginfo entry;
    while (read(descriptor, &entry, sizeof entry) == sizeof entry)
        printf("read %d, code %d, mine %d, value %d\n", entry.ssi_signo, entry.ssi_code,
               (int)entry.ssi_pid == getpid(), entry.ssi_int);
    close(descriptor);
    send_all(30);
    raw(502);
    // By hand, with what no library would send.
    siginfo_t info = {.si_code = -60, .si_errno = 5};
    info.si_value.sival_ptr = (void *)0x123456789abcdef;
    printf("sent %ld\n", raw(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGRTMIN, &info));
    int got = sigtimedwait(&(sigset_t){{1ul << (SIGRTMIN - 1)}}, &info, NULL);
    printf("got %d, code %d, error %d, value %p\n", got == SIGRTMIN, info.si_code, info.si_errno, info.si_value.sival_ptr);
    printf("refused %ld", raw(SYS_rt_tgsigqueueinfo, getpid(), gettid(), 65, &info));
    printf(" %ld", raw(SYS_rt_tgsigqueueinfo, getpid(), 0x7ffffff0, SIGSEGV, &info));
    printf(" %ld", raw(SYS_rt_tgsigqueueinfo, 0, gettid(), SIGSEGV, &info));
    printf(" %ld\n", raw(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGSEGV, 16));
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    for (int i = 0; i < count; i++)
        printf("handled %d here %d, code %d, value %d\n", handled[i], handled_by[i] == gettid(), codes[i], values[i]);
    stop = 1;
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    printf("at last %d\n", count);
    raw(502);
}

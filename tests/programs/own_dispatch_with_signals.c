// A call that a program's own Syscall User Dispatch refuses gets its signal before whatever else comes at that moment,
// and as often as it is refused.
// Expect: exit 0, stdout "results: all right\nsignals: some"
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

enum { CALLS = 10000, THREADS = 3, NOT_THERE = -38 };

static __thread volatile char selector; // 1: refuses
static volatile int stop, signals, odd;

static long answer(long argument) { return argument * 3 + 1; }

static void refused(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    selector = 0;
    if (info->si_code != 2 /* SYS_USER_DISPATCH */ || info->si_syscall != 502) odd = 1;
    registers[REG_RAX] = answer(registers[REG_RDI]);
    (void)number;
}

static void other_signal(int number) {
    selector = 0; // for its own return
    signals++;
    (void)number;
}

static void *sends(void *nothing) {
    while (!stop) {
        raw(SYS_tgkill, getpid(), getpid(), SIGUSR1);
        raw(SYS_kill, getpid(), SIGRTMIN);
        raw(SYS_tgkill, getpid(), getpid(), SIGSEGV);
        usleep(50);
    }
    return nothing;
}

static void *calls(void *nothing) {
    raw(SYS_prctl, 59 /* PR_SET_SYSCALL_USER_DISPATCH */, 1, 0, 0, &selector);
    long wrong = 0;
    for (long i = 0; i < CALLS; i++) {
        selector = 1;
        long result = raw(502, i);
        int passes = selector == 0; // another signal may have come before the call
        selector = 0;
        if (result != answer(i) && !(result == NOT_THERE && passes)) wrong++;
    }
    raw(SYS_prctl, 59, 0, 0, 0, 0);
    (void)nothing;
    return (void *)wrong;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = refused, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    struct sigaction others = {.sa_handler = other_signal, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &others, NULL);
    sigaction(SIGUSR1, &others, NULL);
    sigaction(SIGRTMIN, &others, NULL);
    sigaddset(&others.sa_mask, SIGSYS); // comes before that, by its number
    sigaction(SIGSEGV, &others, NULL);
    struct itimerval often = {{0, 200}, {0, 200}};
    setitimer(ITIMER_REAL, &often, NULL);
    pthread_t sender, threads[THREADS];
    pthread_create(&sender, NULL, sends, NULL);
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, calls, NULL);
    long wrong = (long)calls(NULL);
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += (long)result;
    }
    stop = 1;
    pthread_join(sender, NULL);
    if (wrong == 0 && !odd) puts("results: all right");
    else printf("results: %ld wrong%s\n", wrong, odd ? ", odd signals" : "");
    puts(signals ? "signals: some" : "signals: none");
}

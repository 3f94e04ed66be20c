// With every signal blocked, by any call that takes a mask, calls are made and seen (P19).
// Expect: exit 0
// Record: 503 9 times
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/code.h"
#include "parts/raw.h"

static sigset_t all;

// Code that no-one has run yet: the first call in it may take the slowest way.
static void call(const char *where) {
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 503);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    printf("%s: %ld\n", where, run(code));
}

static void in_handler(int signal) {
    (void)signal;
    call("in a handler that blocks all");
}

static void in_context(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    // libc's sigset_t is larger than the kernel's.
    sigfillset(&((ucontext_t *)context)->uc_sigmask);
}

static void *thread(void *argument) {
    call("in a thread that inherits the mask");
    return argument;
}

static void shown(void) {
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    for (int signal = 1; signal < 32; signal++)
        if (!sigismember(&mask, signal)) printf("open %d ", signal);
    printf("\n");
}

int main(void) {
    sigfillset(&all);
    sigset_t none;
    sigemptyset(&none);
    struct sigaction action = {.sa_handler = in_handler};
    sigfillset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    action.sa_sigaction = in_context;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
    call("mask from a handler's context");
    shown();
    sigprocmask(SIG_SETMASK, &none, NULL);
    sigprocmask(SIG_BLOCK, &all, NULL);
    call("sigprocmask");
    shown();
    unsigned long bits = ~0ul;
    raw(SYS_rt_sigprocmask, SIG_SETMASK, &bits, 0, 8);
    call("rt_sigprocmask with every bit");
    shown();
    ppoll(NULL, 0, &(struct timespec){0, 1000}, &all);
    call("ppoll");
    pselect(0, NULL, NULL, NULL, &(struct timespec){0, 1000}, &all);
    call("pselect");
    int queue = epoll_create1(0);
    struct epoll_event event;
    epoll_pwait(queue, &event, 1, 1, &all);
    call("epoll_pwait");
    pthread_t another;
    pthread_create(&another, NULL, thread, NULL);
    pthread_join(another, NULL);
    if (sigtimedwait(&all, NULL, &(struct timespec){0, 1000}) < 0) call("sigtimedwait");
}

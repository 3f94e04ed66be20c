// A process that shares our memory and makes calls until it is told that they are enough, and threads that
// come and go meanwhile.
#pragma once
#include <signal.h>
#include <sys/syscall.h>
#include "raw.h"

static char stack[65536] __attribute__((aligned(16)));
static volatile int counting, enough;

// Ends with 9 if it is the first of its PID namespace, else with 8.
static int counter(void *unused) {
    (void)unused;
    while (!enough) {
        raw(SYS_rt_sigprocmask, SIG_BLOCK, 0, 0, 8);
        raw(SYS_close, raw(SYS_dup, 1));
        counting++;
    }
    raw(SYS_exit, raw(SYS_getpid) == 1 ? 9 : 8);
    return 0;
}

static void *thread(void *argument) {
    for (int i = 0; i < 20; i++) raw(SYS_close, raw(SYS_dup, 1));
    return argument;
}

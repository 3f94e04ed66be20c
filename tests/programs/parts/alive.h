// What shows that a process still takes signals and starts threads, without libc.
#pragma once
#include <sys/syscall.h>
#include "raw.h"

static char stack[65536] __attribute__((aligned(16)));
static volatile int handled, ran;

static void handler(int signal) {
    (void)signal;
    handled++;
}

static int thread(void *unused) {
    (void)unused;
    raw(504);
    ran++;
    raw(SYS_exit, 0);
    return 0;
}

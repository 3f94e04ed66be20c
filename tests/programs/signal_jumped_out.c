// siglongjmp out of handlers that interrupted a blocked call, hundreds of times (P19).
// Expect: exit 0, stdout "jumped 300 times, mask as before: 1"
// Record: 502 300 times
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>
#include "parts/raw.h"

static sigjmp_buf back;

static void handler(int signal) {
    (void)signal;
    raw(502);
    siglongjmp(back, 1);
}

int main(void) {
    volatile int times = 0;
    int ends[2];
    char byte;
    pipe(ends);
    signal(SIGALRM, handler);
    while (times < 300) {
        if (sigsetjmp(back, 1)) {
            times++;
            continue;
        }
        struct itimerval timer = {.it_value = {.tv_usec = 200}};
        setitimer(ITIMER_REAL, &timer, NULL);
        for (;;) read(ends[0], &byte, 1);
    }
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("jumped %d times, mask as before: %d\n", times, sigismember(&mask, SIGALRM) == 0);
}

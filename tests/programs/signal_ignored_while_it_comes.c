// A timer's signal that is set to be ignored while it arrives is ignored, not deadly (P19).
// Expect: exit 0, stdout "alive"
// Build: gcc -O2
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static void handler(int signal) { (void)signal; }

int main(void) {
    struct itimerval often = {{0, 100}, {0, 100}};
    signal(SIGALRM, SIG_IGN);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 20000; i++) {
        signal(SIGALRM, handler);
        signal(SIGALRM, SIG_IGN);
    }
    puts("alive");
    return 0;
}

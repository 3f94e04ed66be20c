// Of several signals that wait, sent to the thread and to the process, some of them the interpreter's own,
// each comes once, in the kernel's order, and on top of those before it as the handlers' masks say (P19).
// Expect: exit 0
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const int signals[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGUSR1, SIGTERM, SIGHUP, 35};
enum { COUNT = sizeof signals / sizeof *signals, ROUNDS = 400, MOST = 6 };

static char came[400];
static int length;
static unsigned state = 7;

static int any(int below) {
    state = state * 1103515245 + 12345;
    return (state >> 16) % below;
}

static void handler(int signal) {
    length += sprintf(came + length, " %d(", signal);
    getppid();
    length += sprintf(came + length, ")");
}

static sigset_t some(void) {
    sigset_t set;
    int kind = any(3);
    sigemptyset(&set);
    if (kind == 1) sigfillset(&set);
    for (int i = 0; kind == 2 && i < COUNT; i++)
        if (any(2)) sigaddset(&set, signals[i]);
    return set;
}

int main(void) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < COUNT; i++) {
            struct sigaction action = {.sa_handler = handler, .sa_mask = some()};
            sigaction(signals[i], &action, NULL);
        }
        for (int left = 2 + any(MOST); left; left--) {
            int signal = signals[any(COUNT)];
            if (any(2)) {
                raise(signal);
                printf("r%d ", signal);
            } else {
                kill(getpid(), signal);
                printf("k%d ", signal);
            }
        }
        sigset_t let_through = any(3) ? none : some();
        int how = any(4);
        struct timespec at_once = {0, 0};
        length = 0;
        switch (how) {
        case 0:
            sigprocmask(SIG_SETMASK, &let_through, NULL);
            break;
        case 1:
            ppoll(NULL, 0, &at_once, &let_through);
            break;
        case 2:
            sigsuspend(&none);
            break;
        case 3:
            length = sprintf(came, " %d,", sigtimedwait(&all, NULL, &at_once));
            break;
        }
        length += sprintf(came + length, " |");
        sigprocmask(SIG_SETMASK, &none, NULL);
        sigprocmask(SIG_SETMASK, &all, NULL);
        printf("by %d:%s\n", how, came);
    }
}

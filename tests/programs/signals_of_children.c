// The end of a child is told by the signal that its parent has asked for (clone(2)), whose code may look like a fault's.
// Expect: exit 0
// Record: 501 once
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static volatile int count;
static siginfo_t seen;

static void handle(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    seen = *info;
    count++;
}

enum { WHILE_BUSY, IN_CALLS, BLOCKED, IGNORED, WAYS };

// What a child does whose end is told by `signal`, and how that comes.
static void tell(int signal, int way, int killed) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
    if (way == IGNORED) action = (struct sigaction){.sa_handler = SIG_IGN};
    sigaction(signal, &action, NULL);
    if (way == BLOCKED) sigprocmask(SIG_BLOCK, &set, NULL);
    count = 0;
    memset(&seen, 0, sizeof seen);
    int child = raw(SYS_clone, signal, 0, 0, 0, 0);
    if (child == 0) {
        usleep(5000);
        if (killed) raw(SYS_kill, raw(SYS_getpid), SIGKILL);
        raw(SYS_exit_group, 3);
    }
    if (way == WHILE_BUSY)
        while (!count) {}
    if (way == IN_CALLS)
        while (!count) raw(SYS_getppid);
    int taken = 0, status;
    if (way == BLOCKED) taken = sigwaitinfo(&set, &seen);
    int ended = waitpid(child, &status, __WALL) == child;
    int is_child = seen.si_pid == child;
    printf("signal %d way %d killed %d: count %d, taken %d, code %d, its own %d, status %d; %d %#x\n", signal, way,
           killed, count, taken, seen.si_code, is_child, seen.si_status, ended, status);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGTRAP, SIGFPE, SIGUSR1};
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        for (int way = 0; way < WAYS; way++)
            for (int killed = 0; killed < 2; killed++) tell(signals[i], way, killed);
    raw(501);
}

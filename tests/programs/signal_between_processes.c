// Realtime signals from another process: in order, none lost (P19). An argument says how many.
// Expect: exit 0, stdout "in order: 2000"
// Build: gcc -O1
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int next, wrong;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    if (info->si_value.sival_int != next) wrong++;
    next++;
}

int main(int argc, char **argv) {
    int times = argc > 1 ? atoi(argv[1]) : 2000;
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigset_t block, open;
    // What waits counts for all of a user's processes: nobody else shall run out of room.
    setrlimit(RLIMIT_SIGPENDING, &(struct rlimit){1000, 1000});
    sigaction(SIGRTMIN, &action, NULL);
    sigemptyset(&block);
    sigaddset(&block, SIGRTMIN);
    pid_t parent = getpid(), child = fork();
    if (!child) {
        for (int i = 0; i < times; i++)
            while (sigqueue(parent, SIGRTMIN, (union sigval){.sival_int = i}) < 0 && errno == EAGAIN) usleep(100);
        _exit(0);
    }
    sigprocmask(SIG_BLOCK, &block, &open);
    while (next < times) sigsuspend(&open);
    waitpid(child, NULL, 0);
    if (wrong) printf("wrong: %d\n", wrong);
    printf("in order: %d\n", next);
}

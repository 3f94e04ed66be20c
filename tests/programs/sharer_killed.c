// Processes that share our memory (CLONE_VM) are killed at any moment, in the middle of calls that the
// runtime handles itself: what they held or had begun stops nobody else, in calls, forks and threads
// (P22, P35).
// Expect: exit 0, stdout "killed: 200, children that ended well: 200"
// Record: 502 200 times, 503 200 times
// Cut: SIGKILL ends write(2) at the next page
// Limit: 120 s
// Build: gcc -O1
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "parts/busy.h"
#include "parts/raw.h"

static volatile int made;

static int sharer(void *unused) {
    (void)unused;
    for (long i = 0;; i++) {
        call_runtime(i);
        made++;
    }
}

int main(int argc, char **argv) {
    int times = argc > 1 ? atoi(argv[1]) : 200, killed = 0, well = 0, status;
    char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < times; i++) {
        made = 0;
        pid_t child = clone(sharer, stack + 65536, CLONE_VM | SIGCHLD, NULL);
        while (made < 5 + i % 7) call_runtime(made);
        for (volatile int wait = i * 37 % 1000; wait; wait--) {}
        kill(child, SIGKILL);
        for (int j = 0; j < 10; j++) call_runtime(j);
        waitpid(child, &status, 0);
        killed += WIFSIGNALED(status);
        raw(502);
        for (int j = 0; j < 10; j++) call_runtime(j);
        child = fork();
        if (!child) {
            for (int j = 0; j < 10; j++) call_runtime(j);
            raw(503);
            _exit(0);
        }
        waitpid(child, &status, 0);
        well += status == 0;
    }
    printf("killed: %d, children that ended well: %d\n", killed, well);
}

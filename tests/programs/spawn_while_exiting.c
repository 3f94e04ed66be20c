// A process ends while some of its threads start programs: a child of vfork that is left behind shares
// the memory, and whatever was locked there, with nobody. It goes on and executes its program (P22, P35).
// Expect: exit 0, stdout "all ended"
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char *self;

static void *starts(void *argument) {
    char *words[] = {self, "child", NULL}, *nothing[] = {NULL};
    pid_t pid;
    for (;;) posix_spawn(&pid, self, NULL, NULL, words, nothing);
    return argument;
}

int main(int argc, char **argv) {
    if (argc > 1) return 0;
    self = argv[0];
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int i = 0; i < 60; i++) {
        if (fork()) continue;
        pthread_t thread;
        for (int j = 0; j < 3; j++) pthread_create(&thread, NULL, starts, NULL);
        usleep(1000 + 97 * i);
        _exit(0);
    }
    while (wait(NULL) > 0) {}
    puts("all ended");
}

// posix_spawn with file actions, attributes and errors (P22).
// Expect: exit 0
// Record: 502 2 times
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

extern char **environ;

int main(int argc, char **argv) {
    if (argc > 1) {
        sigset_t mask;
        sigprocmask(SIG_BLOCK, NULL, &mask);
        struct sigaction action;
        sigaction(SIGUSR1, NULL, &action);
        printf("%s: %ld, SIGUSR2 blocked %d, SIGUSR1 default %d, group of its own %d\n", argv[1], raw(502),
               sigismember(&mask, SIGUSR2), action.sa_handler == SIG_DFL, getpgrp() == getpid());
        return 6;
    }
    int status;
    pid_t child;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "output", O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_addclose(&actions, 0);
    posix_spawnattr_init(&attributes);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    posix_spawnattr_setsigmask(&attributes, &set);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    posix_spawnattr_setsigdefault(&attributes, &set);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    signal(SIGUSR1, SIG_IGN);
    char *first[] = {argv[0], "with attributes", NULL};
    printf("%d\n", posix_spawn(&child, argv[0], &actions, &attributes, first, environ));
    waitpid(child, &status, 0);
    printf("ended %d\n", WEXITSTATUS(status));
    char *second[] = {argv[0], "plain", NULL}, *none[] = {NULL};
    printf("%d\n", posix_spawn(&child, argv[0], &actions, NULL, second, none));
    waitpid(child, &status, 0);
    printf("ended %d\n", WEXITSTATUS(status));
    printf("missing: %s\n", strerror(posix_spawn(&child, "/nonexistent", NULL, NULL, second, environ)));
}

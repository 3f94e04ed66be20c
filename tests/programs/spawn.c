// posix_spawn with file actions, attributes and errors (P22).
// Expect: exit 0
// Record: 502 3 times
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

extern char **environ;

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "listing")) {
        char here[4096] = "";
        getcwd(here, sizeof here);
        printf("in %s, session of its own %d, descriptors", strrchr(here, '/'), getsid(0) == getpid());
        for (int i = 0; i < 1100; i++)
            if (fcntl(i, F_GETFD) != -1) printf(" %d", i);
        printf(", 502: %ld\n", raw(502));
        return 8;
    }
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
    // Each kind of action, in their order, and one that fails.
    posix_spawn_file_actions_t more;
    char *third[] = {argv[0], "listing", NULL};
    posix_spawn_file_actions_init(&more);
    posix_spawn_file_actions_addopen(&more, 50, "output", O_WRONLY | O_APPEND, 0);
    posix_spawn_file_actions_adddup2(&more, 50, 1);
    posix_spawn_file_actions_adddup2(&more, 50, 60);
    posix_spawn_file_actions_adddup2(&more, 60, 60);
    posix_spawn_file_actions_addclose(&more, 50);
    posix_spawn_file_actions_addopen(&more, 2, "/dev/null", O_RDWR, 0);
    mkdir("directory", 0700);
    char *self = realpath(argv[0], NULL);
    posix_spawn_file_actions_addchdir_np(&more, "directory");
#ifdef __GLIBC__
    posix_spawn_file_actions_addclosefrom_np(&more, 61);
#endif
    posix_spawnattr_t session;
    posix_spawnattr_init(&session);
    posix_spawnattr_setflags(&session, POSIX_SPAWN_SETSID);
    int error = posix_spawn(&child, self, &more, &session, third, environ);
    printf("actions: %d\n", error);
    waitpid(child, &status, 0);
    printf("ended %d\n", WEXITSTATUS(status));
    posix_spawn_file_actions_addopen(&more, 0, "nowhere/at/all", O_RDONLY, 0);
    printf("failing action: %s\n", strerror(posix_spawn(&child, self, &more, NULL, third, environ)));
    printf("no child: %d\n", waitpid(-1, &status, 0));
    printf("missing: %s\n", strerror(posix_spawn(&child, "/nonexistent", NULL, NULL, second, environ)));
}

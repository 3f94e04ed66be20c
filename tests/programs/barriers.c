// membarrier: a program has to register for what it uses, whatever else in its process has, and is told what
// it has registered for; a forked child has registered, too, a new program has not (P25).
// Expect: exit 0
// Record: 502 3 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

enum { REGISTRATIONS = 512 };

static void try(const char *what, int command, unsigned flags) {
    long result = raw(SYS_membarrier, command, flags, 0);
    printf("%s: %ld\n", what, result);
}

static void all(void) {
    raw(502);
    try("registrations", REGISTRATIONS, 0);
    try("private", MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0);
    try("private, flags", MEMBARRIER_CMD_PRIVATE_EXPEDITED, 2);
    try("core", MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0);
    try("global", MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0);
    fflush(stdout);
}

static void *thread(void *argument) { return argument; }

int main(int argc, char **argv) {
    all();
    if (argc > 1) return 0;
    pthread_t other;
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
    try("private", MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0);
    try("register core", MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0);
    try("registrations", REGISTRATIONS, 0);
    try("core", MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0);
    try("private", MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0);
    try("register", MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0);
    try("private", MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0);
    fflush(stdout);
    if (!fork()) {
        all();
        _exit(0);
    }
    wait(NULL);
    char *arguments[] = {argv[0], "again", NULL};
    execv(argv[0], arguments);
    return 1;
}

// Does what tests/handlers/count.rs counts: threads, calls, signals, a fork, an exec.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../parts/raw.h"

static void *thread(void *argument) {
    raw(502);
    return argument;
}

static void handler(int signal) { (void)signal; }

int main(int argc, char **argv) {
    if (argc > 1) {
        raw(502);
        exit(9);
    }
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, thread, NULL);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    raise(SIGUSR1);
    pid_t child = fork();
    if (!child) {
        raw(502);
        raw(502);
        _exit(4);
    }
    waitpid(child, NULL, 0);
    child = fork();
    if (!child) execl(argv[0], argv[0], "again", (char *)NULL);
    waitpid(child, NULL, 0);
    exit(5);
}

// Threads begin while others spawn programs, in a process whose first thread is gone: it has no memory to compare a
// child's with (P22).
// Expect: exit 0, stdout "spawned 400, begun 6480"
// Build: gcc -O1 -pthread
// Limit: 60 s
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SPAWNERS = 2, SPAWNS = 200, BEGINNERS = 2, MOST = 80 };

extern char **environ;
static pthread_t threads[SPAWNERS + BEGINNERS];
static int spawned, begun;

static void *spawn(void *unused) {
    for (int i = 0; i < SPAWNS; i++) {
        char *words[] = {"true", NULL};
        pid_t child;
        int status;
        if (posix_spawn(&child, "/bin/true", NULL, NULL, words, environ) == 0 && waitpid(child, &status, 0) == child &&
            status == 0)
            __atomic_fetch_add(&spawned, 1, __ATOMIC_SEQ_CST);
    }
    return unused;
}

static void *nothing(void *unused) {
    __atomic_fetch_add(&begun, 1, __ATOMIC_SEQ_CST);
    usleep(1000);
    return unused;
}

// More and more at a time, so that there is no place left of threads that are gone.
static void *begin(void *unused) {
    static __thread pthread_t at_once[MOST];
    for (int count = 1; count <= MOST; count++) {
        for (int i = 0; i < count; i++)
            if (pthread_create(&at_once[i], NULL, nothing, NULL) != 0)
                exit(1);
        for (int i = 0; i < count; i++)
            pthread_join(at_once[i], NULL);
    }
    return unused;
}

static void *finish(void *first) {
    pthread_join(*(pthread_t *)first, NULL);
    for (int i = 0; i < SPAWNERS + BEGINNERS; i++)
        pthread_create(&threads[i], NULL, i < SPAWNERS ? spawn : begin, NULL);
    for (int i = 0; i < SPAWNERS + BEGINNERS; i++)
        pthread_join(threads[i], NULL);
    printf("spawned %d, begun %d\n", spawned, begun);
    exit(0);
}

int main(void) {
    static pthread_t first;
    first = pthread_self();
    pthread_t last;
    pthread_create(&last, NULL, finish, &first);
    pthread_exit(NULL);
}

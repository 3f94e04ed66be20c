// While some threads start programs, others start threads, and a thread's memory in the runtime is its
// own: what a vfork's child leaves behind is given back once, and not taken from who has it by then.
// Expect: exit 0, stdout "done"
// Build: gcc -O1 -pthread
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STARTERS = 4, PROGRAMS = 40, ROUNDS = 150, AT_ONCE = 12 };

static char *self;

static void *programs(void *unused) {
    char *words[] = {self, "child", NULL};
    for (int i = 0; i < PROGRAMS; i++) {
        pid_t pid;
        int status;
        if (posix_spawn(&pid, self, NULL, NULL, words, NULL) != 0) _exit(2);
        if (waitpid(pid, &status, 0) != pid || status != 0) _exit(3);
    }
    return unused;
}

static void *work(void *number) {
    for (int i = 0; i < 20; i++) usleep(10);
    return number;
}

static void *threads(void *unused) {
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t started[AT_ONCE];
        for (long i = 0; i < AT_ONCE; i++)
            if (pthread_create(&started[i], NULL, work, (void *)i) != 0) _exit(4);
        for (long i = 0; i < AT_ONCE; i++) {
            void *number;
            if (pthread_join(started[i], &number) != 0 || number != (void *)i) _exit(5);
        }
    }
    return unused;
}

int main(int argc, char **argv) {
    pthread_t started[STARTERS + 2];
    if (argc > 1) return 0;
    self = argv[0];
    for (int i = 0; i < STARTERS + 2; i++) pthread_create(&started[i], NULL, i < STARTERS ? programs : threads, NULL);
    for (int i = 0; i < STARTERS + 2; i++) pthread_join(started[i], NULL);
    puts("done");
    return 0;
}

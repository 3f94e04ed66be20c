// fork while other threads make calls: the child, which has one thread, works and is seen (P35).
// Expect: exit 0, stdout "children that ended well: 200"
// Record: 502 200 times, 503 200 times
// Limit: 60 s
// Build: gcc -O1 -pthread
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int stop;

static void *busy(void *argument) {
    while (!stop) {
        syscall(SYS_getppid);
        free(malloc(1000));
    }
    return argument;
}

static void *nothing(void *argument) {
    syscall(503);
    return argument;
}

int main(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, busy, NULL);
    int well = 0;
    for (int i = 0; i < 200; i++) {
        pid_t child = fork();
        if (!child) {
            pthread_t another;
            syscall(502);
            pthread_create(&another, NULL, nothing, NULL);
            pthread_join(another, NULL);
            _exit(7);
        }
        int status;
        waitpid(child, &status, 0);
        well += WIFEXITED(status) && WEXITSTATUS(status) == 7;
    }
    stop = 1;
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    printf("children that ended well: %d\n", well);
}

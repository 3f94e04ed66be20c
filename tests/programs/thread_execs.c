// exec from a thread that is not the first, while others are blocked in calls (P24).
// Expect: exit 0, stdout "again: same process 1, 502: -38"
// Record: 502 once
// Build: gcc -O1 -pthread
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "parts/raw.h"

static char **arguments;

static void *blocked(void *argument) {
    pause();
    return argument;
}

static void *starter(void *argument) {
    char process[20];
    snprintf(process, sizeof process, "%d", getpid());
    usleep(20000);
    execl(arguments[0], arguments[0], process, (char *)NULL);
    return argument;
}

int main(int argc, char **argv) {
    if (argc > 1) {
        printf("again: same process %d, 502: %ld\n", atoi(argv[1]) == getpid(), raw(502));
        return 0;
    }
    arguments = argv;
    pthread_t threads[4];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, blocked, NULL);
    pthread_create(&threads[3], NULL, starter, NULL);
    pause();
}

// pthread_cancel of a thread blocked in read runs its cleanup handlers, one that is cancelled
// later finishes its calls first (P26).
// Expect: exit 0, stdout "cleanup\ncancelled: 1\ncleanup\ncancelled: 1"
// Record: 502 2 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
// Build: musl-gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include "parts/raw.h"

static int ends[2];

static void cleanup(void *argument) {
    (void)argument;
    raw(502);
    printf("cleanup\n");
}

static void *thread(void *argument) {
    char byte;
    pthread_cleanup_push(cleanup, NULL);
    if (argument) pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    read(ends[0], &byte, 1);
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void) {
    pipe(ends);
    for (long asynchronous = 0; asynchronous < 2; asynchronous++) {
        pthread_t blocked;
        void *result;
        pthread_create(&blocked, NULL, thread, (void *)asynchronous);
        usleep(50000);
        pthread_cancel(blocked);
        pthread_join(blocked, &result);
        printf("cancelled: %d\n", result == PTHREAD_CANCELED);
    }
}

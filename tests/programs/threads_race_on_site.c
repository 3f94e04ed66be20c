// Threads that run freshly made code at once: each call is made once and recorded once (P11, P12).
// Expect: exit 0, stdout "wrong results: 0"
// Record: 503 800 times
// Build: gcc -O1 -pthread
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include "parts/code.h"

static pthread_barrier_t barrier;
static void *volatile code;
static int wrong;

static void *thread(void *argument) {
    (void)argument;
    for (int round = 0; round < 50; round++) {
        pthread_barrier_wait(&barrier);
        for (int i = 0; i < 4; i++)
            if (run(code) != -38) __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[4];
    pthread_barrier_init(&barrier, NULL, 5);
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, thread, NULL);
    for (int round = 0; round < 50; round++) {
        unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        write_call(page, 503);
        mprotect(page, 4096, PROT_READ | PROT_EXEC);
        code = page;
        pthread_barrier_wait(&barrier);
        pthread_barrier_wait(&barrier);
        munmap(page, 4096);
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    printf("wrong results: %d\n", wrong);
}

// Threads on several processors run code at once that has just been made, or loaded: each call is made once and
// recorded once (P11, P12).
// Expect: exit 0, stdout "wrong results: 0"
// With: plugin.so: gcc -shared -fPIC -O1 parts/plugin.c
// Record: 503 800 times, 505 800 times
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/code.h"

enum { THREADS = 4, ROUNDS = 100, CALLS = 4 };

static pthread_barrier_t barrier;
static void *volatile code;
static volatile int made;
static int wrong;

static void *thread(void *argument) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((long)argument % sysconf(_SC_NPROCESSORS_ONLN), &one);
    sched_setaffinity(0, sizeof one, &one); // where it is allowed
    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&barrier);
        while (made <= round) {} // so that all begin in the same moment
        for (int i = 0; i < CALLS; i++)
            if (run(code) != -38) __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, thread, (void *)i);
    for (int round = 0; round < ROUNDS; round++) {
        void *library = NULL, *page = NULL;
        pthread_barrier_wait(&barrier);
        if (round % 2) {
            library = dlopen("./plugin.so", RTLD_NOW);
            code = dlsym(library, "call_505");
        } else {
            page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            write_call(page, 503);
            mprotect(page, 4096, PROT_READ | PROT_EXEC);
            code = page;
        }
        made = round + 1;
        pthread_barrier_wait(&barrier);
        if (library) dlclose(library);
        else munmap(page, 4096);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    printf("wrong results: %d\n", wrong);
}

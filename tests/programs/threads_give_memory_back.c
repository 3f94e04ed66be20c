// What threads that have ended took of memory is given back, however many there were at a time.
// Expect: exit 0, stdout "less than 4 MB"
// Limit: 60 s
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -static
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { MANY = 2000, STACK = 1 << 20, PAGE = 4096 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int go;

static void *run(void *nothing) {
    pthread_mutex_lock(&mutex);
    while (!go) pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
    return nothing;
}

static long resident(void) {
    long all = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (fscanf(file, "%ld %ld", &all, &pages) != 2) return -1;
    fclose(file);
    return pages * PAGE;
}

static void many_at_a_time(void) {
    static pthread_t threads[MANY];
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    go = 0;
    for (int i = 0; i < MANY; i++)
        if (pthread_create(&threads[i], &attributes, run, NULL)) puts("no thread");
    pthread_mutex_lock(&mutex);
    go = 1;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < MANY; i++) pthread_join(threads[i], NULL);
}

int main(void) {
    long before = resident();
    for (int i = 0; i < 2; i++) many_at_a_time();
    long more = resident() - before;
    if (more < 4 << 20) puts("less than 4 MB");
    else printf("%ld KB\n", more >> 10);
}

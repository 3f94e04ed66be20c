// Starts as many more threads as its argument says, waits until all have begun, and writes what it has
// in memory: `Rss` and `Private_Dirty` of /proc/self/smaps_rollup, and VmHWM, in kilobytes.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_barrier_t begun, measured;

static void *wait_for_measurement(void *nothing) {
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&measured);
    return nothing;
}

static long line(const char *file, const char *name) {
    char text[256];
    long value = -1;
    FILE *stream = fopen(file, "r");
    while (stream && fgets(text, sizeof text, stream))
        if (!strncmp(text, name, strlen(name))) value = atol(text + strlen(name));
    if (stream) fclose(stream);
    return value;
}

int main(int count, char **words) {
    int threads = count > 1 ? atoi(words[1]) : 0;
    pthread_barrier_init(&begun, NULL, threads + 1);
    pthread_barrier_init(&measured, NULL, threads + 1);
    pthread_t thread[threads + 1];
    for (int i = 0; i < threads; i++)
        if (pthread_create(thread + i, NULL, wait_for_measurement, NULL)) return 1;
    pthread_barrier_wait(&begun);
    long resident = line("/proc/self/smaps_rollup", "Rss:");
    long private = line("/proc/self/smaps_rollup", "Private_Dirty:");
    long highest = line("/proc/self/status", "VmHWM:");
    pthread_barrier_wait(&measured);
    for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    printf("%ld %ld %ld\n", resident, private, highest);
    return 0;
}

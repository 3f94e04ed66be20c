// Ten thousand threads come and go, joined and detached, and what the process has of memory and of
// mappings is afterwards what it was after the first few (P21).
// Expect: exit 0, stdout "address space grew 0, memory grew 0, mappings grew 0"
// Record: 502 10000 times
// Limit: 120 s
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int ended;

static void *thread(void *argument) {
    syscall(502);
    if (argument) __atomic_add_fetch(&ended, 1, __ATOMIC_RELEASE);
    return argument;
}

static void some(int count) {
    pthread_t threads[20];
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    int detached_before = ended;
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, thread, NULL);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < count; i++) pthread_create(&threads[i], &detached, thread, &ended);
    while (__atomic_load_n(&ended, __ATOMIC_ACQUIRE) < detached_before + count) usleep(100);
}

// Kilobytes of address space and of memory, and the number of mappings.
static void measure(long figures[3]) {
    char line[512];
    FILE *file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file)) {
        sscanf(line, "VmSize: %ld", &figures[0]);
        sscanf(line, "VmRSS: %ld", &figures[1]);
    }
    fclose(file);
    file = fopen("/proc/self/maps", "r");
    for (figures[2] = 0; fgets(line, sizeof line, file); figures[2]++) {}
    fclose(file);
}

int main(void) {
    long before[3], after[3];
    for (int i = 0; i < 25; i++) some(20);
    measure(before);
    for (int i = 0; i < 225; i++) some(20);
    measure(after);
    // A few threads more than ever before may have been alive at once.
    printf("address space grew %d, memory grew %d, mappings grew %d\n", after[0] - before[0] > 300000,
           after[1] - before[1] > 1000, after[2] - before[2] > 60);
}

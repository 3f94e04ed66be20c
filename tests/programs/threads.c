// Threads, also with the smallest stack, each with calls of its own, join and detach (P21, P22).
// Expect: exit 0, stdout "sum 4950\nerrno is each thread's own: 1"
// Record: 502 100 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
// Build: musl-gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *thread(void *argument) {
    errno = 0;
    syscall(502);
    return (void *)((long)argument * (errno == ENOSYS));
}

int main(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    pthread_t threads[100];
    long sum = 0;
    errno = 99;
    for (long i = 0; i < 100; i++) pthread_create(&threads[i], &attributes, thread, (void *)i);
    for (int i = 0; i < 100; i++) {
        void *value;
        pthread_join(threads[i], &value);
        sum += (long)value;
    }
    printf("sum %ld\nerrno is each thread's own: %d\n", sum, errno == 99);
}

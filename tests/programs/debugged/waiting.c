// Threads that wait in calls of several kinds, two functions deep, until a line comes in.
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int ends[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t come = PTHREAD_COND_INITIALIZER;
static int is_come;
static volatile int results[4];

__attribute__((noinline)) static int in_read(void) {
    char line[8];
    int result = read(0, line, sizeof line);
    return result + 10;
}

__attribute__((noinline)) static int in_poll(void) {
    struct pollfd end = {ends[0], POLLIN, 0};
    int result = poll(&end, 1, 100000);
    return result + 20;
}

__attribute__((noinline)) static int in_ppoll(void) {
    struct pollfd end = {ends[0], POLLIN, 0};
    sigset_t none;
    sigemptyset(&none);
    int result = ppoll(&end, 1, NULL, &none);
    return result + 30;
}

__attribute__((noinline)) static int in_futex(void) {
    pthread_mutex_lock(&lock);
    while (!is_come) pthread_cond_wait(&come, &lock);
    pthread_mutex_unlock(&lock);
    return 40;
}

static void *reader(void *unused) {
    results[0] = in_read();
    write(ends[1], "x", 1);
    pthread_mutex_lock(&lock);
    is_come = 1;
    pthread_mutex_unlock(&lock);
    pthread_cond_broadcast(&come);
    return unused;
}

static void *poller(void *unused) {
    results[1] = in_poll();
    return unused;
}

static void *poller_with_mask(void *unused) {
    results[2] = in_ppoll();
    return unused;
}

static void *waiter(void *unused) {
    results[3] = in_futex();
    return unused;
}

__attribute__((noinline)) static int join(pthread_t *threads) {
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    return 1;
}

int main(void) {
    void *(*functions[4])(void *) = {reader, poller, poller_with_mask, waiter};
    pthread_t threads[4];
    pipe(ends);
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, functions[i], NULL);
    int joined = join(threads);
    printf("%d %d %d %d %d\n", joined, results[0], results[1], results[2], results[3]);
    return 0;
}

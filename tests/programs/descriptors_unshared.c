// A thread gets a table of descriptors of its own (unshare, close_range): what it closes and replaces from
// then on, over every number, is nobody else's, and the record goes on in both (P22, P30).
// Expect: exit 0
// Record: 502 200 times, 503 300 times, 504 200 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

enum { END = 1100, UNSHARE = 2 };
static volatile int turn;

static void await(int wanted) {
    while (turn != wanted) sched_yield();
}

static int in_use(void) {
    int used = 0;
    for (int i = 3; i < END; i++) used += fcntl(i, F_GETFD) != -1;
    return used;
}

static void *other(void *argument) {
    int by_range = argument != NULL;
    await(1);
    long result = by_range ? raw(SYS_close_range, 20, END, UNSHARE) : unshare(CLONE_FILES);
    int file = open(by_range ? "by_range" : "by_unshare", O_RDWR | O_CREAT, 0600), failed = 0;
    for (int i = 3; i < END; i++) failed += i != file && dup2(file, i) != i;
    for (int i = 0; i < 100; i++) raw(502);
    write(END - 1, "through the last\n", 17);
    printf("other: %ld, failed %d, in use %d\n", result, failed, in_use());
    turn = 2;
    await(3);
    for (int i = 3; i < END; i++) close(i);
    for (int i = 0; i < 100; i++) raw(504);
    printf("other: in use %d\n", in_use());
    turn = 4;
    return NULL;
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    raw(SYS_close_range, 3, ~0u, 0);
    for (long by_range = 0; by_range < 2; by_range++) {
        pthread_t thread;
        turn = 0;
        pthread_create(&thread, NULL, other, (void *)by_range);
        turn = 1;
        await(2);
        for (int i = 0; i < 100; i++) raw(503);
        printf("first: in use %d\n", in_use());
        int file = open("first", O_RDWR | O_CREAT, 0600);
        for (int i = 3; i < 600; i++) dup2(file, i);
        for (int i = 0; i < 50; i++) raw(503);
        turn = 3;
        await(4);
        for (int i = 3; i < 600; i++) close(i);
        printf("first: in use %d\n", in_use());
        pthread_join(thread, NULL);
    }
}

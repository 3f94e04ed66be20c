// Threads wait for a time when code is made at run time: they wait no longer for it, and what they run then
// is seen (P5, P19).
// Expect: exit 0, stdout "nanosleep clock_nanosleep poll epoll_wait select futex semtimedop recv 8 calls"
// Record: getpid 9 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "parts/code.h"

enum { MILLISECONDS = 1500, MADE_AFTER = 1000, TOO_LATE = 2300 };
static const struct timespec time_out = {1, 500000000};
static int epoll, semaphores, sockets[2], word;

static int by_nanosleep(void) { return nanosleep(&time_out, NULL) == 0; }
static int by_clock_nanosleep(void) { return clock_nanosleep(CLOCK_MONOTONIC, 0, &time_out, NULL) == 0; }
static int by_poll(void) { return poll(NULL, 0, MILLISECONDS) == 0; }
static int by_epoll(void) {
    struct epoll_event event;
    return epoll_wait(epoll, &event, 1, MILLISECONDS) == 0;
}
static int by_select(void) {
    struct timeval limit = {1, 500000};
    return select(0, NULL, NULL, NULL, &limit) == 0;
}
static int by_futex(void) {
    return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time_out, NULL, 0) == -1 && errno == ETIMEDOUT;
}
static int by_semaphore(void) {
    struct sembuf down = {0, -1, 0};
    return semtimedop(semaphores, &down, 1, &time_out) == -1 && errno == EAGAIN;
}
static int by_socket(void) {
    char byte;
    return recv(sockets[0], &byte, 1, 0) == -1 && errno == EAGAIN;
}

static struct wait {
    const char *name;
    int (*wait)(void);
    int is_done;
    long took;
} waits[] = {
    {"nanosleep", by_nanosleep}, {"clock_nanosleep", by_clock_nanosleep},
    {"poll", by_poll},           {"epoll_wait", by_epoll},
    {"select", by_select},       {"futex", by_futex},
    {"semtimedop", by_semaphore}, {"recv", by_socket},
};
enum { COUNT = sizeof waits / sizeof *waits };

static unsigned char *code;
static atomic_int calls;
static pid_t process;

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void *body(void *argument) {
    struct wait *wait = argument;
    long begun = now();
    wait->is_done = wait->wait();
    wait->took = now() - begun;
    if (run(code) == process) calls++;
    return NULL;
}

int main(void) {
    struct timeval limit = {1, 500000};
    process = getpid();
    epoll = epoll_create1(0);
    semaphores = semget(IPC_PRIVATE, 1, 0600);
    socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    pthread_t threads[COUNT];
    for (int i = 0; i < COUNT; i++) pthread_create(&threads[i], NULL, body, &waits[i]);
    usleep(MADE_AFTER * 1000);
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, SYS_getpid);
    for (int i = 0; i < COUNT; i++) {
        struct wait *wait = &waits[i];
        pthread_join(threads[i], NULL);
        if (!wait->is_done) printf("failed: ");
        if (wait->took < MILLISECONDS || wait->took > TOO_LATE) printf("%ld ms: ", wait->took);
        printf("%s ", wait->name);
    }
    semctl(semaphores, 0, IPC_RMID);
    printf("%d calls\n", calls);
}

// backtrace(3) in a signal handler finds the way to main, out of a call that blocks and out of calls
// that are made again and again (P26).
// Expect: exit 0, stdout "blocked: handler in_read reader\nrunning: handler in_calls main, 200 times\ncancelled 1"
// Record: 502 once
// Build: gcc -O1 -pthread -rdynamic
// Build: gcc -O1 -pthread -rdynamic -no-pie
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "parts/raw.h"

static int ends[2];
static atomic_int handled, wrong, in_calls_now;
static char seen[256];

// The functions of this file in a backtrace, by name.
__attribute__((noinline)) void handler(int number) {
    void *frames[64];
    char names[256] = "";
    int count = backtrace(frames, 64);
    (void)number;
    for (int i = 0; i < count; i++) {
        Dl_info info;
        const char *ours[] = {"handler", "in_read", "reader", "in_calls", "main"};
        if (!dladdr((char *)frames[i] - 1, &info) || !info.dli_sname) continue;
        for (int j = 0; j < 5; j++)
            if (!strcmp(info.dli_sname, ours[j])) strcat(strcat(names, " "), ours[j]);
    }
    if (handled && strcmp(seen, names)) wrong++;
    strcpy(seen, names);
    handled++;
}

__attribute__((noinline)) int in_read(void) {
    char byte;
    int result = read(ends[0], &byte, 1);
    return result + 1;
}

static atomic_int reader_number;

void *reader(void *unused) {
    reader_number = gettid();
    in_read();
    return unused;
}

__attribute__((noinline)) int in_calls(void) {
    int sum = 0;
    in_calls_now = 1;
    while (handled < 200) sum += getppid() > 0;
    return sum;
}

static void *signaller(void *thread) {
    while (!in_calls_now) usleep(50);
    for (int i = 0; i < 200; i++) {
        pthread_kill(*(pthread_t *)thread, SIGUSR1);
        while (handled <= i) usleep(50);
    }
    return NULL;
}

// Until it is in read(2), which is call 0.
static void wait_for_reader(void) {
    char path[64], first[2] = "";
    do {
        snprintf(path, sizeof path, "/proc/self/task/%d/syscall", reader_number);
        int file = open(path, O_RDONLY);
        read(file, first, 2);
        close(file);
    } while (strncmp(first, "0 ", 2));
}

int main(void) {
    void *warm[4];
    backtrace(warm, 4); // loads libgcc_s
    signal(SIGUSR1, handler);
    pipe(ends);
    pthread_t thread, main_thread = pthread_self();
    pthread_create(&thread, NULL, reader, NULL);
    wait_for_reader();
    pthread_kill(thread, SIGUSR1);
    while (!handled) usleep(1000);
    raw(502);
    printf("blocked:%s\n", seen);
    pthread_cancel(thread);
    void *result;
    pthread_join(thread, &result);
    handled = 0;
    pthread_create(&thread, NULL, signaller, &main_thread);
    in_calls();
    pthread_join(thread, NULL);
    printf("running:%s, %d times\ncancelled %d\n", seen, handled - wrong,
           result == PTHREAD_CANCELED);
    return 0;
}

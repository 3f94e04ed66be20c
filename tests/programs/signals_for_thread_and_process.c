// A signal that waits for a thread, and the same that this thread sends to the process, where another takes it: neither
// is taken for the other, nor lost (P17).
// Expect: exit 0, stdout "taken 500, still waiting"
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TIMES = 500 };

static const uint64_t violation = 1UL << (SIGSEGV - 1);
static volatile sig_atomic_t taken;
static int ends[2];

static void take(int number) {
    (void)number;
    taken++;
}

static void *send(void *result) {
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &violation, NULL, 8);
    syscall(SYS_signalfd4, -1, &violation, 8, 0); // so that what waits is the kernel's while the thread reads
    raise(SIGSEGV);
    for (int i = 0; i < TIMES; i++) {
        char byte = 0;
        sigqueue(getpid(), SIGSEGV, (union sigval){0});
        if (write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1)
            return NULL;
        while (taken <= i) // the other thread has it soon
            usleep(10);
    }
    syscall(SYS_rt_sigpending, result, 8);
    return NULL;
}

int main(void) {
    signal(SIGSEGV, take);
    if (pipe(ends) != 0)
        return 1;
    uint64_t pending = 0;
    pthread_t sender;
    pthread_create(&sender, NULL, send, &pending);
    pthread_join(sender, NULL);
    printf("taken %d, %s\n", (int)taken, pending & violation ? "still waiting" : "gone");
}

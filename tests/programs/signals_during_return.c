// Signals that come while the handler of the last one returns: blocked until it has, and open from then on, though
// the kernel must not know that these are blocked (P17).
// Expect: exit 0, stdout "never on top of itself, and open again"
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { TIMES = 20000 };

static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS};
static volatile sig_atomic_t depth[65], nested, taken;
static pthread_t taker;

static void take(int number) {
    if (depth[number]++ != 0)
        nested++;
    taken++;
    depth[number]--;
}

static void send(int i, int number) {
    if (i % 3 == 0)
        pthread_kill(taker, number);
    else
        sigqueue(getpid(), number, (union sigval){0});
}

static void *send_all(void *ignored) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (int i = 0; i < TIMES; i++)
        for (int each = 0; each < 4; each++)
            send(i, numbers[each]);
    for (int each = 0; each < 4; each++) {
        usleep(20000); // the last one has been taken
        int before = taken;
        sigqueue(getpid(), numbers[each], (union sigval){0});
        while (taken == before)
            usleep(10);
    }
    return ignored;
}

int main(void) {
    taker = pthread_self();
    struct sigaction action = {.sa_handler = take};
    for (int each = 0; each < 4; each++)
        sigaction(numbers[each], &action, NULL);
    pthread_t sender;
    pthread_create(&sender, NULL, send_all, NULL);
    pthread_join(sender, NULL);
    printf("%s, and open again\n", nested == 0 ? "never on top of itself" : "on top of itself");
}

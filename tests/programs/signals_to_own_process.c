// What a thread sends to its own process has been sent when the call returns: whoever asks finds it waiting,
// and a handler has run where only this thread lets it through, whatever the first thread does (P19).
// Expect: exit 0
// Record: 502 5 times
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
// Limit: 60 s
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "parts/raw.h"

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGUSR1};
enum { COUNT = sizeof signals / sizeof *signals, ROUNDS = 300 };

static sigset_t all, none;
static volatile int over, handled, code;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    handled++;
    code = info->si_code;
}

static void *bystander(void *argument) {
    while (!over)
        if (argument) usleep(100);
    return NULL;
}

static int send(int signal, int round) {
    if (round % 2) return kill(getpid(), signal);
    return sigqueue(getpid(), signal, (union sigval){.sival_int = round});
}

static int waits(int signal) {
    sigset_t waiting;
    sigpending(&waiting);
    return sigismember(&waiting, signal);
}

static void show(const char *what, const int *counts) {
    printf("%s:", what);
    for (int i = 0; i < COUNT; i++) printf(" %d", counts[i]);
    printf("\n");
    fflush(stdout);
    raw(502);
}

// Every thread has them blocked: they wait at once, and are as they were sent.
static void blocked_by_all(void) {
    int right[COUNT] = {0};
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < COUNT; i++) {
            sigset_t one;
            siginfo_t info = {0};
            sigemptyset(&one);
            sigaddset(&one, signals[i]);
            int waited = !waits(signals[i]) && !send(signals[i], round) && waits(signals[i]);
            int taken = sigtimedwait(&one, &info, &(struct timespec){10, 0});
            int as_sent = info.si_pid == getpid() && info.si_uid == getuid() &&
                          (round % 2 ? info.si_code == SI_USER
                                     : info.si_code == SI_QUEUE && info.si_value.sival_int == round);
            right[i] += waited && taken == signals[i] && as_sent && !waits(signals[i]);
        }
    show("wait at once", right);
}

// This thread alone lets them through.
static void open_here(void) {
    int right[COUNT] = {0};
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < COUNT; i++) {
            handled = 0;
            int sent = send(signals[i], round);
            right[i] += !sent && handled == 1 && code == (round % 2 ? SI_USER : SI_QUEUE);
        }
    show("come at once", right);
}

static void ignored(int open) {
    int right[COUNT] = {0};
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    for (int i = 0; i < COUNT; i++) {
        signal(signals[i], SIG_IGN);
        if (open) pthread_sigmask(SIG_SETMASK, &none, NULL);
        send(signals[i], 1);
        right[i] = waits(signals[i]);
        pthread_sigmask(SIG_SETMASK, &all, NULL);
    }
    show(open ? "wait though ignored, open" : "wait though ignored, blocked", right);
}

// What waits is forgotten when it is ignored from then on; what comes while it is ignored is not, if it is
// blocked.
static void ignored_while_it_waits(void) {
    int right[COUNT] = {0};
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    for (int i = 0; i < COUNT; i++) {
        handled = 0;
        sigaction(signals[i], &action, NULL);
        send(signals[i], 1);
        pthread_kill(pthread_self(), signals[i]);
        signal(signals[i], SIG_IGN);
        int forgotten = !waits(signals[i]);
        send(signals[i], 1);
        sigaction(signals[i], &action, NULL);
        int kept = waits(signals[i]);
        pthread_sigmask(SIG_SETMASK, &none, NULL);
        right[i] = forgotten && kept && handled == 1;
        pthread_sigmask(SIG_SETMASK, &all, NULL);
    }
    show("forgotten and kept", right);
}

static void *body(void *argument) {
    blocked_by_all();
    open_here();
    ignored(1);
    ignored(0);
    ignored_while_it_waits();
    return argument;
}

int main(void) {
    pthread_t sender, bystanders[2];
    sigfillset(&all);
    sigemptyset(&none);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    for (int i = 0; i < COUNT; i++) sigaction(signals[i], &action, NULL);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (long i = 0; i < 2; i++) pthread_create(&bystanders[i], NULL, bystander, (void *)i);
    pthread_create(&sender, NULL, body, NULL);
    pthread_join(sender, NULL);
    over = 1;
    for (int i = 0; i < 2; i++) pthread_join(bystanders[i], NULL);
    kill(getpid(), SIGKILL + 100); // no such signal
    printf("%d\n", kill(getpid(), 0));
}

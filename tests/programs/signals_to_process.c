// What is sent to a process goes to a thread that lets it through, at once, or when one does; what is sent
// to a thread stays with it (P19).
// Expect: exit 0
// Record: 502 11 times
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
// Limit: 60 s
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "parts/raw.h"

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGUSR1};
enum { COUNT = sizeof signals / sizeof *signals };

static sigset_t all, none;
static pthread_t first;
static volatile int count, values[32], in_first[32], numbers[32];

static void handler(int signal, siginfo_t *info, void *context) {
    (void)context;
    numbers[count] = signal;
    values[count] = info->si_code == SI_QUEUE ? info->si_value.sival_int : -info->si_code;
    in_first[count] = pthread_equal(pthread_self(), first);
    __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
}

static void await(int wanted) {
    while (__atomic_load_n(&count, __ATOMIC_SEQ_CST) < wanted) usleep(200);
}

static void show(const char *what) {
    printf("%s:", what);
    for (int i = 0; i < count; i++) printf(" %d value %d %s,", numbers[i], values[i], in_first[i] ? "here" : "there");
    sigset_t waiting;
    sigpending(&waiting);
    printf(" pending");
    for (int i = 0; i < COUNT; i++)
        if (sigismember(&waiting, signals[i])) printf(" %d", signals[i]);
    printf("\n");
    count = 0;
    fflush(stdout);
    raw(502);
}

static int ends[2];
static volatile int ready;
static char how;

// One who lets signals through, in different ways.
static void *other(void *argument) {
    char byte = 'r';
    struct pollfd end = {.fd = ends[0], .events = POLLIN};
    int got = 0;
    siginfo_t info = {0};
    struct timespec second = {20, 0};
    if (strchr("cs", how)) pthread_sigmask(SIG_SETMASK, &none, NULL);
    ready = 1;
    switch (how) {
    case 'c': // computes
        while (ready) continue;
        break;
    case 's': // sleeps in a call, again and again
        while (read(ends[0], &byte, 1) < 0 && errno == EINTR) continue;
        break;
    case 'p': // lets them through in ppoll
        while (ppoll(&end, 1, &second, &none) < 0 && errno == EINTR) continue;
        break;
    case 'w': // waits for them
        for (int i = 0; i < COUNT; i++) {
            got = sigtimedwait(&all, &info, &second);
            numbers[count] = got;
            values[count] = info.si_code == SI_QUEUE ? info.si_value.sival_int : -info.si_code;
            in_first[count] = 0;
            __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
        }
        break;
    case 'l': // opens later
        read(ends[0], &byte, 1);
        pthread_sigmask(SIG_SETMASK, &none, NULL);
        break;
    }
    return argument;
}

static void attempt(char kind, const char *name) {
    pthread_t thread;
    char text[80];
    how = kind;
    ready = 0;
    pthread_create(&thread, NULL, other, NULL);
    while (!ready) usleep(200);
    if (kind != 'c' && kind != 'l') usleep(20000); // most likely it is in its call
    for (int i = 0; i < COUNT; i++) {
        if (i % 2) kill(getpid(), signals[i]);
        else sigqueue(getpid(), signals[i], (union sigval){.sival_int = 100 + i});
        if (kind != 'l') await(i + 1);
    }
    if (kind == 'l') {
        show("kept until one opens");
        write(ends[1], "x", 1);
        await(COUNT);
    }
    if (strchr("sp", kind)) write(ends[1], "x", 1);
    ready = 0;
    pthread_join(thread, NULL);
    if (kind == 'p') { char byte; read(ends[0], &byte, 1); }
    snprintf(text, sizeof text, "to one who %s", name);
    // Which of several comes first is the kernel's business only where they wait together.
    show(text);
}

static void to_thread(void) {
    pthread_t thread;
    how = 's';
    ready = 0;
    pthread_create(&thread, NULL, other, NULL);
    while (!ready) usleep(200);
    for (int i = 0; i < COUNT; i++) pthread_kill(pthread_self(), signals[i]);
    write(ends[1], "x", 1);
    pthread_join(thread, NULL);
    show("to this thread");
    sigprocmask(SIG_SETMASK, &none, NULL);
    sigprocmask(SIG_SETMASK, &all, NULL);
    show("once it opens");
}

static void *sleeper(void *argument) {
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    ready = 1;
    for (;;) pause();
    return argument;
}

// The default action, though this thread has the signal blocked.
static void fatal(int signal_number) {
    fflush(stdout);
    ready = 0;
    if (!fork()) {
        pthread_t thread;
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(signal_number, SIG_DFL);
        pthread_create(&thread, NULL, sleeper, NULL);
        while (!ready) usleep(200);
        kill(getpid(), signal_number);
        pthread_join(thread, NULL);
    }
    int status;
    wait(&status);
    printf("killed by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : -1);
}

int main(void) {
    first = pthread_self();
    sigfillset(&all);
    sigemptyset(&none);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigfillset(&action.sa_mask);
    for (int i = 0; i < COUNT; i++) sigaction(signals[i], &action, NULL);
    sigprocmask(SIG_SETMASK, &all, NULL);
    pipe(ends);
    attempt('c', "computes");
    attempt('s', "sleeps");
    attempt('p', "polls under another mask");
    attempt('w', "waits for them");
    attempt('l', "opens later");
    to_thread();
    for (int i = 0; i < COUNT; i++) fatal(signals[i]);
    show("at last");
    // Nobody but a copy of this process has it; the copy begins with nothing.
    kill(getpid(), SIGSEGV);
    if (!fork()) {
        show("in a child");
        _exit(0);
    }
    wait(NULL);
    show("in its parent");
}

// No signal can be queued any more (RLIMIT_SIGPENDING): those that were sent before arrive as they were
// sent, in order, to handlers and to who waits for them; those that cannot be queued tell nothing of their
// sender (P19).
// Expect: exit 0
// Record: 502 4 times
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/code.h"
#include "parts/raw.h"

static volatile sig_atomic_t count;
static struct {
    int signal, code, value, mine;
} seen[16];

static void handler(int signal, siginfo_t *info, void *context) {
    (void)context;
    seen[count].signal = signal;
    seen[count].code = info->si_code;
    seen[count].value = info->si_value.sival_int;
    seen[count++].mine = info->si_pid == getpid();
}

static void show(const char *what) {
    printf("%s:", what);
    for (int i = 0; i < count; i++)
        printf(" %d code %d value %d mine %d,", seen[i].signal, seen[i].code, seen[i].value, seen[i].mine);
    printf("\n");
    count = 0;
    raw(502);
}

static volatile int spinning, over;

static void *spin(void *argument) {
    spinning = 1;
    while (!over) continue;
    return argument;
}

static void room(rlim_t limit) {
    struct rlimit now;
    getrlimit(RLIMIT_SIGPENDING, &now);
    now.rlim_cur = limit < now.rlim_max ? limit : now.rlim_max;
    setrlimit(RLIMIT_SIGPENDING, &now);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigfillset(&action.sa_mask);
    int signals[] = {SIGSEGV, SIGBUS, SIGUSR1, SIGRTMIN, SIGRTMIN + 1};
    sigset_t all;
    sigfillset(&all);
    for (int i = 0; i < 5; i++) sigaction(signals[i], &action, NULL);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int i = 0; i < 5; i++) sigqueue(getpid(), signals[i], (union sigval){.sival_int = 10 + i});
    room(0);
    printf("one more: %d\n", sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 99}));
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    show("sent before");
    sigqueue(getpid(), SIGSEGV, (union sigval){.sival_int = 5});
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 5});
    raw(SYS_tgkill, getpid(), getpid(), SIGBUS);
    kill(getpid(), SIGSEGV);
    show("sent without room");
    // Taken by those who wait for them, or read them.
    for (int round = 0; round < 3; round++) {
        siginfo_t info = {0};
        struct signalfd_siginfo entry = {0};
        sigset_t hidden;
        sigemptyset(&hidden);
        sigaddset(&hidden, SIGSEGV);
        sigprocmask(SIG_BLOCK, &hidden, NULL);
        room(RLIM_INFINITY);
        sigqueue(getpid(), SIGSEGV, (union sigval){.sival_int = 50 + round});
        room(0);
        int descriptor = signalfd(-1, &hidden, SFD_NONBLOCK);
        struct pollfd one = {.fd = descriptor, .events = POLLIN};
        if (round) printf("poll %d, ", poll(&one, 1, 0));
        if (round == 1) {
            printf("read %ld, ", (long)read(descriptor, &entry, sizeof entry));
            printf("%d code %d value %d\n", entry.ssi_signo, entry.ssi_code, entry.ssi_int);
        } else {
            printf("took %d, ", sigtimedwait(&hidden, &info, &(struct timespec){0, 0}));
            printf("%d code %d value %d\n", info.si_signo, info.si_code, info.si_value.sival_int);
        }
        close(descriptor);
        sigprocmask(SIG_UNBLOCK, &hidden, NULL);
    }
    show("taken");
    // The seal, for code made now, must reach a thread that makes no call.
    pthread_t thread;
    pthread_create(&thread, NULL, spin, NULL);
    while (!spinning) continue;
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, SYS_getppid);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    printf("called %d\n", run(code) == getppid());
    over = 1;
    pthread_join(thread, NULL);
    show("at last");
}

// A process sends itself signals that look like faults, as handlers do that raise again what they were called for: they
// are handled, ignored, blocked, waited for and read like any other, and end it.
// Expect: exit 0
// Record: 501 once
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

enum { TO_PROCESS, TO_THREAD, BY_DESCRIPTOR, WAYS };

static void *const ADDRESS = (void *)0x123000;
static int number, code, way;
static volatile int count;
static siginfo_t seen;

static void handle(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    count++;
    seen = *info;
}

static long send(void) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = number;
    info.si_code = code;
    info.si_addr = ADDRESS;
    if (number == SIGSYS) info.si_syscall = 501;
    if (way == TO_PROCESS) return raw(SYS_rt_sigqueueinfo, getpid(), number, &info);
    if (way == TO_THREAD) return raw(SYS_rt_tgsigqueueinfo, getpid(), raw(SYS_gettid), number, &info);
    return raw(424 /* pidfd_send_signal */, raw(434 /* pidfd_open */, getpid(), 0), number, &info, 0);
}

static void show(const char *how, siginfo_t *info) {
    printf("  %s: %d, signal %d code %d at %p\n", how, count, info->si_signo, info->si_code, info->si_addr);
}

static void install(void (*handler)(int, siginfo_t *, void *)) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(number, &action, NULL);
}

static void handled(void) {
    install(handle);
    printf("  sent %ld\n", send());
    show("handled", &seen);
}

static void ignored(void) {
    signal(number, SIG_IGN);
    printf("  sent and ignored %ld\n", send());
}

static void blocked(void) {
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, number);
    install(handle);
    sigprocmask(SIG_BLOCK, &set, NULL);
    send();
    sigpending(&pending);
    printf("  waits %d\n", sigismember(&pending, number));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    show("let through", &seen);
    sigprocmask(SIG_BLOCK, &set, NULL);
    send();
    siginfo_t taken;
    printf("  taken %d\n", sigwaitinfo(&set, &taken));
    show("taken", &taken);
    send();
    struct signalfd_siginfo read_one = {0};
    int descriptor = signalfd(-1, &set, 0);
    read(descriptor, &read_one, sizeof read_one);
    printf("  read %d\n", read_one.ssi_signo);
}

static void by_default(void) {
    send();
    puts("  goes on");
}

static void *in_thread(void *test) {
    ((void (*)(void))test)();
    return NULL;
}

static void second_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, handled);
    pthread_join(thread, NULL);
}

static void raise_again(int signal, siginfo_t *info, void *context) {
    (void)context;
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigaction(signal, &usual, NULL);
    raw(SYS_rt_tgsigqueueinfo, getpid(), getpid(), signal, info);
}

static void raised_again(void) {
    install(raise_again);
    if (number == SIGSEGV) *(volatile int *)8 = 1;
    if (number == SIGILL) __asm__ volatile("ud2");
    send();
}

int main(void) {
    static const struct { const char *name; void (*run)(void); } tests[] = {
        {"handled", handled},       {"ignored", ignored},           {"blocked", blocked},
        {"by default", by_default}, {"second thread", second_thread}, {"raised again", raised_again}};
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGTRAP, SIGFPE};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (code = 1; code <= 2; code++)
            for (way = 0; way < WAYS; way++)
                for (unsigned test = 0; test < sizeof tests / sizeof *tests; test++) {
                    number = numbers[i];
                    printf("signal %d code %d way %d %s\n", number, code, way, tests[test].name);
                    fflush(stdout);
                    if (fork() == 0) {
                        tests[test].run();
                        fflush(stdout);
                        _exit(0);
                    }
                    int status;
                    wait(&status);
                    printf("  status %#x\n", status & 0x7f);
                }
    raw(501);
}

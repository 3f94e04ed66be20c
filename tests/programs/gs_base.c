// A program's own %gs, set by arch_prctl and by wrgsbase, is there after calls of every kind, in
// threads and children, in signal handlers and behind them; gs as a register leads to it (P29).
// Expect: exit 0
// Record: 502 4006 times, 503 5 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static int has_instructions;

static unsigned long get(void) {
    unsigned long base = 1;
    raw(SYS_arch_prctl, ARCH_GET_GS, &base);
    return base;
}

// What %gs:8 holds: fails if it leads elsewhere.
static long through(void) {
    long value;
    __asm__ volatile("mov %%gs:8, %0" : "=r"(value));
    return value;
}

static unsigned long base_read(void) {
    unsigned long base;
    if (!has_instructions) return get();
    __asm__ volatile("rdgsbase %0" : "=r"(base));
    return base;
}

static void set(void *base, int by_instruction) {
    if (by_instruction && has_instructions) __asm__ volatile("wrgsbase %0" : : "r"(base) : "memory");
    else raw(SYS_arch_prctl, ARCH_SET_GS, base);
}

static long *block(long value) {
    long *words = malloc(64);
    words[1] = value;
    return words;
}

static int right(long *words) {
    return through() == words[1] && base_read() == (unsigned long)words && get() == (unsigned long)words;
}

static volatile sig_atomic_t signals, wrong;
static long *volatile current;

static void handler(int signal) {
    (void)signal;
    if (through() != current[1]) wrong++;
    raw(SYS_getppid);
    if (through() != current[1]) wrong++;
    signals++;
}

// A handler sets another base: the kernel does not put the old one back.
static void setter(int signal) {
    (void)signal;
    set(current, 0);
}

static void *thread(void *argument) {
    long *own = block(1000 + (long)argument);
    int inherited = through() == current[1];
    set(own, (long)argument & 1);
    int ok = 1;
    for (int i = 0; i < 1000; i++) {
        raw(502);
        ok &= through() == own[1];
        if (i % 100 == 0) free(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ? malloc(3) : NULL);
    }
    return (void *)(long)(ok && right(own) && inherited);
}

static void children(long *own) {
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        raw(503);
        int ok = right(own);
        set(block(5), 1);
        _exit(ok && through() == 5 ? 3 : 4);
    }
    waitpid(child, &status, 0);
    printf("fork: %d %d\n", WEXITSTATUS(status), right(own));
    child = vfork();
    if (!child) {
        raw(503);
        set(current, 1);
        _exit(through() == current[1] ? 3 : 4);
    }
    waitpid(child, &status, 0);
    printf("vfork: %d %d\n", WEXITSTATUS(status), right(own));
    printf("system: %d %d\n", system("true"), right(own));
}

int main(void) {
    has_instructions = (getauxval(AT_HWCAP2) & 2) != 0;
    printf("at first %lx\n", get());
    printf("not an address: %ld %ld\n", raw(SYS_arch_prctl, ARCH_SET_GS, -1L),
           raw(SYS_arch_prctl, ARCH_SET_GS, 0x8000000000000000));
    for (int by_instruction = 0; by_instruction < 2; by_instruction++) {
        long *first = block(7), *second = block(8);
        current = first;
        set(first, by_instruction);
        printf("set: %d\n", right(first));
        printf("call: %ld %d\n", raw(502), right(first));
        set(second, by_instruction);
        printf("again: %d\n", right(second));
        current = second;
        children(second);

        pthread_t threads[2];
        for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, thread, (void *)i);
        for (int i = 0; i < 2; i++) {
            void *ok;
            pthread_join(threads[i], &ok);
            printf("thread: %ld\n", (long)ok);
        }
        printf("afterwards: %d\n", right(second));

        signal(SIGUSR1, handler);
        raise(SIGUSR1);
        raw(SYS_kill, getpid(), SIGUSR1);
        printf("signals: %d, wrong %d, %d\n", signals, wrong, right(second));
        signals = 0;
        signal(SIGALRM, handler);
        struct itimerval often = {{0, 200}, {0, 200}}, never = {0};
        setitimer(ITIMER_REAL, &often, NULL);
        int lost = 0;
        while (signals < 300) {
            raw(SYS_getppid);
            lost += through() != second[1];
        }
        setitimer(ITIMER_REAL, &never, NULL);
        printf("storm: lost %d, wrong %d, %d\n", lost, wrong, right(second));
        signals = 0;
        signal(SIGUSR2, setter);
        current = first;
        raise(SIGUSR2);
        printf("set in a handler: %d\n", right(first));
        raw(SYS_arch_prctl, ARCH_SET_GS, 0);
        printf("zero: %lx %ld\n", get(), raw(502));
        raw(502);
    }
    int pipes[2];
    pipe(pipes);
    set(pipes, 1);  // what is there is not a thread's block, but can be read
    write(pipes[1], "x", 1);
    set((void *)16, 1);  // nothing is there
    fflush(stdout);
    if (!fork()) execl("/bin/echo", "echo", "executed", (char *)NULL);
    wait(NULL);
    raw(503);
    return 0;
}

// The moment at which code is patched falls anywhere: between any two calls, in a child of vfork, in a
// signal handler, before a thread, before the code itself is made writable.
// Expect: exit 0, stdout "90 ended well"
// Record: 502 4005 times, 503 90 times, 504 90 times, 505 90 times, 506 90 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static int handled;

static void handler(int signal) {
    (void)signal;
    handled += raw(504) == -38;
}

static void *thread(void *argument) {
    raw(505);
    return argument;
}

// Alone in its page.
long call_506(void);
__asm__(".pushsection .text\n.balign 4096\n.globl call_506\ncall_506: mov $506, %eax\n"
        "syscall\nret\n.balign 4096\n.popsection");

static int child(int calls) {
    for (int i = 0; i < calls; i++) raw(502);
    int status = 0;
    pid_t other = vfork();
    if (!other) {
        raw(503);
        _exit(7);
    }
    if (waitpid(other, &status, 0) != other || WEXITSTATUS(status) != 7) return 1;
    signal(SIGUSR1, handler);
    if (raise(SIGUSR1) || handled != 1) return 2;
    if (calls % 2) {
        pthread_t other_thread;
        if (pthread_create(&other_thread, NULL, thread, NULL)) return 3;
        pthread_join(other_thread, NULL);
    } else {
        thread(NULL);
    }
    void *page = (void *)(uintptr_t)call_506;
    if (mprotect(page, 4096, PROT_READ | PROT_WRITE)) return 4;
    if (mprotect(page, 4096, PROT_READ | PROT_EXEC)) return 5;
    return call_506() == -38 ? 0 : 6;
}

int main(void) {
    int well = 0;
    for (int i = 0; i < 90; i++) {
        pid_t pid = fork();
        if (!pid) _exit(child(i));
        int status;
        waitpid(pid, &status, 0);
        if (status) printf("%d: %x\n", i, status);
        well += !status;
    }
    printf("%d ended well\n", well);
}

// What a signal's frame says of the alternate stack, and what a handler that changes it there brings about: on that
// stack nothing on new kernels, elsewhere a new stack. One that never was set can be set to nothing (P19).
// Expect: exit 0
// Record: 502 8 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

static char first[65536], second[32768];
static const stack_t *change;

static void name(const char *when, const stack_t *stack) {
    char *at = stack->ss_sp;
    const char *which = at == first ? "first" : at == second ? "second" : at ? "another" : "none";
    printf("%s: %s, flags %x, size %zu; ", when, which, stack->ss_flags, stack->ss_size);
}

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    ucontext_t *interrupted = context;
    name("in the frame", &interrupted->uc_stack);
    if (change) interrupted->uc_stack = *change;
}

static void handle(int flags) {
    sigaction(SIGUSR1, &(struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags}, NULL);
    raise(SIGUSR1);
    stack_t now;
    sigaltstack(NULL, &now);
    name("afterwards", &now);
    puts("");
    raw(502);
}

static void *thread(void *argument) {
    handle(SA_ONSTACK);
    return argument;
}

int main(void) {
    stack_t nothing = {0}, two = {.ss_sp = second, .ss_size = sizeof second}, off = {.ss_flags = SS_DISABLE};
    handle(SA_ONSTACK);
    printf("nothing: %d\n", sigaltstack(&nothing, NULL));
    pthread_t other;
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
    sigaltstack(&(stack_t){.ss_sp = first, .ss_size = sizeof first}, NULL);
    handle(SA_ONSTACK);
    change = &two;
    handle(SA_ONSTACK);  // on the stack
    handle(0);           // beside it
    change = &off;
    handle(0);
    change = NULL;
    handle(SA_ONSTACK);
    fflush(stdout);
    if (!fork()) {
        handle(SA_ONSTACK);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    sigaltstack(&off, NULL);
    printf("nothing: %d\n", sigaltstack(&nothing, NULL));
}

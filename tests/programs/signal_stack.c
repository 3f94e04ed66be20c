// Handlers on an alternate stack, as small as MINSIGSTKSZ says, nested, switched off again (P19, P21).
// Expect: exit 0
// Record: 502 3 times
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
#include "parts/raw.h"

static char *stack;
static size_t size;
static int inside[3], flags[3], calls;

static void handler(int signal) {
    char here;
    stack_t current;
    sigaltstack(NULL, &current);
    inside[calls] = &here >= stack && &here < stack + size;
    flags[calls++] = current.ss_flags;
    raw(502);
    if (signal == SIGUSR1 && calls == 1) raise(SIGUSR2);
}

int main(void) {
    size = getauxval(AT_MINSIGSTKSZ) + 4096;
    stack = malloc(size);
    stack_t set = {.ss_sp = stack, .ss_size = size}, old;
    printf("small: %d\n", sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = 100}, NULL));
    printf("bad flags: %d\n", sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = size, .ss_flags = 77}, NULL));
    sigaltstack(&set, &old);
    printf("before: %p %d %zu\n", old.ss_sp, old.ss_flags, old.ss_size);
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR1);
    sigaltstack(NULL, &old);
    printf("still set: %d %d %d\n", old.ss_sp == stack, old.ss_flags, old.ss_size == size);
    set.ss_flags = SS_DISABLE;
    sigaltstack(&set, NULL);
    raise(SIGUSR2);
    for (int i = 0; i < calls; i++) printf("inside %d, flags %d\n", inside[i], flags[i]);
}

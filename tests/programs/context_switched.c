// makecontext and swapcontext: calls are made on stacks that libc knows nothing of (P21).
// Expect: exit 0, stdout "a b a b a b done"
// Record: 502 6 times
// Build: gcc -O1
#include <stdio.h>
#include <ucontext.h>
#include "parts/raw.h"

static ucontext_t home, contexts[2];
static char stacks[2][16384];

static void work(int self) {
    for (int i = 0; i < 3; i++) {
        raw(502);
        printf("%c ", 'a' + self);
        if (self == 1 && i == 2) break;
        swapcontext(&contexts[self], &contexts[!self]);
    }
}

int main(void) {
    for (int i = 0; i < 2; i++) {
        getcontext(&contexts[i]);
        contexts[i].uc_stack.ss_sp = stacks[i];
        contexts[i].uc_stack.ss_size = sizeof stacks[i];
        contexts[i].uc_link = &home;
        makecontext(&contexts[i], (void (*)(void))work, 1, i);
    }
    swapcontext(&home, &contexts[0]);
    printf("done\n");
}

// Reading, writing and calling through NULL faults with address 0 (P16).
// Expect: exit 0, stdout "read: signal 11, address (nil), code 1\nwrite: signal 11, address (nil), code 1\ncall: signal 11, address (nil), code 1, rip 0"
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>

static sigjmp_buf back;
static siginfo_t got;
static long rip;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal;
    got = *info;
    rip = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    siglongjmp(back, 1);
}

static void show(const char *what) {
    printf("%s: signal %d, address %p, code %d", what, got.si_signo, got.si_addr, got.si_code);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    int *volatile nowhere = NULL;
    void (*volatile function)(void) = NULL;
    if (!sigsetjmp(back, 1)) printf("%d\n", *nowhere);
    show("read");
    if (!sigsetjmp(back, 1)) *nowhere = 1;
    printf("\n");
    show("write");
    if (!sigsetjmp(back, 1)) function();
    printf("\n");
    show("call");
    printf(", rip %lx\n", rip);
}

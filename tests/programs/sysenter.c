// sysenter is a call that the handler sees; it does not come back, as natively (P17). Which signal
// it raises is the processor's choice.
// Expect: exit 0, stdout "raised: 1"
// Record: getpid once
// Build: gcc -O1 -fomit-frame-pointer
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static sigjmp_buf back;

static void handler(int signal) { siglongjmp(back, signal); }

int main(void) {
    signal(SIGILL, handler);
    signal(SIGSEGV, handler);
    int raised = sigsetjmp(back, 1);
    // 20 is getpid in the table of 32-bit calls.
    if (!raised) __asm__ volatile("mov $20, %%eax; mov %%rsp, %%rbp; sysenter" ::: "rax", "rbp", "memory");
    printf("raised: %d\n", raised == SIGILL || raised == SIGSEGV);
}

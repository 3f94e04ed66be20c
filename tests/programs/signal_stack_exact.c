// Alternate stacks that a signal's frame just fits on, or just not: as small as MINSIGSTKSZ, as
// AT_MINSIGSTKSZ, some bytes more or less, and nested at their very ends (P21). Where it does not fit,
// SIGSEGV comes, whose own handler may have the same stack.
// Expect: exit 0
// Record: 502
// Build: gcc -O1
// Limit: 60 s
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static char *area, *top;
static volatile int zero;

static void tell(const char *what, long a, long b) {
    char line[200];
    int length = snprintf(line, sizeof line, "%s %ld %ld\n", what, a, b);
    raw(SYS_write, 1, line, length);
}

// The frame's distance from the end of the stack says how large the kernel made it.
static void handler(int signal, siginfo_t *info, void *context) {
    ucontext_t *frame = context;
    raw(502);
    int inside = (char *)frame >= area && (char *)frame < top;
    tell(signal == SIGSEGV ? "  SIGSEGV, its frame" : "  frame", inside ? top - (char *)frame : 0,
         inside ? top - (char *)frame->uc_mcontext.fpregs : 0);
    if (signal == SIGSEGV) tell("  code", info->si_code, (long)info->si_addr);
    if (signal != SIGUSR1) _exit(7);
}

enum { HANDLED = 1, ON_STACK = 2, FAULT = 4, DISARM = 8 };

// What happens with a stack of `size` bytes that ends `beyond` bytes behind an aligned address.
static void attempt(long size, int beyond, int how) {
    fflush(stdout);
    if (!fork()) {
        top = area + 65536 + beyond;
        stack_t stack = {.ss_sp = top - size, .ss_size = size, .ss_flags = how & DISARM ? SS_AUTODISARM : 0};
        tell("set", sigaltstack(&stack, NULL), 0);
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigaction(SIGUSR1, &action, NULL);
        sigaction(SIGFPE, &action, NULL);
        if (!(how & ON_STACK)) action.sa_flags &= ~SA_ONSTACK;
        if (how & HANDLED) sigaction(SIGSEGV, &action, NULL);
        if (how & FAULT) zero = 1 / zero;
        else raise(SIGUSR1);
        _exit(3);
    }
    int status;
    wait(&status);
    printf("%ld bytes, %d, %d: exit %d, signal %d\n", size, beyond, how,
           WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

// A second signal comes while the stack pointer is `left` bytes above the beginning of the stack.
static void nested(long left) {
    fflush(stdout);
    if (!fork()) {
        top = area + 65536;
        stack_t stack = {.ss_sp = top - 32768, .ss_size = 32768};
        sigaltstack(&stack, NULL);
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigaction(SIGFPE, &action, NULL);
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGSEGV, &action, NULL);
        __asm__ volatile("mov %0, %%rsp\nxor %%eax, %%eax\ncltd\ndivl %%eax" : : "r"(top - 32768 + left) : "memory");
    }
    int status;
    wait(&status);
    printf("%ld left: exit %d, signal %d\n", left, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    area = mmap(NULL, 131072, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long least = getauxval(AT_MINSIGSTKSZ);
    long sizes[] = {2047, 2048, 2049, least - 1, least, least + 1, sysconf(_SC_MINSIGSTKSZ)};
    for (int how = 0; how < 16; how++)
        for (int i = 0; i < (int)(sizeof sizes / sizeof *sizes); i++) attempt(sizes[i], 0, how);
    // The end of the stack need not be aligned, and then the frame begins lower.
    for (int beyond = 0; beyond < 64; beyond += 9)
        for (long size = 2048; size < least + 16; size += 40) attempt(size, beyond, HANDLED);
    for (long left = -16; left < 160; left += 8) nested(left);
    for (long left = least - 512; left < least + 256; left += 32) nested(left);
}

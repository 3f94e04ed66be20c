// A handler finds the vector and x87 registers of what it interrupted in its context, and what it changes
// there is so afterwards: at a fault, in a loop of calls, in a call that waits, behind a call that raises (P19).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <cpuid.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

extern char behind_fault[];
static uint64_t given[4] = {0x1111, 0x2222, 0x3333, 0x4444}, seen[4];
static volatile int handled;
static int ends[2];

// Where the upper halves of ymm0 to ymm15 are in the area, if they are there at all.
static unsigned upper_offset;

static void handler(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    struct _libc_fpstate *state = ((ucontext_t *)context)->uc_mcontext.fpregs;
    uint32_t *reserved = (uint32_t *)((char *)state + 464); // struct _fpx_sw_bytes
    uint64_t present = *(uint64_t *)((char *)state + 512);
    (void)info;
    uint64_t low[2], high[2] = {0, 0};
    memcpy(low, &state->_xmm[7], 16);
    int wide = upper_offset && (present & 4);
    if (wide) memcpy(high, (char *)state + upper_offset + 7 * 16, 16);
    printf("  signal %d: xmm7 %lx %lx, upper %lx %lx, mxcsr %x, control %x, magic %d\n", signal, low[0], low[1],
           high[0], high[1], state->mxcsr, state->cwd, reserved[0] == 0x46505853);
    low[0] += 0x10000, low[1] += 0x20000, high[0] += 0x30000, high[1] += 0x40000;
    memcpy(&state->_xmm[7], low, 16);
    if (wide) memcpy((char *)state + upper_offset + 7 * 16, high, 16);
    state->mxcsr ^= 0x2000; // a way of rounding
    state->cwd ^= 0x400;
    if (signal == SIGSEGV) registers[REG_RIP] = (long)behind_fault;
    handled++;
}

// What is between two moments that all of ymm7 is looked at.
#define WITH(code, ...)                                                                                       \
    __asm__ volatile("vmovdqu %[given], %%ymm7\n" code "\nvmovdqu %%ymm7, %[seen]\nvzeroupper"                \
                     : [seen] "=m"(seen)                                                                     \
                     : [given] "m"(given), ##__VA_ARGS__                                                     \
                     : "rax", "rcx", "rdx", "rdi", "rsi", "r11", "memory", "xmm7")

static void show(const char *what) {
    unsigned mxcsr;
    unsigned short control;
    __asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(mxcsr), "=m"(control));
    printf("%s: %lx %lx %lx %lx, mxcsr %x, control %x\n", what, seen[0], seen[1], seen[2], seen[3], mxcsr, control);
    mxcsr = 0x1f80, control = 0x37f;
    __asm__ volatile("ldmxcsr %0\n fldcw %1" : : "m"(mxcsr), "m"(control));
    fflush(stdout);
}

static void *sender(void *thread) {
    usleep(30000);
    pthread_kill(*(pthread_t *)thread, SIGUSR2);
    return NULL;
}

int main(void) {
    if (!__builtin_cpu_supports("avx")) {
        puts("no AVX");
        return 0;
    }
    unsigned a = 0, b, c, d;
    __get_cpuid_count(13, 2, &a, &b, &c, &d);
    upper_offset = b;
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    pipe(ends);
    char byte;
    long self = raw(SYS_getpid);
    WITH("xor %%eax, %%eax\n at_fault: mov (%%rax), %%rax\n behind_fault:");
    show("fault");
    WITH("mov $62, %%eax\n mov %[self], %%rdi\n mov $10, %%esi\n syscall", [self] "m"(self));
    show("raised");
    pthread_t self_thread = pthread_self(), thread;
    pthread_create(&thread, NULL, sender, &self_thread);
    long end = ends[0];
    WITH("xor %%eax, %%eax\n mov %[end], %%rdi\n lea %[byte], %%rsi\n mov $1, %%edx\n syscall", [end] "m"(end),
         [byte] "m"(byte));
    show("waiting");
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, sender, &self_thread);
    WITH("1: mov $110, %%eax\n syscall\n cmpl $3, %[handled]\n jbe 1b", [handled] "m"(handled));
    show("in a loop of calls");
    pthread_join(thread, NULL);
    raw(502);
}

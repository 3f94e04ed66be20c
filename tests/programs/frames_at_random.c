// Handlers change at random what rt_sigreturn(2) restores: flags, segments, masks, the alternate stack, the
// processor's extended state. Each process goes on, or ends, as natively (P19, P20).
// Expect: exit 0
// Record: 502 1000 times
// Limit: 90 s
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include <xmmintrin.h>
#include "parts/raw.h"

enum { PROCESSES = 1000, HIGHEST_FLAG = 22 };

static unsigned long state;

static unsigned choose(unsigned count) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % count;
}

static unsigned long any(void) {
    static const unsigned long some[] = {
        0,     1,     0x2b,    0x33,   0x23,   8,      0xffff, 0x7fff, -1ul,       1ul << 47, 1ul << 63,
        0x200, 0x100, 0x40000, 0x3000, 0x4000, 0x1f80, 0x1fbf, 0xffc0, 0xffffffff,
    };
    return some[choose(sizeof some / sizeof *some)];
}

// What a process says must have been written before it dies.
static void say(const char *format, ...) {
    char line[512];
    va_list rest;
    va_start(rest, format);
    int length = vsnprintf(line, sizeof line, format, rest);
    va_end(rest);
    raw(SYS_write, 1, line, length);
}

static char *memory;

static void change(ucontext_t *context) {
    greg_t *registers = context->uc_mcontext.gregs;
    unsigned long *mask = (unsigned long *)&context->uc_sigmask;
    struct _libc_fpstate *extended = context->uc_mcontext.fpregs;
    int what = choose(20);
    say(" %d", what);
    if (what >= 14 && !extended) return;
    switch (what) {
    case 0: registers[REG_EFL] ^= 1ul << choose(HIGHEST_FLAG); break;
    case 1: registers[REG_EFL] |= 0x400; break;
    case 2: registers[REG_EFL] ^= 1ul << 18; break;
    case 3: *mask ^= 1ul << choose(64); break;
    case 4: *mask = choose(2) ? -1ul : 0; break;
    case 5:
        registers[REG_CSGSFS] = (registers[REG_CSGSFS] & ~0xfffful) | (choose(2) ? any() & 0xffff : 0x33);
        // What 64-bit code does as 32-bit code depends on the lower half of where the stack is.
        if ((registers[REG_CSGSFS] & 0xffff) == 0x23) registers[REG_RIP] = 0;
        break;
    case 6: registers[REG_CSGSFS] = (registers[REG_CSGSFS] & 0xffffffffffff) | any() << 48; break;
    case 7: context->uc_flags = choose(2) ? any() : context->uc_flags ^ 1ul << choose(6); break;
    case 8:
        context->uc_stack.ss_sp = choose(2) ? memory : (void *)any();
        context->uc_stack.ss_size = choose(2) ? 16384 : any();
        context->uc_stack.ss_flags = choose(2) ? 0 : any();
        break;
    case 9: registers[REG_RIP] = any(); break;
    case 10: registers[REG_RSP] = any(); break;
    case 11: registers[REG_R11] = any(), registers[REG_RCX] = any(); break;
    case 12: registers[REG_ERR] = registers[REG_TRAPNO] = registers[REG_OLDMASK] = registers[REG_CR2] = any(); break;
    case 13: context->uc_mcontext.fpregs = choose(2) ? NULL : (void *)any(); break;
    case 14: context->uc_mcontext.fpregs = (void *)((char *)extended + choose(64)); break;
    case 15: extended->mxcsr = choose(2) ? 0x1f80 | choose(64) : any(); break;
    case 16: ((unsigned *)extended)[116 + choose(12)] ^= 1u << choose(32); break;      // the kernel's words
    case 17: ((unsigned long *)extended)[64 + choose(8)] ^= 1ul << choose(64); break;  // XSAVE's header
    case 18: extended->cwd = any(); break;
    default: extended->swd = any();
    }
}

static void changes(int signal, siginfo_t *info, void *context) {
    (void)info;
    enum { ARITHMETIC = 0xd5 };  // they depend on the process's number
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)ARITHMETIC;
    say(" <%d>", signal);
    for (int more = choose(3); more >= 0; more--) change(context);
}

static void reports(int signal, siginfo_t *info, void *context) {
    static int count;
    ucontext_t *interrupted = context;
    greg_t *registers = interrupted->uc_mcontext.gregs;
    say(" [%d, code %d, trap %lld, error %llx, segments %llx, flags %llx, mask %lx, stack %x %zx]", signal,
        info->si_code, registers[REG_TRAPNO], registers[REG_ERR], registers[REG_CSGSFS] & 0xffff00000000fffful,
        registers[REG_EFL] & 0x3fd700, *(unsigned long *)&interrupted->uc_sigmask, interrupted->uc_stack.ss_flags,
        interrupted->uc_stack.ss_size);
    if (signal != SIGUSR2 || ++count > 4) _exit(40 + signal);
}

static void show(void) {
    unsigned long flags;
    unsigned short control, status, code, stack;
    __asm__ volatile("pushfq; pop %0; pushfq; andq $~0x44400, (%%rsp); popfq" : "=r"(flags));
    __asm__ volatile("fnstcw %0; fnstsw %1; fninit" : "=m"(control), "=m"(status));
    __asm__ volatile("mov %%cs, %0; mov %%ss, %1" : "=r"(code), "=r"(stack));
    sigset_t mask;
    stack_t alternate;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigaltstack(NULL, &alternate);
    say(" {flags %lx, mxcsr %x, x87 %x %x, mask %lx, stack %x %zx, segments %x %x}", flags & 0x64700, _mm_getcsr(),
        control, status & 0x3f00, *(unsigned long *)&mask, alternate.ss_flags, alternate.ss_size, code, stack);
    _mm_setcsr(0x1f80);
}

static void live(void) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    alarm(20);
    memory = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (choose(3)) sigaltstack(&(stack_t){.ss_sp = memory + 65536, .ss_size = 65536}, NULL);
    int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGUSR2, SIGSYS};
    struct sigaction action = {.sa_sigaction = reports, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (choose(3)) action.sa_flags |= SA_ONSTACK;
    for (int i = 0; i < 7; i++) sigaction(signals[i], &action, NULL);
    action.sa_sigaction = changes;
    action.sa_flags = SA_SIGINFO | (choose(2) ? SA_ONSTACK : 0) | (choose(3) ? 0 : SA_NODEFER);
    if (choose(3) == 0) sigfillset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    for (int more = choose(4); more >= 0; more--) {
        if (choose(2)) {
            kill(getpid(), SIGUSR1);
        } else {
            sigset_t one, before;
            sigemptyset(&one);
            sigaddset(&one, SIGUSR1);
            sigprocmask(SIG_BLOCK, &one, &before);
            raise(SIGUSR1);
            kill(getpid(), SIGUSR2);
            sigprocmask(SIG_SETMASK, &before, NULL);
        }
        show();
    }
    _exit(0);
}

int main(void) {
    for (int process = 0; process < PROCESSES; process++) {
        pid_t child = fork();
        if (!child) {
            state = process;
            for (int i = 0; i < 5; i++) choose(2);
            live();
        }
        int status;
        waitpid(child, &status, 0);
        say("\n%d: %x\n", process, status);
        raw(502);
    }
}

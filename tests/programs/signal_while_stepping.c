// A program that steps through itself (TF) is sent signals: each comes at one of its instructions or between
// them, calls included, and it steps on.
// Expect: exit 0
// Build: gcc -O1
// Build: gcc -O1 -static
// Limit: 60 s
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ALARMS = 20 };

extern const char begin[], end[];
static volatile long steps, wrong, alarms, outside, without_flag;

static int is_within(uintptr_t rip) { return rip >= (uintptr_t)begin && rip <= (uintptr_t)end; }

static void step(int number, siginfo_t *info, void *context) {
    (void)number;
    uintptr_t rip = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    steps++;
    if (info->si_code != TRAP_TRACE) wrong++;
    if (!is_within(rip)) outside++;
}

static void alarmed(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    alarms++;
    if (is_within(registers[REG_RIP]) && !(registers[REG_EFL] & 0x100)) without_flag++;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &action, NULL);
    action.sa_sigaction = alarmed;
    action.sa_flags |= SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    pid_t parent = getpid(), child = fork();
    for (int i = 0; !child && i < ALARMS; i++) {
        usleep(20000);
        kill(parent, SIGALRM);
    }
    if (!child) _exit(0);
    long count = 0, sum = 0;
    struct timespec moment = {0, 50000};
    __asm__ volatile("lea -256(%%rsp), %%rsp\n pushfq\n orq $0x100, (%%rsp)\n popfq\n"
                     "begin: mov $110, %%eax\n syscall\n add %%rax, %1\n"
                     "mov $35, %%eax\n mov %2, %%rdi\n xor %%esi, %%esi\n inc %0\n test $31, %b0\n jnz 1f\n syscall\n"
                     "1: cmpq %4, %3\n jl begin\n"
                     "end: pushfq\n andq $~0x100, (%%rsp)\n popfq\n lea 256(%%rsp), %%rsp"
                     : "+&r"(count), "+&r"(sum) : "r"(&moment), "m"(alarms), "i"(ALARMS)
                     : "rax", "rcx", "rdi", "rsi", "r11", "memory", "cc");
    wait(NULL);
    printf("sum %d, steps %d, wrong %ld, outside %d, alarms %ld, without flag %ld\n", sum == count * getppid(),
           steps > count * 7, wrong, outside < 10, alarms, without_flag);
}

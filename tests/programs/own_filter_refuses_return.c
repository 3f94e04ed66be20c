// A filter of the program's that refuses rt_sigreturn(2) returns to behind the call, in the handler's place; one that
// refuses readlink(2) does so for /proc/self/exe as well.
// Expect: exit 0, stdout "readlink -7\nreturned -5, stack kept 1, blocked 1\ntrapped 15 at the call 1\nended by 31"
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/filter.h"
#include "parts/raw.h"

extern char behind_return[];

// Ends the handler, or does not: then rax, and rsp before and after.
__asm__(
    "returns:\n"
    "  mov %rsp, %rbx\n"
    "  mov $15, %eax\n"
    "  syscall\n"
    "behind_return:\n"
    "  mov %rax, %rdi\n"
    "  mov %rsp, %rsi\n"
    "  mov %rbx, %rdx\n"
    "  and $-16, %rsp\n"
    "  call refused\n");

extern void returns(void);

void refused(long result, long after, long before) {
    unsigned long mask;
    raw(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
    printf("returned %ld, stack kept %d, blocked %d\n", result, after == before, (int)(mask >> (SIGUSR1 - 1) & 1));
    fflush(stdout);
    _exit(0);
}

static void ignores(int signal) { (void)signal; }

static void trapped(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    printf("trapped %d at the call %d\n", info->si_syscall, (char *)info->si_call_addr == behind_return);
    fflush(stdout);
    _exit(0);
}

// What the kernel's `struct sigaction` is.
struct action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

static void try(unsigned action) {
    pid_t child = fork();
    if (!child) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        struct action usr1 = {ignores, 0x04000000 /* SA_RESTORER */, returns, 0};
        raw(SYS_rt_sigaction, SIGUSR1, &usr1, NULL, 8);
        if (action == SECCOMP_RET_TRAP)
            sigaction(SIGSYS, &(struct sigaction){.sa_sigaction = trapped, .sa_flags = SA_SIGINFO}, NULL);
        filter_call(SYS_rt_sigreturn, action);
        raise(SIGUSR1);
        puts("returned");
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) printf("ended by %d\n", WTERMSIG(status));
    fflush(stdout);
}

int main(void) {
    if (!fork()) {
        char path[4096];
        filter_call(SYS_readlink, SECCOMP_RET_ERRNO | 7);
        printf("readlink %ld\n", raw(SYS_readlink, "/proc/self/exe", path, sizeof path));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    try(SECCOMP_RET_ERRNO | 5);
    try(SECCOMP_RET_TRAP);
    try(SECCOMP_RET_KILL_PROCESS);
}

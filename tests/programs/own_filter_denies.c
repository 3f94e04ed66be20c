// A filter of the program's traps a call or answers for it, whichever the runtime has to prepare or to account for:
// the call is not made, its handler sees the number and may change the result, and all goes on as it was (P32).
// Expect: exit 0
// Record: 502 19 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/filter.h"
#include "parts/raw.h"

static const unsigned actions[] = {SECCOMP_RET_TRAP | 5, SECCOMP_RET_ERRNO | 99, SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW};
static const int numbers[] = {SYS_clone, SYS_fork, SYS_execve, SYS_execveat, SYS_mmap, SYS_rt_sigprocmask};
static int changes;

static void trapped(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    printf("[%d: call %d, errno %d, rax %lld]", signal, info->si_syscall, info->si_errno, registers[REG_RAX]);
    if (changes) registers[REG_RAX] = -77;
}

static void handled(int signal) { printf("[%d]", signal); }

static long child(long made) {
    if (made) return made;
    _exit(3);
}

static long call(int number) {
    char *arguments[] = {"/bin/true", NULL};
    unsigned long set = 1 << (SIGSEGV - 1) | 1 << (SIGUSR1 - 1);
    fflush(stdout);
    switch (number) {
    case SYS_clone: return child(raw(SYS_clone, SIGCHLD));
    case SYS_fork: return child(raw(SYS_fork));
    case SYS_execve: return raw(SYS_execve, arguments[0], arguments, environ);
    case SYS_execveat: return raw(SYS_execveat, -1, arguments[0], arguments, environ, 0);
    case SYS_mmap: return raw(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    default: return raw(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
    }
}

static void attempt(int number, unsigned action) {
    filter_call(number, action);
    long result = call(number);
    if (action == SECCOMP_RET_ALLOW && result > 0) result = 1;
    printf(" %ld;", result);
    unsigned long mask = 0;
    raw(SYS_kill, raw(SYS_getpid), SIGUSR1);
    raw(SYS_kill, raw(SYS_getpid), SIGSEGV);
    if (number != SYS_rt_sigprocmask && raw(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8) == 0) printf(" mask %lx;", mask);
    if (number != SYS_clone) printf(" child %d;", child(raw(SYS_clone, SIGCHLD)) > 0);
    int status;
    while (wait(&status) > 0) printf(" ended %x;", status);
    raw(502);
    fflush(stdout);
    _exit(0);
}

int main(void) {
    static char buffer[1 << 14];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    sigaction(SIGSYS, &(struct sigaction){.sa_sigaction = trapped, .sa_flags = SA_SIGINFO}, NULL);
    signal(SIGUSR1, handled);
    signal(SIGSEGV, handled);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 4; j++) {
            if (numbers[i] == SYS_rt_sigprocmask && actions[j] == SECCOMP_RET_ERRNO) continue;  // seen as done
            changes = j == 0 && i % 2;
            fflush(stdout);
            pid_t one = fork();
            if (!one) attempt(numbers[i], actions[j]);
            int status;
            waitpid(one, &status, 0);
            printf(" call %d, action %x: %x\n", numbers[i], actions[j], status);
        }
    // The other number is no way to execute: what is allowed is enough.
    fflush(stdout);
    pid_t one = fork();
    if (!one) {
        filter_call(SYS_execveat, SECCOMP_RET_ERRNO | 1);
        execl("/bin/echo", "echo", "executed", NULL);
        _exit(errno);
    }
    int status;
    waitpid(one, &status, 0);
    printf("%x\n", status);
}

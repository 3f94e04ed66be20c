// A sandbox that allows what the program itself needs and kills whoever makes another call: threads,
// processes, signals, memory made executable, and the end of it all work (P32).
// Expect: exit 0, stdout "installed: 0\nrun: -38\nhandled: 2\nthread: 7\nchild killed by 31\nsharer: 9"
// Record: 503 once, 504 once
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/code.h"
#include "parts/raw.h"

static const int allowed[] = {
    SYS_read,   SYS_write,  SYS_rt_sigreturn, SYS_exit,   SYS_exit_group,  SYS_brk,   SYS_futex, SYS_mmap, SYS_munmap,
    SYS_mprotect, SYS_clone, SYS_clone3, SYS_wait4, SYS_set_robust_list, SYS_rseq, SYS_getpid, SYS_gettid, SYS_tgkill,
    SYS_rt_sigprocmask, SYS_madvise, SYS_kill, SYS_rt_sigaction, SYS_getrandom, 503, 504,
};

static volatile int handled;

static void handler(int signal) {
    (void)signal;
    handled++;
}

static void *thread(void *argument) {
    raw(504);
    return (void *)7 + (argument != NULL);
}

static int sharer(void *unused) {
    (void)unused;
    raw(SYS_exit, 9);
    return 0;
}

int main(void) {
    signal(SIGUSR1, handler);
    signal(SIGSEGV, handler);
    enum { COUNT = sizeof allowed / sizeof *allowed };
    struct sock_filter filter[COUNT + 5] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, COUNT + 1),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    for (int i = 0; i < COUNT; i++)
        filter[3 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], COUNT - i, 0);
    filter[3 + COUNT] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    filter[4 + COUNT] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {COUNT + 5, filter};
    setvbuf(stdout, (char[4096]){0}, _IOFBF, 4096);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    printf("installed: %d\n", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));

    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 503);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    printf("run: %ld\n", run(code));
    raw(SYS_kill, raw(SYS_getpid), SIGUSR1);
    raw(SYS_tgkill, raw(SYS_getpid), raw(SYS_gettid), SIGSEGV);
    printf("handled: %d\n", handled);
    pthread_t other;
    void *result;
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, &result);
    printf("thread: %ld\n", (long)result);
    long child = raw(SYS_clone, SIGCHLD);
    if (!child) {
        raw(SYS_getppid);  // not allowed
        raw(SYS_exit_group, 1);
    }
    int status;
    raw(SYS_wait4, child, &status, 0, 0);
    printf("child killed by %d\n", WTERMSIG(status));
    static char stack[16384] __attribute__((aligned(16)));
    child = clone(sharer, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    raw(SYS_wait4, child, &status, 0, 0);
    printf("sharer: %d\n", WEXITSTATUS(status));
    fflush(stdout);
    return 0;
}

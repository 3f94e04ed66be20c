// Arguments that the kernel takes as 32-bit ones, with something in their upper halves, which does not count.
// Expect: exit 0
// Record: 501 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

#define ODD(value) ((0x5aL << 32) | (unsigned)(value))
#define SHOW(call) printf("%-70s %ld\n", #call, (long)(call))

static int count;

static void handle(int signal) { count += signal; }

int main(void) {
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned long set = 1ul << (SIGUSR1 - 1), old = 0;
    SHOW(raw(SYS_prctl, ODD(59) /* PR_SET_SYSCALL_USER_DISPATCH */, 0, 0, 0, 0));
    SHOW(raw(501));
    SHOW(raw(SYS_arch_prctl, ODD(0x1004) /* ARCH_GET_GS */, page));
    SHOW(*(long *)page);
    SHOW(raw(SYS_arch_prctl, ODD(0x1001) /* ARCH_SET_GS */, page));
    SHOW(raw(SYS_arch_prctl, 0x1004, page));
    SHOW(*(char **)page == page);
    SHOW(raw(SYS_arch_prctl, 0x1001, 0));
    signal(SIGUSR2, handle);
    struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } action;
    SHOW(raw(SYS_rt_sigaction, ODD(SIGUSR2), 0, &action, 8));
    SHOW(action.handler == handle);
    action.handler = handle;
    SHOW(raw(SYS_rt_sigaction, ODD(SIGUSR1), &action, 0, 8));
    SHOW(raw(SYS_rt_sigprocmask, ODD(SIG_BLOCK), &set, &old, 8));
    SHOW(raw(SYS_kill, ODD(getpid()), ODD(SIGUSR1)));
    SHOW(count);
    SHOW(raw(SYS_rt_sigpending, &old, 8));
    SHOW(old);
    SHOW(raw(SYS_rt_sigprocmask, ODD(SIG_UNBLOCK), &set, 0, 8));
    SHOW(count);
    SHOW(raw(SYS_tgkill, ODD(getpid()), ODD(getpid()), ODD(SIGUSR2)));
    SHOW(count);
    signal(SIGSYS, handle);
    SHOW(raw(SYS_kill, ODD(getpid()), ODD(SIGSYS)));
    SHOW(count);
    SHOW(raw(SYS_madvise, page, 4096, ODD(MADV_DONTNEED)));
    SHOW(*page);
    SHOW(raw(SYS_fcntl, ODD(0), ODD(F_DUPFD), ODD(20)));
    SHOW(raw(SYS_dup2, ODD(0), ODD(21)));
    SHOW(raw(SYS_dup3, ODD(0), ODD(22), ODD(O_CLOEXEC)));
    SHOW(raw(SYS_close, ODD(22)));
    SHOW(raw(SYS_close_range, ODD(20), ODD(21), ODD(0)));
    SHOW(raw(SYS_fcntl, 21, F_GETFD));
    SHOW(raw(SYS_openat, ODD(AT_FDCWD), "/proc/self/exe", ODD(O_RDONLY)) >= 0);
    SHOW(raw(SYS_readlinkat, ODD(AT_FDCWD), "/proc/self/exe", page, ODD(3)));
    SHOW(raw(SYS_readlink, "/proc/self/exe", page, ODD(-1)));
    SHOW(raw(SYS_personality, ODD(0xffffffff)));
    SHOW(raw(SYS_membarrier, ODD(0), ODD(0), ODD(0)) > 0);
    struct rlimit limit;
    SHOW(raw(SYS_prlimit64, ODD(0), ODD(RLIMIT_NOFILE), 0, &limit));
    SHOW(raw(SYS_setrlimit, ODD(RLIMIT_NOFILE), &limit));
    SHOW(raw(SYS_shmat, ODD(-1), 0, ODD(0)));
    SHOW(raw(SYS_unshare, ODD(0)));
    fflush(stdout);
    long child = raw(SYS_clone, ODD(SIGCHLD), 0, 0, 0, 0);
    if (child == 0) raw(SYS_exit_group, ODD(7));
    int status;
    SHOW(raw(SYS_wait4, ODD(child), &status, 0, 0) == child);
    SHOW(status);
    fflush(stdout);
    child = fork();
    if (child == 0) raw(SYS_exit, ODD(9));
    SHOW(raw(SYS_wait4, child, &status, 0, 0) == child);
    SHOW(status);
    fflush(stdout);
    char *words[] = {"true", NULL};
    child = fork();
    if (child == 0) exit(-raw(SYS_execveat, ODD(AT_FDCWD), "/bin/true", words, environ, ODD(0)));
    SHOW(raw(SYS_wait4, child, &status, 0, 0) == child);
    SHOW(status);
}

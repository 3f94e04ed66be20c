// Pointers to nothing give EFAULT, or whatever else they give natively, and never a crash (P37).
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "parts/raw.h"

#define SHOW(call) printf("%-40s %ld\n", #call, (long)(call))

static void with(const char *what, unsigned long bad) {
    int ends[2];
    unsigned long set = 1 << (SIGSEGV - 1) | 1 << (SIGUSR2 - 1), now = 0;
    printf("%s\n", what);
    pipe(ends);
    write(ends[1], "abcdef", 6);
    SHOW(raw(SYS_read, ends[0], bad, 3));
    SHOW(raw(SYS_write, ends[1], bad, 3));
    SHOW(raw(SYS_readv, ends[0], bad, 2));
    struct iovec half[2] = {{&(char){0}, 1}, {(void *)bad, 1}};
    SHOW(raw(SYS_readv, ends[0], half, 2));
    SHOW(raw(SYS_writev, ends[1], half, 2));
    SHOW(raw(SYS_open, bad, 0));
    SHOW(raw(SYS_openat, AT_FDCWD, bad, 0));
    SHOW(raw(SYS_stat, bad, bad));
    SHOW(raw(SYS_fstat, 0, bad));
    SHOW(raw(SYS_newfstatat, AT_FDCWD, "/", bad, 0));
    SHOW(raw(SYS_pipe2, bad, 0));
    SHOW(raw(SYS_nanosleep, bad, 0));
    SHOW(raw(SYS_clock_gettime, CLOCK_REALTIME, bad));
    SHOW(raw(SYS_poll, bad, 2, 0));
    SHOW(raw(SYS_ppoll, 0, 0, bad, 0, 8));
    SHOW(raw(SYS_ppoll, 0, 0, 0, bad, 8));
    SHOW(raw(SYS_pselect6, 0, 0, 0, 0, 0, bad));
    unsigned long pair[2] = {bad, 8};
    SHOW(raw(SYS_pselect6, 0, 0, 0, 0, 0, pair));
    SHOW(raw(SYS_epoll_pwait, -1, bad, 1, 0, bad, 8));
    int queue = raw(SYS_epoll_create1, 0);
    SHOW(raw(SYS_epoll_ctl, queue, 1, ends[0], bad));
    SHOW(raw(SYS_epoll_pwait, queue, &set, 1, 0, bad, 8));
    raw(SYS_close, queue);
    SHOW(raw(SYS_rt_sigsuspend, bad, 8));
    SHOW(raw(SYS_signalfd4, -1, bad, 8, 0));
    SHOW(raw(SYS_rt_sigqueueinfo, raw(SYS_getpid), SIGUSR2, bad));
    SHOW(raw(SYS_rt_tgsigqueueinfo, raw(SYS_getpid), raw(SYS_gettid), SIGSEGV, bad));
    SHOW(raw(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, bad, 0));
    SHOW(raw(SYS_seccomp, 1 /* SECCOMP_SET_MODE_FILTER */, 0, bad));
    SHOW(raw(SYS_select, 1, bad, 0, 0, 0));
    SHOW(raw(SYS_getcwd, bad, 4096));
    SHOW(raw(SYS_rt_sigprocmask, SIG_BLOCK, bad, 0, 8));
    SHOW(raw(SYS_rt_sigprocmask, SIG_BLOCK, 0, bad, 8));
    SHOW(raw(SYS_rt_sigprocmask, SIG_BLOCK, &set, bad, 8));
    SHOW(raw(SYS_rt_sigprocmask, 77, &set, bad, 8));
    SHOW(raw(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, &now, 8));
    SHOW(now);
    SHOW(raw(SYS_rt_sigaction, SIGUSR1, bad, 0, 8));
    SHOW(raw(SYS_rt_sigaction, SIGUSR1, 0, bad, 8));
    SHOW(raw(SYS_rt_sigaction, SIGUSR1, 0, 0, 7));
    SHOW(raw(SYS_sigaltstack, bad, 0));
    SHOW(raw(SYS_sigaltstack, 0, bad));
    SHOW(raw(SYS_rt_sigtimedwait, bad, 0, 0, 8));
    SHOW(raw(SYS_rt_sigpending, bad, 8));
    SHOW(raw(SYS_execve, bad, 0, 0));
    SHOW(raw(SYS_execve, "/bin/true", bad, 0));
    SHOW(raw(SYS_execveat, AT_FDCWD, bad, 0, 0, 0));
    SHOW(raw(SYS_clone3, bad, 88));
    SHOW(raw(SYS_wait4, -1, bad, 1 /* WNOHANG */, 0));
    SHOW(raw(SYS_uname, bad));
    SHOW(raw(SYS_futex, bad, 0, 0, 0, 0, 0));
    SHOW(raw(SYS_prctl, PR_SET_NAME, bad));
    SHOW(raw(SYS_prctl, PR_GET_NAME, bad));
    SHOW(raw(SYS_socketpair, 1, 1, 0, bad));
    SHOW(raw(SYS_connect, 0, bad, 16));
    SHOW(raw(SYS_sendmsg, 0, bad, 0));
    SHOW(raw(SYS_readlink, "/proc/self/exe", bad, 100));
    SHOW(raw(SYS_readlink, bad, bad, 100));
    SHOW(raw(SYS_ioctl, 0, 0x5401, bad));
    SHOW(raw(SYS_getrandom, bad, 5, 0));
    SHOW(raw(SYS_arch_prctl, 0x1003, bad));
    SHOW(raw(SYS_set_robust_list, bad, 24));
    SHOW(raw(SYS_getdents64, 0, bad, 100));
    SHOW(raw(SYS_statx, AT_FDCWD, "/", 0, 0, bad));
    SHOW(raw(SYS_prlimit64, 0, 7, bad, 0));
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    with("address 8", 8);
    with("end of a page", (unsigned long)page + 4095);
    with("kernel", 0xffffffff80000000);
    with("not canonical", 0x8000000000000000);
    with("last", 0xfffffffffffffff8);
}

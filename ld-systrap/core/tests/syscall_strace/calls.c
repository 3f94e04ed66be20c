// Many calls with known arguments, each made directly; runs in an empty directory.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define BAD ((void *)0x1000)
static void caught(int signal) { (void)signal; }
static void informed(int signal, siginfo_t *info, void *context) {}
#define call(...) syscall(__VA_ARGS__)

static void files(void) {
    char buffer[4096], odd[] = "\0\1\1779\33[0m\t\"quoted\"\\ \r\v\f\377 and some more than thirty-two";
    int fd = call(SYS_open, "file", O_RDWR | O_CREAT | O_TRUNC, 0640);
    call(SYS_write, fd, odd, sizeof odd);
    call(SYS_write, fd, odd, 5);
    call(SYS_write, fd, "exactly thirty-two bytes long...", 32);
    call(SYS_write, fd, "thirty-three bytes, one too many.", 33);
    call(SYS_write, fd, BAD, 10);
    call(SYS_write, 99, "x", 1);
    call(SYS_write, fd, "", 0);
    call(SYS_write, fd, 0, 0);
    call(SYS_lseek, fd, 0, SEEK_SET);
    call(SYS_lseek, fd, -1, SEEK_END);
    call(SYS_lseek, fd, -1, 77);
    call(SYS_pread64, fd, buffer, 10, 3);
    call(SYS_pread64, fd, buffer, 10, -3);
    call(SYS_pwrite64, fd, "abc", 3, 100);
    struct iovec iov[3] = {{"one", 3}, {"", 0}, {"three", 5}};
    call(SYS_writev, fd, iov, 3);
    call(SYS_writev, fd, iov, 0);
    call(SYS_writev, fd, BAD, 3);
    call(SYS_pwritev, fd, iov, 3, 7, 0);
    struct iovec into[2] = {{buffer, 4}, {buffer + 100, 200}};
    call(SYS_lseek, fd, 40, SEEK_SET);
    call(SYS_readv, fd, into, 2);
    call(SYS_preadv, fd, into, 2, 5, 0);
    call(SYS_preadv2, fd, into, 2, 5, 0, RWF_HIPRI);
    call(SYS_readv, 99, into, 2);
    call(SYS_read, fd, buffer, 1000);
    call(SYS_read, 99, buffer, 1000);
    call(SYS_openat, AT_FDCWD, "missing", O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_DIRECTORY);
    call(SYS_openat, AT_FDCWD, BAD, O_RDWR | O_SYNC | O_DIRECT | O_NOFOLLOW | O_NOATIME | O_PATH);
    call(SYS_openat, 99, "a", O_RDONLY | O_EXCL | O_NOCTTY | O_ASYNC | O_DSYNC | O_LARGEFILE);
    call(SYS_openat, AT_FDCWD, ".", O_RDWR | O_TMPFILE, 0600);
    call(SYS_openat, AT_FDCWD, ".", 0x40000003, 0600);
    struct open_how how = {O_RDONLY | O_CREAT, 0600, RESOLVE_BENEATH | RESOLVE_NO_XDEV};
    call(SYS_openat2, AT_FDCWD, "file", &how, sizeof how);
    how.flags = O_RDONLY, how.mode = 0, how.resolve = 0;
    call(SYS_openat2, AT_FDCWD, "file", &how, sizeof how);
    call(SYS_creat, "other", 0);
    struct stat stat;
    call(SYS_stat, "file", &stat);
    call(SYS_stat, "/dev/null", &stat);
    call(SYS_lstat, "/proc/self", &stat);
    call(SYS_fstat, fd, &stat);
    call(SYS_fstat, fd, BAD);
    call(SYS_newfstatat, AT_FDCWD, "/tmp", &stat, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
    struct statx statx;
    call(SYS_statx, AT_FDCWD, "file", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, BAD);
    call(SYS_access, "file", R_OK | W_OK);
    call(SYS_access, "file", F_OK);
    call(SYS_faccessat, AT_FDCWD, "file", X_OK);
    call(SYS_faccessat2, AT_FDCWD, "file", X_OK, AT_EACCESS);
    call(SYS_mkdir, "directory", 01777);
    call(SYS_mkdirat, AT_FDCWD, "directory", 0755);
    call(SYS_chmod, "file", 04755);
    call(SYS_fchmod, fd, 0);
    call(SYS_fchmodat, AT_FDCWD, "file", 0644);
    call(SYS_chown, "file", -1, 0);
    call(SYS_fchownat, AT_FDCWD, "file", -1, -1, AT_SYMLINK_NOFOLLOW);
    call(SYS_umask, 022);
    call(SYS_umask, 0);
    call(SYS_rename, "other", "another");
    call(SYS_renameat2, AT_FDCWD, "another", AT_FDCWD, "other", RENAME_NOREPLACE);
    call(SYS_link, "file", "hard");
    call(SYS_symlink, "file", "soft");
    call(SYS_symlinkat, "file", AT_FDCWD, "soft2");
    call(SYS_readlink, "soft", buffer, sizeof buffer);
    call(SYS_readlink, "file", buffer, sizeof buffer);
    call(SYS_readlinkat, AT_FDCWD, "soft", buffer, 2);
    call(SYS_unlink, "soft2");
    call(SYS_unlinkat, AT_FDCWD, "directory", AT_REMOVEDIR);
    call(SYS_mknod, "fifo", S_IFIFO | 0600, 0);
    call(SYS_mknod, "null", S_IFCHR | 0600, 0x103);
    call(SYS_mknodat, AT_FDCWD, "plain", 0600, 0);
    call(SYS_truncate, "file", 50);
    call(SYS_ftruncate, fd, -1);
    call(SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE, 0, 4096);
    call(SYS_fadvise64, fd, 0, 100, POSIX_FADV_SEQUENTIAL);
    call(SYS_flock, fd, LOCK_EX | LOCK_NB);
    call(SYS_fsync, fd);
    call(SYS_getcwd, buffer, 1);
    int directory = call(SYS_openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY);
    call(SYS_getdents64, directory, buffer, sizeof buffer);
    call(SYS_getdents64, directory, buffer, sizeof buffer);
    call(SYS_getdents, directory, buffer, sizeof buffer);
    call(SYS_fchdir, directory);
    call(SYS_chdir, "nowhere");
    off_t offset = 1;
    int other = call(SYS_open, "copy", O_WRONLY | O_CREAT, 0600);
    call(SYS_sendfile, other, fd, &offset, 10);
    call(SYS_sendfile, other, fd, 0, 10);
    call(SYS_sendfile, 99, fd, &offset, 10);
    call(SYS_copy_file_range, fd, &offset, other, 0, 5, 0);
    struct timespec times[2] = {{1, 2}, {3, UTIME_OMIT}};
    call(SYS_utimensat, AT_FDCWD, "nofile", 0, 0);
    call(SYS_setxattr, "file", "user.name", "value", 5, XATTR_CREATE);
    call(SYS_getxattr, "file", "user.name", buffer, 100);
    call(SYS_getxattr, "file", "user.none", buffer, 100);
    call(SYS_listxattr, "file", buffer, 100);
    call(SYS_removexattr, "file", "user.name");
    call(SYS_fcntl, fd, F_GETFD);
    call(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
    call(SYS_fcntl, fd, F_GETFD);
    call(SYS_fcntl, fd, F_GETFL);
    call(SYS_fcntl, fd, F_SETFL, O_RDWR | O_APPEND | O_NONBLOCK);
    call(SYS_close, call(SYS_fcntl, fd, F_DUPFD, 50));
    call(SYS_close, call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 50));
    struct flock lock = {F_WRLCK, SEEK_SET, 1, 2};
    call(SYS_fcntl, fd, F_SETLK, &lock);
    call(SYS_fcntl, fd, F_GETLK, &lock);
    call(SYS_fcntl, fd, F_OFD_SETLK, &lock);
    call(SYS_fcntl, fd, F_SETOWN, 0);
    call(SYS_fcntl, fd, F_GETOWN);
    call(SYS_fcntl, fd, F_SETSIG, SIGUSR1);
    call(SYS_fcntl, fd, 7777, 1);
    call(SYS_dup, 99);
    call(SYS_dup2, fd, 60);
    call(SYS_dup3, fd, 61, O_CLOEXEC);
    call(SYS_dup3, fd, 61, 0);
    call(SYS_close, 99);
    call(SYS_close_range, 60, ~0U, 0);
    int pipes[2];
    call(SYS_pipe, pipes);
    call(SYS_pipe2, pipes, O_CLOEXEC | O_NONBLOCK);
    call(SYS_pipe2, BAD, 0);
    call(SYS_fcntl, pipes[0], F_GETPIPE_SZ);
    call(SYS_fcntl, pipes[0], F_SETPIPE_SZ, 8192);
    call(SYS_splice, pipes[0], 0, pipes[1], 0, 10, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    call(SYS_vmsplice, pipes[1], iov, 2, SPLICE_F_GIFT);
    call(SYS_tee, pipes[0], pipes[1], 10, 0);
    call(SYS_ioctl, pipes[0], FIONREAD, &fd);
    int on = 1;
    call(SYS_ioctl, pipes[0], FIONBIO, &on);
    call(SYS_ioctl, pipes[0], TCGETS, buffer);
    call(SYS_ioctl, pipes[0], TIOCGWINSZ, buffer);
    call(SYS_ioctl, pipes[0], TIOCGPGRP, buffer);
    call(SYS_ioctl, pipes[0], FIOCLEX);
    call(SYS_ioctl, pipes[0], 0x12345678, 9);
    call(SYS_ioctl, pipes[0], 0xc0045501, 9);
    call(SYS_ioctl, pipes[0], 0, 0);
    int terminal = call(SYS_openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY);
    struct winsize size = {24, 80, 0, 0};
    struct termios termios;
    int lockpt = 0, number;
    call(SYS_ioctl, terminal, TIOCSWINSZ, &size);
    call(SYS_ioctl, terminal, TIOCGWINSZ, &size);
    call(SYS_ioctl, terminal, TIOCSPTLCK, &lockpt);
    call(SYS_ioctl, terminal, TCGETS, buffer);
    call(SYS_ioctl, terminal, TCSETS, buffer);
    call(SYS_ioctl, terminal, TCSETSW, buffer);
    call(SYS_ioctl, terminal, TCFLSH, TCIFLUSH);
    call(SYS_memfd_create, "a name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int memory = call(SYS_memfd_create, "other", MFD_ALLOW_SEALING);
    call(SYS_fcntl, memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    call(SYS_fcntl, memory, F_GET_SEALS);
    call(SYS_statfs, "missing", buffer);
    call(SYS_fstatfs, pipes[0], buffer);
    call(SYS_inotify_init1, IN_CLOEXEC | IN_NONBLOCK);
    call(SYS_inotify_add_watch, 99, "file", IN_CREATE | IN_DELETE | IN_CLOSE_WRITE);
    call(SYS_name_to_handle_at, AT_FDCWD, "missing", BAD, BAD, 0);
    call(SYS_mount, "none", "/nonexistent", "tmpfs", MS_NOSUID | MS_NODEV | MS_BIND, "size=1");
    call(SYS_umount2, "/nonexistent", MNT_DETACH);
}

static void memory(void) {
    void *page = (void *)call(SYS_mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    call(SYS_mmap, page, 4096, PROT_NONE, MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    call(SYS_mmap, 0, 0, PROT_EXEC, MAP_PRIVATE, 99, 4096);
    call(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED_VALIDATE | MAP_HUGETLB | (21 << 26), -1, 0);
    call(SYS_mmap, 0, 4096, PROT_READ | 0x1000, 0, -1, 0);
    call(SYS_mprotect, page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    call(SYS_mremap, page, 4096, 12288, MREMAP_MAYMOVE);
    call(SYS_mremap, BAD, 4096, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, page);
    call(SYS_munmap, BAD, 4096);
    call(SYS_munmap, 1, 4096);
    call(SYS_msync, page, 4096, MS_SYNC);
    call(SYS_madvise, page, 4096, MADV_DONTNEED);
    call(SYS_madvise, page, 4096, 12345);
    call(SYS_mincore, BAD, 4096, BAD);
    call(SYS_mlock, 0, 0);
    call(SYS_mlockall, MCL_CURRENT | MCL_FUTURE | 8);
    call(SYS_brk, 0);
    call(SYS_pkey_alloc, 0, 2);
    call(SYS_membarrier, 0, 0, 0);
    call(SYS_shmget, IPC_PRIVATE, 0, IPC_CREAT | 0600);
    call(SYS_shmget, 0x1234, 4096, 0);
    call(SYS_shmat, -1, 0, SHM_RDONLY);
    call(SYS_shmdt, BAD);
    call(SYS_shmctl, -1, IPC_RMID, 0);
    call(SYS_semget, IPC_PRIVATE, -1, IPC_CREAT | 0600);
    struct sembuf operation[2] = {{0, 1, SEM_UNDO}, {0, -1, IPC_NOWAIT}};
    call(SYS_semop, -1, operation, 2);
    struct timespec time = {1, 0};
    call(SYS_semtimedop, -1, operation, 1, &time);
    call(SYS_semctl, -1, 0, IPC_RMID, 0);
    call(SYS_msgget, 0x4321, 0);
    struct { long type; char text[8]; } message = {3, "text"};
    call(SYS_msgsnd, -1, &message, 4, IPC_NOWAIT);
    call(SYS_msgrcv, -1, &message, 4, 3, IPC_NOWAIT | MSG_NOERROR);
    call(SYS_msgctl, -1, IPC_RMID, 0);
}

static void signals(void) {
    struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } action = {
        (void *)1, 0x04000000 | SA_RESTART, BAD, 1 << (SIGCHLD - 1) | 1UL << 33 };
    call(SYS_rt_sigaction, SIGUSR2, &action, 0, 8);
    call(SYS_rt_sigaction, SIGUSR2, 0, &action, 8);
    action.flags = SA_SIGINFO | SA_NODEFER, action.mask = ~0UL;
    call(SYS_rt_sigaction, SIGUSR2, &action, &action, 8);
    action.handler = 0, action.flags = 0, action.mask = 0;
    call(SYS_rt_sigaction, SIGUSR2, &action, &action, 8);
    call(SYS_rt_sigaction, 77, BAD, 0, 8);
    unsigned long set = 1 << (SIGUSR1 - 1) | 1UL << 63, old;
    call(SYS_rt_sigprocmask, SIG_BLOCK, &set, &old, 8);
    call(SYS_rt_sigprocmask, SIG_SETMASK, 0, &old, 8);
    call(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8);
    call(SYS_rt_sigprocmask, 9, &set, BAD, 8);
    call(SYS_rt_sigpending, &set, 8);
    stack_t stack = {0, SS_DISABLE, 0};
    call(SYS_sigaltstack, 0, &stack);
    call(SYS_sigaltstack, &stack, 0);
    stack.ss_flags = 0, stack.ss_sp = BAD, stack.ss_size = 8192;
    call(SYS_sigaltstack, &stack, &stack);
    signal(SIGUSR1, caught);
    call(SYS_kill, 0x7ffffff0, SIGUSR1);
    call(SYS_kill, 0x7ffffff0, 0);
    call(SYS_kill, 0x7ffffff0, 40);
    call(SYS_tgkill, 0x7ffffff0, 1, SIGTERM);
    call(SYS_tkill, 0x7ffffff0, SIGRTMIN);
    set = 1 << (SIGUSR2 - 1);
    struct timespec none = {0, 0};
    siginfo_t info;
    call(SYS_rt_sigtimedwait, &set, &info, &none, 8);
    call(SYS_rt_sigprocmask, SIG_BLOCK, &set, 0, 8);
    call(SYS_kill, getpid(), SIGUSR2);
    call(SYS_rt_sigtimedwait, &set, 0, &none, 8);
    call(SYS_signalfd4, -1, &set, 8, SFD_CLOEXEC | SFD_NONBLOCK);
    call(SYS_signalfd, -1, &set, 8);
    call(SYS_alarm, 0);
    struct itimerval timer = {{0, 0}, {100, 0}};
    call(SYS_setitimer, ITIMER_REAL, &timer, 0);
    timer.it_value.tv_sec = 0;
    call(SYS_setitimer, ITIMER_VIRTUAL, &timer, &timer);
    call(SYS_getitimer, ITIMER_PROF, &timer);
}

static void processes(void) {
    int status;
    struct rusage usage;
    call(SYS_wait4, -1, &status, WNOHANG | WUNTRACED, &usage);
    call(SYS_waitid, P_ALL, 0, &usage, WEXITED | WNOHANG, 0);
    // Blocked, lest it be a matter of luck whether the signal or the end of a wait comes first.
    unsigned long children = 1 << (SIGCHLD - 1);
    call(SYS_rt_sigprocmask, SIG_BLOCK, &children, 0, 8);
    int child = call(SYS_fork);
    if (child == 0)
        call(SYS_exit_group, 7);
    call(SYS_wait4, -1, &status, 0, 0);
    child = call(SYS_vfork);
    if (child == 0)
        call(SYS_exit_group, 0);
    call(SYS_waitid, P_ALL, 0, 0, WEXITED, 0);
    call(SYS_clone, CLONE_THREAD | CLONE_SETTLS | 0xff, BAD, 0, 0, 3);
    call(SYS_clone, 0x80000000000 | CLONE_PIDFD | CLONE_PARENT_SETTID, 0, &status, 0, 0);
    struct clone_args arguments = {.flags = CLONE_PIDFD, .exit_signal = 300};
    call(SYS_clone3, &arguments, sizeof arguments);
    call(SYS_clone3, &arguments, 3);
    char *words[] = {"first", "second argument that is longer than thirty-two", 0}, *nothing[] = {0};
    call(SYS_execve, "/nonexistent", words, nothing);
    call(SYS_execve, "/nonexistent", words, words);
    call(SYS_execve, BAD, BAD, BAD);
    call(SYS_execve, "/nonexistent", 0, 0);
    call(SYS_execveat, AT_FDCWD, "nonexistent", words, words, AT_SYMLINK_NOFOLLOW);
    call(SYS_getppid);
    call(SYS_getpgid, 0);
    call(SYS_setpgid, 0x7ffffff0, 0);
    call(SYS_getuid);
    call(SYS_getresuid, &status, &status, &status);
    unsigned groups[64];
    call(SYS_getgroups, 0, 0);
    call(SYS_getgroups, 64, groups);
    call(SYS_setresgid, -1, -1, -1);
    struct rlimit limit = {1000, RLIM_INFINITY};
    call(SYS_getrlimit, RLIMIT_NOFILE, &limit);
    call(SYS_prlimit64, 0, RLIMIT_STACK, 0, &limit);
    call(SYS_prlimit64, 0, RLIMIT_CORE, &limit, &limit);
    call(SYS_prlimit64, 0, 99, &limit, 0);
    call(SYS_getpriority, PRIO_PROCESS, 0);
    call(SYS_setpriority, PRIO_PROCESS, 0x7ffffff0, 3);
    call(SYS_sched_getscheduler, 0);
    struct sched_param parameter = {0};
    call(SYS_sched_getparam, 0, &parameter);
    call(SYS_sched_setscheduler, 0, 0, &parameter);
    call(SYS_sched_get_priority_max, 1);
    call(SYS_sched_yield);
    unsigned long processors[16];
    call(SYS_sched_getaffinity, 0, sizeof processors, processors);
    call(SYS_sched_setaffinity, 0x7ffffff0, 8, processors);
    char attributes[64] = {0};
    call(SYS_sched_getattr, 0, attributes, 56, 0);
    call(SYS_prctl, PR_SET_NAME, "a name");
    call(SYS_prctl, PR_GET_NAME, attributes);
    call(SYS_prctl, PR_SET_PDEATHSIG, SIGHUP);
    call(SYS_prctl, PR_GET_DUMPABLE);
    call(SYS_prctl, PR_SET_DUMPABLE, 1);
    call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    call(SYS_prctl, PR_CAPBSET_READ, 5);
    call(SYS_prctl, PR_GET_SECCOMP);
    call(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, -1, 0);
    call(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0);
    call(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, 77, 5, 6, attributes);
    call(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, 1L << 32, 0, 0, 0);
    call(SYS_prctl, 9999, 1, 2, 3, 4);
    call(SYS_arch_prctl, 0x1003, attributes);
    call(SYS_arch_prctl, 0x5001, 0);
    call(SYS_personality, 0xffffffff);
    struct utsname name;
    call(SYS_uname, &name);
    call(SYS_unshare, CLONE_NEWNS | 1);
    call(SYS_setns, 99, CLONE_NEWNET);
    call(SYS_kcmp, 1, 2, 1, 3, 4);
    call(SYS_ptrace, 0x7777, 1, 2, 3);
    call(SYS_getcpu, BAD, 0, 0);
    call(SYS_set_robust_list, BAD, 3);
    call(SYS_get_robust_list, 0x7ffffff0, BAD, BAD);
    call(SYS_capget, BAD, 0);
    call(SYS_pidfd_open, 0x7ffffff0, 0);
    call(SYS_pidfd_send_signal, 99, SIGUSR1, 0, 0);
    call(SYS_process_vm_readv, 0x7ffffff0, 0, 0, 0, 0, 0);
    call(SYS_seccomp, 77, 0, 0);
    call(SYS_landlock_create_ruleset, 0, 0, 1);
    call(SYS_getrandom, BAD, 10, 0);
    call(SYS_bpf, 99, 0, 0);
    call(SYS_keyctl, 0, -3, 0);
    call(SYS_syslog, 10, 0, 0);
    call(SYS_reboot, 0, 0, 0);
    call(SYS_ioprio_get, 1, 0);
}

static void memory_policies(void) {
    unsigned long nodes[32] = {0};
    int policy;
    call(SYS_get_mempolicy, &policy, nodes, 1025, 0, 0);
    call(SYS_get_mempolicy, &policy, 0, 0, 0, 0);
    call(SYS_get_mempolicy, &policy, nodes, 1, 0, 0);
    call(SYS_get_mempolicy, &policy, nodes, 64, 0, 4);
    nodes[0] = 1;
    call(SYS_set_mempolicy, 5, nodes, 1024);
    call(SYS_set_mempolicy, 2 | 0x8000, nodes, 64);
    call(SYS_set_mempolicy, 2 | 0x6000, nodes, 65);
    call(SYS_set_mempolicy, 77, nodes, 1);
    call(SYS_set_mempolicy, 77 | 0x8000, 0, 1);
    call(SYS_set_mempolicy, 0, nodes, 0);
    call(SYS_set_mempolicy, 0, 0, 0);
    call(SYS_mbind, 0, 4096, 2, nodes, 64, 3);
    call(SYS_mbind, 0, 4096, 2, BAD, 64, 3);
    call(SYS_migrate_pages, 0, 64, nodes, nodes);
}

static void times_and_events(void) {
    struct timespec one = {0, 1000}, left;
    struct itimerspec timer = {{0, 0}, {10, 0}};
    call(SYS_nanosleep, &one, 0);
    call(SYS_nanosleep, &one, &left);
    call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &one, &left);
    call(SYS_nanosleep, BAD, &left);
    one.tv_nsec = 2000000000;
    call(SYS_nanosleep, &one, &left);
    call(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){1, 0}, 0);
    call(SYS_clock_getres, CLOCK_REALTIME, &left);
    call(SYS_clock_gettime, 99, &left);
    call(SYS_clock_settime, 99, &one);
    call(SYS_gettimeofday, BAD, 0);
    call(SYS_time, BAD);
    call(SYS_times, BAD);
    int fd = call(SYS_timerfd_create, CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    call(SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME, &(struct itimerspec){{0, 0}, {0, 0}}, 0);
    call(SYS_timerfd_gettime, fd, &timer);
    int id;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    call(SYS_timer_create, CLOCK_MONOTONIC, &event, &id);
    call(SYS_timer_settime, id, 0, &(struct itimerspec){{0, 0}, {0, 0}}, &timer);
    call(SYS_timer_gettime, id, &timer);
    call(SYS_timer_delete, id);
    int pipes[2];
    pipe(pipes);
    struct pollfd polled[3] = {{pipes[0], POLLIN | POLLRDHUP}, {pipes[1], POLLOUT}, {-1, POLLIN}};
    call(SYS_poll, polled, 3, 100);
    call(SYS_poll, polled, 1, 0);
    call(SYS_poll, 0, 0, 1);
    call(SYS_poll, BAD, 1, 1);
    struct timespec zero = {0, 0};
    unsigned long set = 1 << (SIGUSR1 - 1);
    call(SYS_ppoll, polled, 1, &zero, &set, 8);
    call(SYS_ppoll, polled, 2, 0, 0, 8);
    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(pipes[0], &in);
    FD_SET(pipes[1], &out);
    struct timeval moment = {0, 10};
    call(SYS_select, pipes[1] + 1, &in, 0, 0, &moment);
    FD_SET(pipes[0], &in);
    call(SYS_select, pipes[1] + 1, &in, &out, 0, 0);
    call(SYS_select, -1, &in, &out, BAD, 0);
    call(SYS_select, 0, 0, 0, 0, &moment);
    struct { void *set; unsigned long size; } mask = {&set, 8};
    FD_SET(pipes[1], &out);
    call(SYS_pselect6, pipes[1] + 1, 0, &out, 0, 0, &mask);
    call(SYS_pselect6, 1, 0, 0, 0, &zero, 0);
    int epoll = call(SYS_epoll_create1, EPOLL_CLOEXEC);
    struct epoll_event watched = {EPOLLOUT | EPOLLET | EPOLLONESHOT, {.u64 = 0x500000007}}, found[8];
    call(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, pipes[1], &watched);
    call(SYS_epoll_ctl, epoll, EPOLL_CTL_DEL, 99, 0);
    call(SYS_epoll_ctl, epoll, EPOLL_CTL_DEL, 99, &watched);
    call(SYS_epoll_wait, epoll, found, 8, 0);
    call(SYS_epoll_wait, epoll, found, 8, 0);
    call(SYS_epoll_pwait, epoll, found, 8, 0, &set, 8UL);
    call(SYS_epoll_wait, 99, found, 8, -1);
    call(SYS_eventfd2, 5, EFD_CLOEXEC | EFD_SEMAPHORE | EFD_NONBLOCK);
    unsigned word = 1;
    call(SYS_futex, &word, FUTEX_WAKE, 1);
    call(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
    call(SYS_futex, &word, FUTEX_WAIT, 0, &zero);
    call(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, &zero);
    call(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 1, &zero, 0, ~0);
    call(SYS_futex, &word, FUTEX_WAIT_BITSET, 7, &zero, 0, 3);
    call(SYS_futex, &word, FUTEX_REQUEUE, 1, 2, &epoll);
    call(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, &epoll, 1);
    call(SYS_futex, &word, FUTEX_WAKE_OP_PRIVATE, 1, 1, &epoll, 0x4000001);
    call(SYS_futex, &word, FUTEX_WAKE_BITSET, 1, 0, 0, 5);
    call(SYS_futex, &word, FUTEX_LOCK_PI_PRIVATE, 0, &zero);
    call(SYS_futex, &word, FUTEX_TRYLOCK_PI);
    call(SYS_futex, &word, FUTEX_UNLOCK_PI);
    call(SYS_futex, &word, 77, 1);
    call(SYS_mq_open, "/queue", O_RDONLY);
    call(SYS_mq_open, "queue", O_RDWR | O_CREAT, 0600, 0);
    call(SYS_mq_unlink, "queue");
    call(SYS_io_setup, 1, 0);
    call(SYS_io_uring_setup, 0, 0);
}

static void sockets(void) {
    int pair[2], on = 1, length = 4;
    char buffer[100] = "hello there";
    call(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
    call(SYS_socketpair, AF_INET, SOCK_STREAM, 0, BAD);
    call(SYS_sendto, pair[0], buffer, 11, MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0);
    call(SYS_recvfrom, pair[1], buffer, 100, MSG_PEEK, 0, 0);
    call(SYS_recvfrom, pair[1], buffer, 100, 0, 0, 0);
    call(SYS_recvfrom, pair[1], buffer, 100, MSG_DONTWAIT, 0, 0);
    struct iovec iov[2] = {{"ab", 2}, {"cde", 3}};
    union { char bytes[CMSG_SPACE(4)]; struct cmsghdr header; } control = {
        .header = {CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS} };
    *(int *)CMSG_DATA(&control.header) = 2;
    struct msghdr message = {0, 0, iov, 2, &control, sizeof control, 0};
    call(SYS_sendmsg, pair[0], &message, 0);
    char room[50];
    struct iovec into[2] = {{room, 3}, {room + 3, 47}};
    struct msghdr received = {0, 0, into, 2, &control, sizeof control, 0};
    call(SYS_recvmsg, pair[1], &received, MSG_CMSG_CLOEXEC);
    call(SYS_recvmsg, pair[1], &received, MSG_DONTWAIT);
    message.msg_controllen = 0;
    struct mmsghdr several[2] = {{message, 0}, {message, 0}};
    call(SYS_sendmmsg, pair[0], several, 2, 0);
    struct mmsghdr wanted[2] = {{received, 0}, {received, 0}};
    call(SYS_recvmmsg, pair[1], wanted, 2, MSG_DONTWAIT, 0);
    call(SYS_sendmsg, 99, &message, 0);
    call(SYS_sendmsg, pair[0], BAD, 0);
    call(SYS_shutdown, pair[0], SHUT_WR);
    int unix_socket = call(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_un local = {AF_UNIX, "socket"}, abstract = {AF_UNIX, "\0abstract"}, name;
    call(SYS_bind, unix_socket, &local, sizeof local);
    call(SYS_connect, unix_socket, &abstract, 11);
    length = sizeof name;
    call(SYS_getsockname, unix_socket, &name, &length);
    length = sizeof name;
    call(SYS_getpeername, unix_socket, &name, &length);
    call(SYS_connect, unix_socket, BAD, 16);
    call(SYS_connect, unix_socket, &local, 2);
    int listening = call(SYS_socket, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    struct sockaddr_in inet = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}}, peer;
    call(SYS_setsockopt, 99, 270, 11, &(int){1}, 4);
    call(SYS_getsockopt, 99, 270, 12, 0, 0);
    call(SYS_setsockopt, listening, SOL_SOCKET, SO_REUSEADDR, &on, 4);
    call(SYS_setsockopt, listening, SOL_TCP, TCP_NODELAY, &on, 4);
    call(SYS_setsockopt, listening, SOL_SOCKET, SO_LINGER, &(struct linger){1, 2}, 8);
    call(SYS_setsockopt, listening, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){1, 2}, 16);
    call(SYS_setsockopt, listening, SOL_IP, IP_TOS, &on, 4);
    call(SYS_setsockopt, listening, 9999, 3, &on, 4);
    length = 4;
    call(SYS_getsockopt, listening, SOL_SOCKET, SO_ERROR, &on, &length);
    call(SYS_getsockopt, listening, SOL_SOCKET, SO_TYPE, &on, &length);
    call(SYS_getsockopt, listening, SOL_SOCKET, 9999, &on, &length);
    call(SYS_getsockopt, pair[0], SOL_SOCKET, SO_RCVBUF, &on, &length);
    call(SYS_bind, listening, &(struct sockaddr_in){AF_INET, htons(1), {htonl(0x01020304)}}, 16);
    call(SYS_listen, listening, 5);
    call(SYS_accept4, unix_socket, 0, 0, SOCK_CLOEXEC);
    length = sizeof peer;
    call(SYS_accept, unix_socket, &peer, &length);
    int inet6 = call(SYS_socket, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
    struct sockaddr_in6 six = {AF_INET6, htons(53), 0, IN6ADDR_LOOPBACK_INIT, 0};
    call(SYS_connect, inet6, &six, sizeof six);
    length = 4;
    call(SYS_sendto, 99, "x", 1, 0, &six, sizeof six);
    struct msghdr addressed = {&six, sizeof six, iov, 2, 0, 0, 0};
    call(SYS_sendmsg, 99, &addressed, MSG_MORE);
    call(SYS_socket, AF_NETLINK, SOCK_RAW, 0);
    call(SYS_socket, 77, 9, 3);
    call(SYS_socket, AF_UNIX, SOCK_SEQPACKET, 3);
}

int main(void) {
    call(1000, 1, 2, 3, 4, 5, 6);
    call(-1, 1, 2, 3, 4, 5, 6);
    files();
    memory();
    signals();
    processes();
    memory_policies();
    times_and_events();
    sockets();
    raise(SIGUSR1);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 5});
    *(volatile char *)BAD = 0;
}

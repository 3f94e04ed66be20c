// clone and clone3 with every flag that makes sense, without libc: what is set and cleared, shared and
// copied, whose child it is, which signal it ends with (P22).
// Expect: exit 0
// Record: 502 19 times
// Build: gcc -O1 -nostdlib -static -ffreestanding -fno-stack-protector -fno-pie -no-pie
// Build: gcc -O1 -nostdlib -static-pie -ffreestanding -fno-stack-protector -fPIE
#define _GNU_SOURCE
#include <linux/sched.h>
#include <asm/prctl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "parts/raw.h"

static char line[512];
static int length;

static void text(const char *string) {
    while (*string) line[length++] = *string++;
}

static void number(long value) {
    char digits[24];
    int count = 0;
    if (value < 0) {
        line[length++] = '-';
        value = -value;
    }
    do digits[count++] = '0' + value % 10;
    while (value /= 10);
    while (count) line[length++] = digits[--count];
}

static void show(const char *name, long value) {
    text(" ");
    text(name);
    text(" ");
    number(value);
}

static void end(void) {
    text("\n");
    raw(SYS_write, 1, line, length);
    length = 0;
}

// What the child does, in whatever memory and on whatever stack, and leaves here.
static volatile struct {
    int ran, tid, pid, parent, set, handler;
    long fs;
} seen;

static volatile int parent_tid, child_tid, pid_descriptor;
static char stack[65536] __attribute__((aligned(16)));
static long thread_pointer[8];
static int changes_directory, opens, ends_with;

struct action {
    unsigned long handler, flags, restorer, mask;
};

static void child(void) {
    unsigned long fs = 0;
    struct action action = {0};
    raw(502);
    seen.tid = raw(SYS_gettid);
    seen.pid = raw(SYS_getpid);
    seen.parent = raw(SYS_getppid);
    seen.set = child_tid;
    raw(SYS_arch_prctl, ARCH_GET_FS, &fs);
    seen.fs = fs;
    raw(SYS_rt_sigaction, SIGUSR2, 0, &action, 8);
    seen.handler = action.handler > 1;
    if (changes_directory) raw(SYS_chdir, "/");
    if (opens) raw(SYS_dup2, 1, 77);
    seen.ran = 1;
    raw(SYS_exit, ends_with);
}

static long start(long call, long a, long b, long c, long d, long e) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long function __asm__("r12") = (long)child;
    long result;
    __asm__ volatile("syscall\n"
                     "test %%rax, %%rax\n"
                     "jnz 1f\n"
                     "xor %%ebp, %%ebp\n"
                     "and $-16, %%rsp\n"
                     "call *%%r12\n"
                     "ud2\n"
                     "1:"
                     : "=a"(result)
                     : "0"(call), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(function)
                     : "rcx", "r11", "memory");
    return result;
}

static void begin(void) {
    seen.ran = seen.tid = seen.pid = seen.parent = seen.set = seen.handler = 0;
    seen.fs = 0;
    parent_tid = child_tid = pid_descriptor = 0;
}

// By clone if `flags` has nothing that only clone3 knows.
static void try(const char *what, unsigned long flags, int signal, int on_stack, int by_clone3) {
    int own = raw(SYS_getpid), status = -1;
    long result;
    begin();
    if (flags & CLONE_CHILD_CLEARTID) child_tid = -1;
    if (by_clone3) {
        struct clone_args arguments = {
            .flags = flags,
            .pidfd = (long)&pid_descriptor,
            .child_tid = (long)&child_tid,
            .parent_tid = (long)&parent_tid,
            .exit_signal = signal,
            .stack = on_stack ? (long)stack : 0,
            .stack_size = on_stack ? sizeof stack : 0,
            .tls = (long)thread_pointer,
        };
        result = start(SYS_clone3, (long)&arguments, sizeof arguments, 0, 0, 0);
    } else {
        volatile int *parent = flags & CLONE_PIDFD ? &pid_descriptor : &parent_tid;
        result = start(SYS_clone, flags | signal, on_stack ? (long)(stack + sizeof stack) : 0, (long)parent,
                       (long)&child_tid, (long)thread_pointer);
    }
    text(what);
    if (result < 0) {
        show("failed", result);
        end();
        return;
    }
    long waited = 0;
    if (flags & CLONE_THREAD) {
        while (child_tid) raw(SYS_futex, &child_tid, 0, child_tid, 0);
        show("own process", seen.pid == own);
    } else {
        waited = raw(SYS_wait4, result, &status, __WALL, 0);
        show("waited", waited == result);
        show("ended", status >> 8 & 0xff);
    }
    show("ran", seen.ran);
    if (flags & CLONE_VM) {
        show("number", seen.tid == result);
        show("parent is own", seen.parent == own);
        show("set", seen.set == result ? 1 : seen.set);
        show("pointer", seen.fs == (long)thread_pointer);
        show("handler", seen.handler);
    }
    show("parent told", parent_tid == result ? 1 : parent_tid);
    show("left", child_tid == result ? 1 : child_tid);
    if (flags & CLONE_PIDFD) show("descriptor", raw(SYS_close, pid_descriptor));
    end();
}

static void handler(int signal) { (void)signal; }

static void restorer(void) { __asm__ volatile("mov $15, %eax\n syscall"); }

__attribute__((used)) static void begin_here(void) {
    struct action action = {(unsigned long)handler, 0x04000000, (unsigned long)restorer, 0};
    raw(SYS_rt_sigaction, SIGUSR2, &action, 0, 8);
    ends_with = 3;
    const unsigned long thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                                 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    for (int by_clone3 = 0; by_clone3 < 2; by_clone3++) {
        text(by_clone3 ? "clone3\n" : "clone\n");
        try("copy", CLONE_CHILD_SETTID | CLONE_PARENT_SETTID, SIGCHLD, 0, by_clone3);
        try("copy, no signal", CLONE_PIDFD, 0, 0, by_clone3);
        try("copy, on a stack", CLONE_CHILD_CLEARTID, SIGCHLD, 1, by_clone3);
        try("memory", CLONE_VM | CLONE_PIDFD | CLONE_CHILD_SETTID, SIGCHLD, 1, by_clone3);
        try("vfork", CLONE_VM | CLONE_VFORK | CLONE_SETTLS, SIGCHLD, 1, by_clone3);
        try("thread", thread, 0, 1, by_clone3);
        try("thread, set", thread | CLONE_CHILD_SETTID, 0, 1, by_clone3);
        try("handlers shared", CLONE_VM | CLONE_SIGHAND, SIGCHLD, 1, by_clone3);
        try("thread without handlers", CLONE_THREAD | CLONE_VM, 0, 1, by_clone3);
        try("handlers without memory", CLONE_SIGHAND, SIGCHLD, 0, by_clone3);
    }
    try("handlers cleared", CLONE_VM | CLONE_CLEAR_SIGHAND, SIGCHLD, 1, 1);
    try("handlers cleared and shared", CLONE_VM | CLONE_SIGHAND | CLONE_CLEAR_SIGHAND, SIGCHLD, 1, 1);
    try("clone3 with a signal in flags", CLONE_VM | SIGCHLD, SIGCHLD, 1, 1);

    // What is shared: a directory, descriptors.
    char path[64];
    changes_directory = opens = 1;
    try("own files and directory", CLONE_VM, SIGCHLD, 1, 0);
    show("directory moved", raw(SYS_getcwd, path, sizeof path) == 2);
    show("descriptor", raw(SYS_fcntl, 77, 1) >= 0);
    end();
    try("shared files and directory", CLONE_VM | CLONE_FILES | CLONE_FS, SIGCHLD, 1, 0);
    show("directory moved", raw(SYS_getcwd, path, sizeof path) == 2);
    show("descriptor", raw(SYS_fcntl, 77, 1) >= 0);
    end();
    raw(SYS_exit_group, 0);
}

__asm__(".globl _start\n"
        "_start: xor %ebp, %ebp\n"
        "and $-16, %rsp\n"
        "call begin_here\n"
        "ud2\n");

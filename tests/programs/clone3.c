// clone3: a fork, a thread-like child, wrong sizes (P22).
// Expect: exit 0
// Record: 502 once, 503 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

/* A structure of any size up to a page is valid if what the kernel does not know is zero. */
static void sizes(void) {
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    ((struct clone_args *)page)->exit_signal = SIGCHLD;
    const int valid[] = {64, 65, 88, 100, 128, 129, 136, 137, 4096};
    for (unsigned i = 0; i < sizeof valid / sizeof *valid; i++) {
        int status = 0;
        long child = raw(SYS_clone3, page, valid[i]);
        if (!child) raw(SYS_exit_group, i);
        if (child > 0) waitpid(child, &status, 0);
        printf("size %d: %s, ended %d\n", valid[i], child > 0 ? "made" : "not made", WEXITSTATUS(status));
    }
    printf("unreadable: %ld\n", raw(SYS_clone3, page + 4096 - 64, 88));
    for (int at = 64; at < 4096; at = at * 3 / 2) {
        page[at] = 1;
        printf("byte %d: %ld %ld\n", at, raw(SYS_clone3, page, at + 1), raw(SYS_clone3, page, 4096));
        page[at] = 0;
    }
    struct clone_args *last = (struct clone_args *)(page + 4096) - 1;
    last->exit_signal = SIGCHLD;
    page[4095] = 1;
    printf("unreadable end: %ld %ld\n", raw(SYS_clone3, last, sizeof *last + 8), raw(SYS_clone3, page + 3896, 208));
}

int main(void) {
    int status, descriptor = -1;
    struct clone_args fork_like = {.exit_signal = SIGCHLD, .flags = CLONE_PIDFD, .pidfd = (long)&descriptor};
    long child = raw(SYS_clone3, &fork_like, sizeof fork_like);
    if (!child) {
        raw(502);
        raw(SYS_exit_group, 3);
    }
    waitpid(child, &status, 0);
    printf("fork: ended %d, descriptor %d\n", WEXITSTATUS(status), descriptor);

    static volatile int shared;
    char *stack = malloc(65536);
    struct clone_args sharing = {
        .exit_signal = SIGCHLD, .flags = CLONE_VM, .stack = (long)stack, .stack_size = 65536};
    // The child returns from the call on another stack: only assembly may follow.
    __asm__ volatile(
        "syscall\n"
        "test %%rax, %%rax\n"
        "jnz 1f\n"
        "movl $1, %[shared]\n"
        "mov $503, %%eax\n syscall\n"
        "mov $231, %%eax\n mov $4, %%edi\n syscall\n"
        "1:"
        : "=a"(child), [shared] "=m"(shared)
        : "0"(SYS_clone3), "D"(&sharing), "S"(sizeof sharing)
        : "rcx", "r11", "memory");
    waitpid(child, &status, 0);
    printf("sharing: ended %d, shared %d\n", WEXITSTATUS(status), shared);

    printf("small: %ld\n", raw(SYS_clone3, &fork_like, 8));
    printf("large: %ld\n", raw(SYS_clone3, &fork_like, 100000));
    struct clone_args wrong = {.flags = CLONE_SIGHAND};
    printf("wrong flags: %ld\n", raw(SYS_clone3, &wrong, sizeof wrong));
    wrong = (struct clone_args){.exit_signal = 100};
    printf("wrong signal: %ld\n", raw(SYS_clone3, &wrong, sizeof wrong));
    wrong = (struct clone_args){.flags = CLONE_VM | CLONE_VFORK, .stack = 1L << 62, .stack_size = 4096};
    printf("stack out of reach: %ld\n", raw(SYS_clone3, &wrong, sizeof wrong));
    wrong = (struct clone_args){.stack = -4096L, .stack_size = 8192};
    printf("stack that overflows: %ld\n", raw(SYS_clone3, &wrong, sizeof wrong));
    wrong = (struct clone_args){.stack = 4096};
    printf("stack without size: %ld\n", raw(SYS_clone3, &wrong, sizeof wrong));
    sizes();
}

// clone3: a fork, a thread-like child, wrong sizes (P22).
// Expect: exit 0
// Record: 502 once, 503 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

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
}

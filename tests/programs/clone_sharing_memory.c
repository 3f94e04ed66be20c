// clone with CLONE_VM and a stack of its own, with CLONE_VFORK, and with the parent's stack (P22).
// Expect: exit 0, stdout "own stack: 1, ended 4\nvfork: 2, ended 5\nset and cleared: 1 1"
// Record: 502 once, 503 once, 504 once
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static volatile int shared;

static int child(void *argument) {
    long number = (long)argument;
    shared = number - 501;
    raw(number);
    return number - 498;
}

int main(void) {
    int status;
    char *stack = malloc(65536);
    pid_t process = clone(child, stack + 65536, CLONE_VM | SIGCHLD, (void *)502);
    waitpid(process, &status, 0);
    printf("own stack: %d, ended %d\n", shared, WEXITSTATUS(status));
    process = clone(child, stack + 65536, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)503);
    waitpid(process, &status, 0);
    printf("vfork: %d, ended %d\n", shared, WEXITSTATUS(status));
    static volatile int number;
    process = clone(child, stack + 65536, CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD,
                    (void *)504, &number, NULL, &number);
    int was = number == process || number == 0;
    waitpid(process, &status, 0);
    printf("set and cleared: %d %d\n", was, number == 0);
}

// vfork: the child shares memory and stack, the parent waits; exec and exit in the child (P22).
// Expect: exit 0, stdout "child set 7, ended 3\nexec ended 5\nfailed exec ended 2"
// Record: 502 once, 503 once, 504 once
// Build: gcc -O1
// Build: gcc -O1 -static
// Build: musl-gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

int main(int argc, char **argv) {
    if (argc > 1) {
        raw(503);
        return 5;
    }
    volatile int shared = 0;
    int status;
    pid_t child = vfork();
    if (!child) {
        shared = 7;
        raw(502);
        _exit(3);
    }
    waitpid(child, &status, 0);
    printf("child set %d, ended %d\n", shared, WEXITSTATUS(status));
    child = vfork();
    if (!child) {
        execl(argv[0], argv[0], "again", (char *)NULL);
        _exit(9);
    }
    waitpid(child, &status, 0);
    printf("exec ended %d\n", WEXITSTATUS(status));
    child = vfork();
    if (!child) {
        execl("/nonexistent", "x", (char *)NULL);
        raw(504);
        _exit(2);
    }
    waitpid(child, &status, 0);
    printf("failed exec ended %d\n", WEXITSTATUS(status));
}

// close_range over everything, closefrom, a limit of three descriptors: the record goes on, and no
// descriptor is there that natively is not (P30).
// Expect: exit 0
// Record: 502 once, 503 once, 504 once, 505 once
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static void shown(const char *what) {
    printf("%s:", what);
    for (int i = 0; i < 4096; i++)
        if (fcntl(i, F_GETFD) != -1) printf(" %d", i);
    int first = open("/dev/null", O_RDONLY), other = dup(first);
    printf("; next %d %d\n", first, other);
    close(first);
    close(other);
}

int main(int argc, char **argv) {
    if (argc > 1) {
        shown("after exec");
        raw(505);
        return 0;
    }
    shown("at start");
    printf("close_range: %ld\n", raw(SYS_close_range, 3, ~0u, 0));
    raw(502);
    shown("after close_range");
    for (int i = 3; i < 5000; i++) close(i);
    raw(503);
    printf("close_range, close-on-exec: %ld\n", raw(SYS_close_range, 3, ~0u, 4));
    printf("unshared: %ld\n", raw(SYS_close_range, 3, ~0u, 2));
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        struct rlimit limit = {3, 3};
        setrlimit(RLIMIT_NOFILE, &limit);
        printf("with a limit of three: %d", open("/dev/null", O_RDONLY));
        printf(" %s\n", strerror(errno));
        raw(504);
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    execl(argv[0], argv[0], "again", (char *)NULL);
}

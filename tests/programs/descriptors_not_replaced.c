// A dup2 or dup3 that fails leaves every number as it was, and what a program has put in the place of one is gone when it
// executes another (P30).
// Expect: exit 0, stdout "found 0\nafter exec 0"
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { UNUSED = 900, END = 1200 };

// How many numbers from 3 on have a file, which fcntl(2) tells, or readlink(2).
static int found(void) {
    int count = 0;
    char path[64];
    for (int i = 3; i < END; i++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", i);
        count += fcntl(i, F_GETFD) != -1 || readlink(path, path, 1) != -1;
    }
    return count;
}

int main(int argc, char **argv) {
    if (argc == 2) {
        printf("after exec %d\n", found());
        return 0;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    syscall(SYS_close_range, 3, ~0u, 0);
    // First some beyond the limit, then all numbers within it.
    const rlim_t limits[] = {1024, END};
    for (int which = 0; which < 2 && limits[which] <= limit.rlim_max; which++) {
        limit.rlim_cur = limits[which];
        setrlimit(RLIMIT_NOFILE, &limit);
        for (int i = 3; i < END; i++) {
            if (dup2(UNUSED, i) != -1 && i != UNUSED) puts("dup2");
            if (syscall(SYS_dup3, 0, i, 1) != -1) puts("dup3");
            if (i >= (int)limit.rlim_cur && dup2(0, i) != -1) puts("beyond");
        }
    }
    printf("found %d\n", found());
    for (int i = 3; i < END; i++) dup2(0, i);
    for (int i = 3; i < END; i++) close(i);
    execl(argv[0], argv[0], "again", (char *)NULL);
}

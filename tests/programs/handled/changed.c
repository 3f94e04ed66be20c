// Prints what tests/handlers/change.rs changes.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "../parts/raw.h"

int main(void) {
    struct utsname names;
    printf("getppid %ld\n", raw(SYS_getppid));
    printf("call 500 is getpid %d\n", raw(500) == raw(SYS_getpid));
    long copy = raw(501, 77);
    printf("call 501 is dup %d\n", copy > 2 && fcntl(copy, F_GETFD) == 0);
    printf("getuid %ld\n", raw(SYS_getuid) - raw(SYS_geteuid));
    uname(&names);
    printf("node %s\n", names.nodename);
    printf("bad uname %ld\n", raw(SYS_uname, 8));
    int opened = open("forbidden", O_RDONLY);
    printf("open %d %s\n", opened, strerror(errno));
    printf("bad open %ld\n", raw(SYS_openat, AT_FDCWD, 8, 0));
    long made = raw(502);
    printf("made %ld, again %ld\n", made, raw(502));
    printf("seen %ld, ", raw(503));
    raw(SYS_mkdir, "made by the program", 0755);
    printf("then %ld\n", raw(503));
}

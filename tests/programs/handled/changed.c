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

// Whether a call leaves the six registers that pass arguments as they were.
static int keeps_arguments(long number, long *result) {
    register long r10 __asm__("r10") = 4, r8 __asm__("r8") = 5, r9 __asm__("r9") = 6;
    long rdi = 77, rsi = 2, rdx = 3;
    *result = number;
    __asm__ volatile("syscall"
                     : "+a"(*result), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r10), "+r"(r8), "+r"(r9)
                     :
                     : "rcx", "r11", "memory");
    return rdi == 77 && rsi == 2 && rdx == 3 && r10 == 4 && r8 == 5 && r9 == 6;
}

int main(void) {
    struct utsname names;
    printf("getppid %ld\n", raw(SYS_getppid));
    printf("call 500 is getpid %d\n", raw(500) == raw(SYS_getpid));
    long copy = raw(501, 77);
    printf("call 501 is dup %d\n", copy > 2 && fcntl(copy, F_GETFD) == 0);
    long result;
    int keeps = keeps_arguments(501, &result);
    printf("and keeps its arguments %d %d\n", keeps, result == copy + 1);
    keeps = keeps_arguments(504, &result);
    printf("call 504 gives %ld and keeps its arguments %d\n", result, keeps);
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

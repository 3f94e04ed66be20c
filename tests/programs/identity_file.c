// The program's file through /proc/self/exe, opened by every call that opens, is the program's: its bytes,
// its number; and what is executed through it, or through a descriptor of it, is the program (P25).
// Expect: exit 0
// Record: 502 3 times, 503 3 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static int same(int file) {
    if (file < 0) return file;
    struct stat got, wanted;
    char first[4096], other[4096];
    stat("identity_file", &wanted);
    fstat(file, &got);
    int direct = open("identity_file", O_RDONLY);
    int equal = pread(file, first, sizeof first, 8192) == pread(direct, other, sizeof other, 8192) &&
                !memcmp(first, other, sizeof first);
    close(direct);
    close(file);
    return equal && got.st_ino == wanted.st_ino && got.st_dev == wanted.st_dev && got.st_size == wanted.st_size;
}

static void executed(const char *what, int how) {
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        char *arguments[] = {"renamed", (char *)what, NULL}, *environment[] = {NULL};
        if (how == 0) execve("/proc/self/exe", arguments, environment);
        if (how == 1) fexecve(open("/proc/self/exe", O_RDONLY), arguments, environment);
        if (how == 2) syscall(SYS_execveat, open("/proc/self/exe", O_PATH), "", arguments, environment, AT_EMPTY_PATH);
        printf("failed %d\n", errno);
        fflush(stdout);
        _exit(1);
    }
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
    char link[4096], number[64], task[64];
    snprintf(number, sizeof number, "/proc/%d/exe", getpid());
    snprintf(task, sizeof task, "/proc/self/task/%d/exe", getpid());
    ssize_t length = readlink("/proc/self/exe", link, sizeof link);
    printf("%s: %.*s\n", argc > 1 ? argv[1] : "first", (int)length, link);
    printf("open %d, openat %d, by number %d, by task %d, O_PATH %d\n", same(open("/proc/self/exe", O_RDONLY)),
           same(openat(AT_FDCWD, "/proc/self/exe", O_RDONLY)), same(open(number, O_RDONLY)),
           same(open(task, O_RDONLY)), open("/proc/self/exe", O_PATH) >= 0);
    unsigned long how[3] = {O_RDONLY};  // struct open_how
    printf("openat2 %d\n", same(raw(437 /* openat2 */, AT_FDCWD, "/proc/self/exe", how, sizeof how)));
    printf("for writing %d, for neither %d, as a directory %d, not followed %d\n", open("/proc/self/exe", O_RDWR) < 0,
           open("/proc/self/exe", O_ACCMODE) < 0, open("/proc/self/exe", O_RDONLY | O_DIRECTORY) < 0,
           open("/proc/self/exe", O_RDONLY | O_NOFOLLOW) < 0);
    struct stat through, not_followed, wanted;
    struct statx extended;
    stat("identity_file", &wanted);
    stat("/proc/self/exe", &through);
    lstat("/proc/self/exe", &not_followed);
    statx(AT_FDCWD, "/proc/self/exe", 0, STATX_INO, &extended);
    printf("stat %d, lstat a link %d, statx %d, access %d\n", through.st_ino == wanted.st_ino,
           S_ISLNK(not_followed.st_mode), extended.stx_ino == wanted.st_ino, access("/proc/self/exe", X_OK));
    char *real = realpath("/proc/self/exe", NULL);
    printf("real path %s\n", real);
    raw(argc > 1 ? 503 : 502);
    if (argc > 1) return 0;
    executed("by path", 0);
    executed("by descriptor", 1);
    executed("by O_PATH", 2);
    raw(502);
    raw(502);
    return 0;
}

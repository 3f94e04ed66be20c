// A program whose file is renamed, or removed, while it runs, or that was started through a link, sees what the
// kernel says of it, and can still open and execute itself (P25).
// Expect: exit 0
// Record: 502 5 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static void show(const char *when) {
    char path[PATH_MAX + 1] = "", comm[17] = "", magic[4] = "";
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
    path[length < 0 ? 0 : length] = 0;
    char *last = strrchr(path, '/');
    struct stat status = {0};
    int found = stat("/proc/self/exe", &status), file = open("/proc/self/exe", O_RDONLY);
    read(file, magic, 4);
    close(file);
    file = open("/proc/self/comm", O_RDONLY);
    read(file, comm, 16);
    close(file);
    printf("%s: exe %s, executed as %s, stat %d %d, ELF %d, comm %s", when, last ? last : path,
           (char *)getauxval(AT_EXECFN), found, S_ISREG(status.st_mode), !memcmp(magic, "\177ELF", 4), comm);
    fflush(stdout);
    raw(502);
}

static void copy(const char *from, const char *to) {
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0700);
    while (sendfile(out, in, NULL, 1 << 20) > 0) {}
    close(in), close(out);
}

static void start(const char *path, const char *how) {
    pid_t child = fork();
    int status;
    if (!child) {
        execl(path, "name", how, (char *)NULL);
        printf("cannot: %s\n", strerror(errno));
        fflush(stdout);
        _exit(1);
    }
    waitpid(child, &status, 0);
    printf("%s ended %d\n", how, WEXITSTATUS(status));
    fflush(stdout);
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    if (!strcmp(how, "linked") || !strcmp(how, "again")) show(how);
    if (!strcmp(how, "renamed")) {
        rename("copy", "another");
        show(how);
        start("/proc/self/exe", "again");
    }
    if (!strcmp(how, "removed")) {
        unlink("copy");
        show(how);
        start("/proc/self/exe", "again");
    }
    if (argc > 1) return 5;
    symlink(argv[0], "link");
    start("./link", "linked");
    copy(argv[0], "copy");
    start("./copy", "renamed");
    copy(argv[0], "copy");
    start("./copy", "removed");
    unlink("another");
    return 0;
}

// The programs of other processes, as /proc/PID/exe shows them and leads to them: ones that this one has forked,
// executed and removed, by number, by task, and by names relative to a directory (P25).
// Expect: exit 0
// Record: 502 2 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static const char *file; // whose file it should be
static int pipes[2];

static void show(const char *what, int directory, const char *path) {
    char target[4096];
    struct stat through, wanted;
    ssize_t length = readlinkat(directory, path, target, sizeof target);
    int opened = openat(directory, path, O_RDONLY);
    int equal = !fstat(opened, &through) && !stat(file, &wanted) && through.st_ino == wanted.st_ino;
    int looked = !fstatat(directory, path, &through, 0) && through.st_ino == wanted.st_ino;
    printf("%s: %.*s, opened %d, looked at %d\n", what, length < 0 ? 0 : (int)length, target, equal, looked);
    close(opened);
}

static void look(const char *what, pid_t child) {
    char ready, path[64];
    read(pipes[0], &ready, 1);
    printf("%s\n", what);
    snprintf(path, sizeof path, "/proc/%d/exe", child);
    show("by number", AT_FDCWD, path);
    snprintf(path, sizeof path, "/proc/%d/task/%d/exe", child, child);
    show("by task", AT_FDCWD, path);
    snprintf(path, sizeof path, "/proc/%d", child);
    int directory = open(path, O_RDONLY | O_DIRECTORY);
    show("in its directory", directory, "exe");
    close(directory);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static pid_t start(const char *path) {
    pid_t child = fork();
    if (!child) {
        if (path) execl(path, "name", "child", (char *)NULL);
        write(1, "", 1);
        pause();
    }
    return child;
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) {
        raw(502);
        // Standard output is the pipe.
        write(1, "x", 1);
        for (;;) pause();
    }
    pipe(pipes);
    int output = dup(1);
    file = "identity_of_others";
    show("own", AT_FDCWD, "/proc/self/exe");
    fflush(stdout);

    dup2(pipes[1], 1);
    pid_t forked = start(NULL);
    dup2(output, 1);
    look("forked", forked);
    fflush(stdout);

    rename("identity_of_others", "a\nb");
    file = "a\nb";
    dup2(pipes[1], 1);
    pid_t executed = start("a\nb");
    dup2(output, 1);
    look("executed", executed);
    rename("a\nb", "identity_of_others");
    file = "identity_of_others";
    fflush(stdout);

    link("identity_of_others", "removed");
    dup2(pipes[1], 1);
    pid_t gone = start("removed");
    dup2(output, 1);
    char ready;
    read(pipes[0], &ready, 1);
    unlink("removed");
    write(pipes[1], "x", 1);
    look("removed", gone);
    fflush(stdout);

    int directory = open("/proc/self", O_RDONLY | O_DIRECTORY);
    show("own, in the directory", directory, "exe");
    close(directory);
    chdir("/proc/self");
    file = "exe";
    show("own, where it is", AT_FDCWD, "exe");
    show("none", AT_FDCWD, "/proc/0/exe");
    return 0;
}

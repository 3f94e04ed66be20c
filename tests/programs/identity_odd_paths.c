// Whatever way leads to a process's exe link, it leads to the program's file; a path is read as far as the kernel would
// (P24).
// Expect: exit 0
// Record: 502
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "parts/raw.h"

enum { PAGE = 4096 };

static struct stat own;

// The link's last name alone: where the program lies is another matter.
static void show(int at, const char *path, const char *called) {
    char target[PAGE], *last = NULL;
    struct stat there;
    ssize_t length = readlinkat(at, path, target, sizeof target - 1);
    int failed = errno;
    if (length > 0) target[length] = 0, last = strrchr(target, '/');
    printf("%s: %s;", called, length < 0 ? strerrorname_np(failed) : last ? "a path" : "no path");
    int known = fstatat(at, path, &there, 0);
    if (known) printf(" stat %s;", strerrorname_np(errno));
    else printf(" stat %s;", there.st_ino == own.st_ino && there.st_dev == own.st_dev ? "own" : "another");
    int opened = openat(at, path, O_RDONLY);
    if (opened < 0) printf(" open %s;", strerrorname_np(errno));
    else printf(" open %s;", !fstat(opened, &there) && there.st_ino == own.st_ino ? "own" : "another");
    if (opened >= 0) close(opened);
    printf(" write %s\n", openat(at, path, O_WRONLY) < 0 ? strerrorname_np(errno) : "opened");
}

int main(int count, char **arguments) {
    (void)count;
    stat(arguments[0], &own);
    chdir("/");
    static const char *paths[] = {
        "/proc/self/exe", "/proc/thread-self/exe", "//proc/self/exe", "/proc//self/exe", "/proc/./self/exe",
        "/proc/self//exe", "/proc/self/./exe", "/proc/self/../self/exe", "/proc/self/task/../exe", "proc/self/exe",
        "/dev/fd/../exe", "/proc/self/root/proc/self/exe", "/proc/self/cwd/proc/self/exe", "/proc/self/exe/",
        "/proc/self/exe/.", "/proc/self/nothing/../exe", "/exe", "exe", "/nowhere/exe", "/proc/exe", "/etc/exe", "",
    };
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) show(AT_FDCWD, paths[i], paths[i]);

    static const char *directories[] = {
        "/proc", "/proc/self", "/proc/self/task", "/proc/thread-self", "/proc/self/fd", "/",
    };
    static const char *below[] = {"exe", "self/exe", "./exe", "../exe", "../self/exe", "%d/exe"};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            char path[64], called[128];
            snprintf(path, sizeof path, below[j], getpid());
            snprintf(called, sizeof called, "%s, %s", directories[i], below[j]);
            int directory = open(directories[i], O_RDONLY | O_DIRECTORY);
            show(directory, path, called);
            close(directory);
            chdir(directories[i]);
            show(AT_FDCWD, path, called);
            chdir("/");
        }

    // At the end of what can be read, and at every distance from a word's beginning.
    char *pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *end = pages + 3 * PAGE;
    munmap(end, PAGE);
    static const char whole[] = "/proc/self/exe";
    for (char *at = end - sizeof whole; at > end - sizeof whole - 9; at--)
        show(AT_FDCWD, memcpy(at, whole, sizeof whole), "at the end");
    show(AT_FDCWD, memcpy(end - 4, "exe", 4), "at the very end");
    show(AT_FDCWD, memcpy(end - 3, "exe", 3), "without an end");
    show(AT_FDCWD, end, "nowhere");
    char *longest = end - 2 * PAGE;
    for (int length = PAGE - 2; length <= PAGE + 2; length++) {
        memset(longest, '/', length);
        memcpy(longest, "/proc/self", 10);
        memcpy(longest + length - 4, "/exe", 5);
        printf("%d bytes: ", length);
        show(AT_FDCWD, longest, "long");
    }
    raw(502);
}

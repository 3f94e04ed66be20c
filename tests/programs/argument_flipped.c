// A second thread changes a path while it is opened, looked at, or read as a link: each result is that of one
// of the two, the program's own where it is /proc/self/exe, and the program never fails otherwise (P36, P25).
// Expect: exit 0, stdout "/dev/null: neither 0, both 1\n/proc/self/exe: neither 0, both 1"
// Record: 502 once
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "parts/raw.h"

static volatile int stop;
static char path[16];
static int found, missing, neither;

static void *flip(void *last) {
    while (!stop) *(volatile char *)last ^= 1;
    return last;
}

// `error` is 0 or errno.
static void count(int error, int is_it) {
    if (!error) found++, neither += !is_it;
    else if (error == ENOENT) missing++;
    else neither++;
}

static void attempt(const char *name) {
    char wanted[4096], got[4096];
    struct stat own, other;
    pthread_t thread;
    strcpy(path, name);
    stat(path, &own);
    ssize_t length = readlink(path, wanted, sizeof wanted);
    stop = found = missing = neither = 0;
    pthread_create(&thread, NULL, flip, path + strlen(path) - 1);
    for (int i = 0; i < 20000 || !found || !missing; i++) {
        int file = open(path, O_RDONLY), error = file < 0 ? errno : 0;
        count(error, !fstat(file, &other) && other.st_ino == own.st_ino);
        close(file);
        error = stat(path, &other) ? errno : 0;
        count(error, other.st_ino == own.st_ino);
        if (length < 0) continue;
        ssize_t size = readlink(path, got, sizeof got);
        count(size < 0 ? errno : 0, size == length && !memcmp(got, wanted, length));
    }
    stop = 1;
    pthread_join(thread, NULL);
    printf("%s: neither %d, both %d\n", name, neither, found && missing);
}

int main(void) {
    attempt("/dev/null");
    attempt("/proc/self/exe");
    raw(502);
}

// What a program changes and asks of its file through /proc/self/exe, by any call that takes a path, is so of its
// own file (P25).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>
#include "parts/raw.h"

#define SELF "/proc/self/exe"
static const char *own;

static void show(const char *what, long result) {
    struct stat status;
    int error = result < 0 ? errno : 0;
    stat(own, &status);
    printf("%s: %ld %s, mode %o, links %d, changed %ld\n", what, result, error ? strerror(error) : "",
           status.st_mode, (int)status.st_nlink, (long)status.st_mtime);
}

static int same(const char *path) {
    struct stat one, other;
    return !stat(own, &one) && !stat(path, &other) && one.st_ino == other.st_ino;
}

int main(int argc, char **argv) {
    own = argv[0];
    struct timespec first[2] = {{900000, 0}, {900001, 0}};
    utimensat(AT_FDCWD, own, first, 0);
    chmod(own, 0700);
    show("at first", argc);
    show("chmod", chmod(SELF, 0751));
    show("fchmodat", fchmodat(AT_FDCWD, SELF, 0755, 0));
    show("chown", chown(SELF, getuid(), getgid()));
    show("fchownat", fchownat(AT_FDCWD, SELF, getuid(), getgid(), 0));
    struct utimbuf both = {1000002, 1000003};
    struct timeval times[2] = {{1000000, 0}, {1000001, 0}};
    show("utimes", raw(SYS_utimes, SELF, times) ? -1 : 0);
    show("utime", raw(SYS_utime, SELF, &both) ? -1 : 0);
    struct timespec stamps[2] = {{1000004, 0}, {1000005, 0}};
    show("utimensat", utimensat(AT_FDCWD, SELF, stamps, 0));
    show("futimesat", raw(SYS_futimesat, AT_FDCWD, SELF, times) ? -1 : 0);
    show("linkat", linkat(AT_FDCWD, SELF, AT_FDCWD, "another", AT_SYMLINK_FOLLOW));
    printf("another is it: %d\n", same("another"));
    show("link", link(SELF, "third"));
    show("truncate", truncate(SELF, 10));
    show("setxattr", setxattr(SELF, "user.name", "value", 5, 0));
    char value[16] = "";
    int by_path = getxattr(own, "user.name", value, sizeof value);
    printf("value by its name: %d %.5s, ", by_path, value);
    printf("through the link: %zd", getxattr(SELF, "user.name", value, sizeof value));
    printf(", listed %zd\n", listxattr(SELF, value, sizeof value));
    show("removexattr", removexattr(SELF, "user.name"));
    printf("gone: %zd\n", getxattr(own, "user.name", value, sizeof value));
    struct statfs file, system;
    statfs(own, &file);
    printf("statfs: %d, the same %d\n", statfs(SELF, &system), file.f_type == system.f_type);
    int watch = inotify_init1(IN_NONBLOCK), number = inotify_add_watch(watch, SELF, IN_ATTRIB);
    chmod(own, 0750);
    char events[256];
    printf("watched: %d, told %d\n", number, read(watch, events, sizeof events) > 0);
    struct {
        struct file_handle head;
        unsigned char rest[128];
    } handles[2] = {{.head.handle_bytes = 128}, {.head.handle_bytes = 128}};
    int mount[2] = {0, 0};
    name_to_handle_at(AT_FDCWD, own, &handles[0].head, &mount[0], 0);
    int result = name_to_handle_at(AT_FDCWD, SELF, &handles[1].head, &mount[1], AT_SYMLINK_FOLLOW);
    printf("handle: %d, the same %d\n", result, !memcmp(&handles[0], &handles[1], sizeof *handles));
    printf("chdir %d, chroot %d", chdir(SELF), chroot(SELF));
    printf(", mkdir %d, unlink %d", mkdir(SELF, 0700), unlink(SELF));
    printf(", rename %d, symlink %d\n", rename(SELF, "fourth"), symlink("there", SELF));
    chmod(own, 0755);
    unlink("another");
    raw(502);
}

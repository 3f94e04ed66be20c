// /proc/self/fd lists and counts the program's descriptors and no others, has paths of no others, and none of ours can
// be used (P30).
// Expect: exit 0, stdout "0 1 2 3; 0 1 2 3; unused numbers are EBADF"
// Build: gcc -O1
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int compare(const struct dirent **left, const struct dirent **right) {
    return atoi((*left)->d_name) - atoi((*right)->d_name);
}

static int number(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static void list(const char *path) {
    struct dirent **entries;
    int count = scandir(path, &entries, number, compare);
    for (int i = 0; i < count; i++) printf("%s%s", i ? " " : "", entries[i]->d_name);
    printf("; ");
}

int main(void) {
    char path[64];
    struct stat status;
    char byte;
    close_range(3, ~0u, 0);
    snprintf(path, sizeof path, "/proc/%d/fdinfo", getpid());
    list("/proc/self/fd");
    list(path);
    stat("/proc/self/fd", &status);
    if (status.st_size && status.st_size != 3) printf("%d counted ", (int)status.st_size);  // 0 before Linux 6.2
    for (int i = 3; i < 1100; i++) {
        if (fstat(i, &status) != -1 || errno != EBADF) printf("fstat %d ", i);
        if (read(i, &byte, 1) != -1 || errno != EBADF) printf("read %d ", i);
        if (lseek(i, 0, SEEK_CUR) != -1 || errno != EBADF) printf("lseek %d ", i);
        if (ioctl(i, FIONREAD, &status) != -1 || errno != EBADF) printf("ioctl %d ", i);
        if (dup3(i, i, 0) != -1 || errno != EINVAL) printf("dup3 %d ", i);
        if (mmap(NULL, 1, PROT_READ, MAP_PRIVATE, i, 0) != MAP_FAILED || errno != EBADF) printf("mmap %d ", i);
        snprintf(path, sizeof path, "/proc/self/fd/%d", i);
        if (readlink(path, path, sizeof path) != -1 || errno != ENOENT) printf("readlink %d ", i);
        snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", getpid(), i);
        if (open(path, O_RDONLY) != -1 || errno != ENOENT) printf("fdinfo %d ", i);
        if (dup(i) != -1 || errno != EBADF) printf("dup %d ", i);
    }
    puts("unused numbers are EBADF");
    return 0;
}

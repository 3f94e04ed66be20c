// dup2 and dup3 over nearly every descriptor number: what a program puts there is there, what it writes
// goes where it should, and the record goes on (P30).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "parts/raw.h"

int main(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    // A few are left: with none at all, there is no place for anybody's.
    int end = (limit.rlim_cur < 70000 ? limit.rlim_cur : 70000) - 16;
    int file = open("file", O_RDWR | O_CREAT, 0600), failed = 0, wrong = 0;
    struct stat wanted, got;
    fstat(file, &wanted);
    for (int i = 3; i < end; i++)
        if (i != file && (i & 1 ? dup2(file, i) : dup3(file, i, O_CLOEXEC)) != i) failed++;
    raw(502);
    for (int i = 3; i < end; i++) {
        fstat(i, &got);
        if (got.st_ino != wanted.st_ino) wrong++;
    }
    write(end - 1, "through the last\n", 17);
    printf("failed %d, wrong %d\n", failed, wrong);
}

// Under RLIMIT_AS, and when memory is short, calls fail as natively and the program goes on (P31, P34).
// Expect: exit 0
// Record: 502 once, 503 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "parts/code.h"
#include "parts/raw.h"

int main(void) {
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 503);
    struct rlimit limit = {0, 0};
    setrlimit(RLIMIT_AS, &limit);
    void *page = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("mmap: %s\n", page == MAP_FAILED ? strerror(errno) : "worked");
    raw(502);
    if (!mprotect(code, 4096, PROT_READ | PROT_EXEC)) printf("run: %ld\n", run(code));
}

// Under READ_IMPLIES_EXEC, memory that is only asked to be readable is executable (P5).
// Expect: exit 0, stdout "-38 -38"
// Record: 503 once, 504 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <unistd.h>
#include "parts/code.h"

int main(void) {
    personality(READ_IMPLIES_EXEC);
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 503);
    mprotect(code, 4096, PROT_READ);
    long first = run(code);
    unsigned char *page = mmap(NULL, 4096, PROT_WRITE | PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(page, 504);
    mprotect(page, 4096, PROT_READ);
    printf("%ld %ld\n", first, run(page));
}

// A call overwritten by another at the same address, between two mprotects (P5).
// Expect: exit 0, stdout "-38 -38\nbytes as written: 1"
// Record: 503 once, 504 once
// Build: gcc -O1
#include <stdio.h>
#include <sys/mman.h>
#include "parts/code.h"

int main(void) {
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char copy[CODE_SIZE];
    write_call(code, 503);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    long first = run(code);
    mprotect(code, 4096, PROT_READ | PROT_WRITE);
    write_call(code, 504);
    memcpy(copy, code, CODE_SIZE);
    int same = memcmp(copy, code, CODE_SIZE) == 0;
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    printf("%ld %ld\nbytes as written: %d\n", first, run(code), same);
}

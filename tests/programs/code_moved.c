// Code moved by mremap is seen where it was and where it is (P5).
// Expect: exit 0, stdout "-38 -38"
// Record: 503 2 times
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include "parts/code.h"

int main(void) {
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char *far = mmap((void *)0x500000000000, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 503);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    long first = run(code);
    code = mremap(code, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, far);
    printf("%ld %ld\n", first, run(code));
}

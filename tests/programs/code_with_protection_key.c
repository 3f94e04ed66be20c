// Code made executable with pkey_mprotect is seen (P5).
// Expect: exit 0, stdout "-38"
// Record: 503 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include "parts/code.h"

int main(void) {
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 503);
    // Key −1 is none: this works on processors without protection keys.
    pkey_mprotect(code, 4096, PROT_READ | PROT_EXEC, -1);
    printf("%ld\n", run(code));
}

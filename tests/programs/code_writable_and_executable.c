// Code written into memory that is already executable is seen (P5).
// Expect: exit 0, stdout "-38 -38"
// Record: 503 once, 504 once
// Build: gcc -O1
#include <stdio.h>
#include <sys/mman.h>
#include "parts/code.h"

int main(void) {
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 503);
    long first = run(code);
    write_call(code, 504);
    printf("%ld %ld\n", first, run(code));
}

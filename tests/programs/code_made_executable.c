// Code that was written and then made executable is seen, also when it is written again (P5).
// Expect: exit 0, stdout "-38 -38 -38"
// Record: 503 once, 504 once, 505 once
// Build: gcc -O1
// Build: gcc -O1 -static
#include <stdio.h>
#include <sys/mman.h>
#include "parts/code.h"

int main(void) {
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long results[3];
    for (int i = 0; i < 3; i++) {
        mprotect(code, 4096, PROT_READ | PROT_WRITE);
        write_call(code + i * 16, 503 + i);
        mprotect(code, 4096, PROT_READ | PROT_EXEC);
        results[i] = run(code + i * 16);
    }
    printf("%ld %ld %ld\n", results[0], results[1], results[2]);
}

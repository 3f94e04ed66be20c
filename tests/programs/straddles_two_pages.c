// A call whose two bytes are on two pages is seen, whatever order they become executable in (P10).
// Expect: exit 0, stdout "-38 -38 -38"
// Record: 503 once, 504 once, 505 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include "parts/code.h"

static unsigned char *straddling(int number) {
    unsigned char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(pages + 4096 - 8, number);  // the 0f is the first page's last byte
    return pages;
}

int main(void) {
    unsigned char *both = straddling(503), *first = straddling(504), *second = straddling(505);
    mprotect(both, 8192, PROT_READ | PROT_EXEC);
    mprotect(first, 4096, PROT_READ | PROT_EXEC);
    mprotect(first + 4096, 4096, PROT_READ | PROT_EXEC);
    mprotect(second + 4096, 4096, PROT_READ | PROT_EXEC);
    mprotect(second, 4096, PROT_READ | PROT_EXEC);
    printf("%ld %ld %ld\n", run(both + 4088), run(first + 4088), run(second + 4088));
}

// Code on an executable stack, as nested functions of GNU C make it, is run and seen (P5).
// Expect: exit 0, stdout "nested: -38 -37\nstack: -38"
// Record: 502 2 times, 503 once
// Build: gcc -O1 -z execstack
#define _GNU_SOURCE
#include <stdio.h>
#include "parts/code.h"
#include "parts/raw.h"

static long twice(long (*function)(int)) { return function(0) * 1000 + function(1); }

int main(void) {
    int base = 0;
    long nested(int add) { return raw(502) + add + base; }
    long both = twice(nested);
    unsigned char code[64];
    printf("nested: %ld %ld\n", both / 1000, both % 1000);
    write_call(code, 503);
    __asm__ volatile("" : : : "memory");
    printf("stack: %ld\n", run(code));
}

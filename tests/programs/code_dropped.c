// madvise(MADV_DONTNEED) of code brings back what the file has, without patches (P5): its calls are seen.
// Expect: exit 0, stdout "-38 -38"
// Record: 505 2 times
// Options: --patch-after=0
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include "parts/raw.h"

__attribute__((noinline, aligned(4096))) static long call_505(void) { return raw(505); }

int main(void) {
    long before = call_505();
    if (madvise((void *)((uintptr_t)call_505 & -4096UL), 4096, MADV_DONTNEED)) perror("madvise");
    printf("%ld %ld\n", before, call_505());
}

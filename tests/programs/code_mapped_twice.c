// Code written through one mapping and run through another of the same memory is seen (P5).
// Expect: exit 0, stdout "-38 -38"
// Record: 503 once, 504 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/code.h"

int main(void) {
    int file = memfd_create("code", 0);
    ftruncate(file, 4096);
    unsigned char *writable = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    write_call(writable, 503);
    unsigned char *executable = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    long first = run(executable);
    write_call(writable, 504);
    printf("%ld %ld\n", first, run(executable));
}

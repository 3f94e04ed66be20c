// Code replaced by MAP_FIXED at the same address is seen in both versions (P5).
// Expect: exit 0, stdout "-38 -38"
// Record: 503 once, 504 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/code.h"

static void *map(void *where, int number) {
    unsigned char page[4096] = {0};
    write_call(page + 8 * (number & 1), number);
    int file = open("code", O_RDWR | O_CREAT | O_TRUNC, 0600);
    write(file, page, 4096);
    void *code = mmap(where, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | (where ? MAP_FIXED : 0), file, 0);
    close(file);
    unlink("code");
    return code;
}

int main(void) {
    unsigned char *code = map(NULL, 503);
    long first = run(code + 8);
    code = map(code, 504);
    printf("%ld %ld\n", first, run(code));
}

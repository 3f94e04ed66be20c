// Code that the kernel writes, by read() and through /proc/self/mem, is seen (P6).
// Expect: exit 0, stdout "-38 -38"
// Record: 503 once, 504 once
// Build: gcc -O1
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/code.h"

int main(void) {
    unsigned char page[4096] = {0};
    int ends[2];
    pipe(ends);
    write_call(page, 503);
    write(ends[1], page, 4096);
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    read(ends[0], code, 4096);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    long first = run(code);
    write_call(page, 504);
    int memory = open("/proc/self/mem", O_RDWR);
    pwrite(memory, page, CODE_SIZE, (off_t)(long)code);
    printf("%ld %ld\n", first, run(code));
}

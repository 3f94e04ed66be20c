// Code that is written through /proc/self/mem, whatever its protection: into memory, and into the program.
// Expect: exit 0
// Record: 502 once, 503 once
// Build: gcc -O1
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/code.h"

// Nothing but a return.
__attribute__((noinline, aligned(64))) static void place(void) {
    __asm__ volatile("ret\n .fill 64, 1, 0x90");
}

int main(void) {
    unsigned char bytes[CODE_SIZE];
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(code, 0xc3, 4096);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    place();
    int memory = open("/proc/self/mem", O_RDWR);
    write_call(bytes, 502);
    printf("%zd\n", pwrite(memory, bytes, CODE_SIZE, (long)code));
    printf("%ld\n", run(code));
    write_call(bytes, 503);
    printf("%zd\n", pwrite(memory, bytes, CODE_SIZE, (long)place));
    printf("%ld\n", run(place));
}

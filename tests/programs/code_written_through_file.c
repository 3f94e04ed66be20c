// A private mapping shows what is written to its file, as long as nobody has written to the memory: also a
// system call that was not there when it was mapped.
// Expect: exit 0
// Record: 502 2 times, 503 once
// Build: gcc -O1
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/code.h"

int main(void) {
    unsigned char page[4096];
    memset(page, 0x90, sizeof page);
    write_call(page, 502);
    int file = open("code", O_RDWR | O_CREAT, 0700);
    write(file, page, sizeof page);
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    printf("%ld\n", run(code));
    write_call(page, 503);
    pwrite(file, page, CODE_SIZE, 1024);
    // Another number, where there was none but the instruction.
    printf("%ld %ld\n", run(code), run(code + 1024));
    printf("%d\n", memcmp(code + 1024, page, CODE_SIZE));
}

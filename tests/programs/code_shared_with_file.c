// Nothing that is done to shared, executable file mappings reaches the file (P39).
// Expect: exit 0, stdout "-38"
// Record: 503 once
// Build: gcc -O1
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/code.h"

int main(void) {
    unsigned char page[4096] = {0};
    write_call(page, 503);
    int file = open("code", O_RDWR | O_CREAT, 0700);
    write(file, page, 4096);
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    printf("%ld\n", run(code));
    // The file stays: the harness compares it.
}

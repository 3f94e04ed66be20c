// The kernel takes a call's number from eax: with bits above it, too, a program finds no descriptor but its
// own (P30).
// Expect: exit 0, stdout "found: 0"
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int found = 0;
    syscall(SYS_close_range, 3, ~0u, 0); // what the program was given
    for (long descriptor = 3; descriptor < 2048; descriptor++) {
        long result = 1l << 32 | SYS_lseek;
        register long whence asm("rdx") = 1;
        asm volatile("syscall"
                     : "+a"(result)
                     : "D"(descriptor), "S"(0l), "r"(whence)
                     : "rcx", "r11", "memory");
        found += result >= 0;
    }
    printf("found: %d\n", found);
}

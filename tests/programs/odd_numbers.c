// Numbers that no call has, and numbers with more bits than a number has (P15).
// Expect: exit 0
// Record: 1000 once, 511 once
// Build: gcc -O1
// Build: gcc -O1 -static
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

int main(void) {
    long numbers[] = {-1, 380, 400, 511, 512, 547, 548, 1000, 0x7fffffff, -2, -4096};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        printf("%ld: %ld\n", numbers[i], raw(numbers[i]));
    printf("x32 getpid: %ld\n", raw(0x40000000 + SYS_getpid));
    printf("upper half garbage: %d\n", raw(0xdeadbeef00000000 + SYS_getpid) == getpid());
    printf("upper half ones: %d\n", raw(0xffffffff00000000 + SYS_getpid) == getpid());
}

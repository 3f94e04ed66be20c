// A program that switches Syscall User Dispatch off is still seen (P2).
// Expect: exit 0, stdout "off: 0\ncall 501: -38"
// Record: 501 once
// Build: gcc -O1
// Build: gcc -O1 -static
#include <stdio.h>
#include <sys/prctl.h>
#include "parts/raw.h"

int main(void) {
    printf("off: %d\n", prctl(59 /* PR_SET_SYSCALL_USER_DISPATCH */, 0, 0, 0, 0));
    printf("call 501: %ld\n", raw(501));
}

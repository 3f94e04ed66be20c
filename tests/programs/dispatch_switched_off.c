// A program that switches Syscall User Dispatch off is still seen, and one that asks for nonsense is told so (P2).
// Expect: exit 0, stdout "off: 0\ncall 501: -38\nnonsense: -22 -22 -22 -14 -22 -22 -22"
// Record: 501 once
// Build: gcc -O1
// Build: gcc -O1 -static
#include <stdio.h>
#include <sys/syscall.h>
#include "parts/raw.h"

static long dispatch(long mode, long offset, long length, long selector) {
    return raw(SYS_prctl, 59 /* PR_SET_SYSCALL_USER_DISPATCH */, mode, offset, length, selector);
}

int main(void) {
    printf("off: %ld\n", dispatch(0, 0, 0, 0));
    printf("call 501: %ld\n", raw(501));
    printf("nonsense: %ld %ld %ld %ld %ld %ld %ld\n", dispatch(0, 1, 0, 0), dispatch(1, 5, 0, 0), dispatch(1, 5, -2, 0),
           dispatch(1, 0, -1, -1), dispatch(77, 0, 0, 0), dispatch(2, 5, 0, 0), dispatch(1L << 32, 0, 0, 0));
}

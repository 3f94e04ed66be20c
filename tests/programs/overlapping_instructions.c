// An immediate that holds a system call, entered one byte later, is a call; the immediate stays
// what it was (P8). The immediate is proved data, which is not patched: only the seal sees the call.
// Options: --seal=always
// Expect: exit 0, stdout "immediate: 90c3050f\ncall 506: -38\nimmediate: 90c3050f"
// Record: 506 once
// Build: gcc -O1
#include <stdio.h>

__asm__(
    ".text\n"
    ".type immediate, @function\n"
    "immediate:\n"
    "  .cfi_startproc\n"
    "  mov $0x90c3050f, %eax\n"  // b8 0f 05 c3 90: from its second byte on, syscall; ret
    "  ret\n"
    "  .cfi_endproc\n"
    ".size immediate, . - immediate\n"
    ".type entered_inside, @function\n"
    "entered_inside:\n"
    "  mov $506, %eax\n"
    "  jmp immediate + 1\n"
    ".size entered_inside, . - entered_inside\n");

extern unsigned immediate(void);
extern long entered_inside(void);

int main(void) {
    printf("immediate: %x\n", immediate());
    printf("call 506: %ld\n", entered_inside());
    printf("immediate: %x\n", immediate());
}

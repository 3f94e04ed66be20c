// Bytes 0f 05, cd 80 and 0f 34 that are a table in .text read back unchanged (P7).
// Expect: exit 0, stdout "0f 05 c3 cd 80 0f 34 0f 05 0f 05 90\nsum of an immediate: 50f\ncall 501: -38"
// Record: 501 once
// Build: gcc -O1
// Build: gcc -O1 -static
// Build: gcc -O1 -s
#include <stdio.h>
#include "parts/raw.h"

__asm__(
    ".text\n"
    ".globl table\n"
    ".type table, @object\n"
    "table: .byte 0x0f, 0x05, 0xc3, 0xcd, 0x80, 0x0f, 0x34, 0x0f, 0x05, 0x0f, 0x05, 0x90\n"
    ".size table, 12\n"
    ".type immediate, @function\n"
    "immediate:\n"
    "  .cfi_startproc\n"
    "  mov $0x050f, %eax\n"
    "  ret\n"
    "  .cfi_endproc\n"
    ".size immediate, . - immediate\n");

extern const unsigned char table[12];
extern long immediate(void);

int main(void) {
    for (int i = 0; i < 12; i++) printf("%02x%s", table[i], i < 11 ? " " : "\n");
    printf("sum of an immediate: %lx\n", immediate());
    printf("call 501: %ld\n", raw(501));
}

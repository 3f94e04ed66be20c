// Jumps to the call itself, past the instruction that loads its number, and behind it (P9).
// Expect: exit 0, stdout "-38 -38 77"
// Record: 507 once, 508 once
// Build: gcc -O1
// Build: gcc -O1 -static
#include <stdio.h>

__asm__(
    ".text\n"
    ".globl site\n"
    ".type site, @function\n"
    "site:\n"
    "  .cfi_startproc\n"
    "  mov $507, %eax\n"
    "at_call: syscall\n"
    "behind_call: ret\n"
    "  .cfi_endproc\n"
    ".size site, . - site\n"
    "to_call: mov $508, %eax\n"
    "  jmp at_call\n"
    "past_call: mov $77, %eax\n"
    "  jmp behind_call\n");

extern long site(void), to_call(void), past_call(void);

int main(void) {
    long a = site(), b = to_call(), c = past_call();
    printf("%ld %ld %ld\n", a, b, c);
}

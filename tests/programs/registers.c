// After a call every general register is as before, but rax; rcx is the address behind it and r11
// the flags; the flags are as before, the direction and trap-free bits too (P14).
// Expect: exit 0
// Record: 501 4 times
// Build: gcc -O1
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -static
// Build: musl-gcc -O1 -static
#include <stdio.h>
#include <string.h>

// In the order rax, rbx, rcx, rdx, rsi, rdi, rbp, r8 … r15, flags.
long before[16], after[16], behind;
long flags;

__asm__(
    ".text\n"
    ".globl try\n"
    ".type try, @function\n"
    "try:\n"
    "  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "  mov before+8(%rip), %rbx\n"
    "  mov before+16(%rip), %rcx\n"
    "  mov before+24(%rip), %rdx\n"
    "  mov before+32(%rip), %rsi\n"
    "  mov before+40(%rip), %rdi\n"
    "  mov before+48(%rip), %rbp\n"
    "  mov before+56(%rip), %r8\n"
    "  mov before+64(%rip), %r9\n"
    "  mov before+72(%rip), %r10\n"
    "  mov before+80(%rip), %r11\n"
    "  mov before+88(%rip), %r12\n"
    "  mov before+96(%rip), %r13\n"
    "  mov before+104(%rip), %r14\n"
    "  mov before+112(%rip), %r15\n"
    "  pushq flags(%rip)\n"
    "  popfq\n"
    "  mov $501, %eax\n"
    "  syscall\n"
    "after_syscall:\n"
    "  pushfq\n"
    "  popq after+120(%rip)\n"
    "  mov %rax, after(%rip)\n"
    "  mov %rbx, after+8(%rip)\n"
    "  mov %rcx, after+16(%rip)\n"
    "  mov %rdx, after+24(%rip)\n"
    "  mov %rsi, after+32(%rip)\n"
    "  mov %rdi, after+40(%rip)\n"
    "  mov %rbp, after+48(%rip)\n"
    "  mov %r8, after+56(%rip)\n"
    "  mov %r9, after+64(%rip)\n"
    "  mov %r10, after+72(%rip)\n"
    "  mov %r11, after+80(%rip)\n"
    "  mov %r12, after+88(%rip)\n"
    "  mov %r13, after+96(%rip)\n"
    "  mov %r14, after+104(%rip)\n"
    "  mov %r15, after+112(%rip)\n"
    "  cld\n"
    "  lea after_syscall(%rip), %rax\n"
    "  mov %rax, behind(%rip)\n"
    "  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "  ret\n"
    ".size try, . - try\n");

extern void try(void);

int main(void) {
    // CF, PF, AF, ZF, SF, DF and OF, in different company.
    long tried[] = {0x202, 0xed7, 0x602, 0x246};
    for (int t = 0; t < 4; t++) {
        for (int i = 0; i < 16; i++) before[i] = 0x0123456789abcdef * (i + 3) + t;
        flags = tried[t];
        try();
        printf("rax %ld, rcx is behind: %d, r11 %lx, flags %lx, others:", after[0], after[2] == behind,
               after[10], after[15]);
        for (int i = 1; i < 15; i++)
            if (i != 2 && i != 10) printf(" %d", after[i] == before[i]);
        printf("\n");
    }
}

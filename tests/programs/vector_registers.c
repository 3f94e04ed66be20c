// xmm, ymm, zmm and mask registers, MXCSR and the x87 state survive a call (P14).
// Expect: exit 0, stdout "x87 1, mxcsr 1, sse 1, rest 1"
// Record: 501 once
// Build: gcc -O1
// Build: gcc -O1 -static
#include <stdio.h>
#include <string.h>

static unsigned char before[16384] __attribute__((aligned(64)));
static unsigned char after[16384] __attribute__((aligned(64)));
static unsigned char pattern[64 * 32] __attribute__((aligned(64)));

// Each at its own place: a loop could use the registers itself.
#define ZMM(n) "vmovdqu64 " #n "*64(%0), %%zmm" #n "\n"
#define YMM(n) "vmovdqu " #n "*64(%0), %%ymm" #n "\n"
#define XMM(n) "movdqu " #n "*64(%0), %%xmm" #n "\n"
#define FIRST(R) \
    R(0) R(1) R(2) R(3) R(4) R(5) R(6) R(7) R(8) R(9) R(10) R(11) R(12) R(13) R(14) R(15)
#define SECOND(R) \
    R(16) R(17) R(18) R(19) R(20) R(21) R(22) R(23) R(24) R(25) R(26) R(27) R(28) R(29) R(30) R(31)

#define STATE \
    "mov $-1, %%eax\n mov $-1, %%edx\n" \
    "xsave64 (%1)\n" \
    "mov $501, %%eax\n syscall\n" \
    "mov $-1, %%eax\n mov $-1, %%edx\n" \
    "xsave64 (%2)\n"
#define LEGACY \
    "fninit\n fldpi\n fldl2e\n fldcw %3\n ldmxcsr %4\n"
#define RUN(load) \
    __asm__ volatile(LEGACY load STATE : : "r"(pattern), "r"(before), "r"(after), "m"(control), "m"(rounding) \
                     : "rax", "rcx", "rdx", "r11", "memory")

int main(void) {
    unsigned short control = 0x027f;   // double precision
    unsigned rounding = 0x1f80 | 0x6000;  // towards zero
    for (unsigned i = 0; i < sizeof pattern; i++) pattern[i] = i * 7 + i / 64;
    if (__builtin_cpu_supports("avx512bw"))
        RUN(FIRST(ZMM) SECOND(ZMM) "kmovq (%0), %%k1\n kmovq 8(%0), %%k7\n");
    else if (__builtin_cpu_supports("avx"))
        RUN(FIRST(YMM));
    else
        RUN(FIRST(XMM));
    unsigned usual = 0x1f80;
    __asm__ volatile("fninit\n ldmxcsr %0" : : "m"(usual));
    // The legacy area: control and tag words, MXCSR, ST0…7 (their 10 bytes), XMM0…15.
    int x87 = memcmp(before, after, 5) == 0;
    for (int i = 0; i < 8; i++) x87 &= memcmp(before + 32 + 16 * i, after + 32 + 16 * i, 10) == 0;
    printf("x87 %d, mxcsr %d, sse %d, rest %d\n", x87, memcmp(before + 24, after + 24, 4) == 0,
           memcmp(before + 160, after + 160, 256) == 0,
           memcmp(before + 576, after + 576, sizeof before - 576) == 0);
}

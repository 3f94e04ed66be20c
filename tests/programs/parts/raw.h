// System calls without libc's wrappers: the number and errno are what the kernel gets and gives.
#pragma once

#define raw(...) RAW(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define RAW(number, a, b, c, d, e, f, ...) \
    raw_call((long)(number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline __attribute__((always_inline)) long raw_call(long number, long a, long b, long c,
                                                           long d, long e, long f) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

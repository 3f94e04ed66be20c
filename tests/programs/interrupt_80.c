// int 0x80 makes the 32-bit call of that number, sees 32-bit arguments, and leaves rcx and r11 (P17).
// Expect: exit 0
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int call32(int number, unsigned a, unsigned b, unsigned c, unsigned long *rcx, unsigned long *r11) {
    int result;
    unsigned long second = b;
    register unsigned long kept __asm__("r11") = 0x1122334455667788;
    __asm__ volatile("int $0x80"
                     : "=a"(result), "+r"(kept), "+c"(second)
                     : "0"(number), "b"(a), "d"(c)
                     : "memory");
    *rcx = second;
    *r11 = kept;
    return result;
}

int main(void) {
    unsigned long rcx = 0, r11 = 0;
    int process = call32(20 /* getpid */, 0, 7, 0, &rcx, &r11);
    printf("getpid: %d, rcx %lx, r11 %lx\n", process == getpid(), rcx, r11);
    char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    strcpy(low, "written\n");
    fflush(stdout);
    int written = call32(4 /* write */, 1, (unsigned)(unsigned long)low, 8, &rcx, &r11);
    printf("write: %d\n", written);
    printf("odd: %d %d\n", call32(1000, 0, 0, 0, &rcx, &r11), call32(-1, 0, 0, 0, &rcx, &r11));
}

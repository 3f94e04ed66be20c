// Data that is also run, once and then often, in hope that somebody takes it for code and changes it: its calls
// are seen, it stays what it was (P38).
// Expect: exit 0, stdout "among code: -38, unchanged 1\nread-only: -38, unchanged 1\nwritable: -38, unchanged 1"
// Record: 502 300 times, 503 300 times, 504 300 times
// Build: gcc -O1
// Build: gcc -O1 -static
// Build: musl-gcc -O1 -static
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

// Words, of which one is `syscall; ret` and something: nothing leads there but what `hidden` computes.
#define WORDS 0x11223344, 0x90c3050f, 0x0f050f05, 0xc3c3050f
#define TABLE(name) #name ": .long 0x11223344, 0x90c3050f, 0x0f050f05, 0xc3c3050f\n"

__asm__(".text\n" TABLE(among_code) ".section .rodata\n.balign 4096\n" TABLE(read_only) ".fill 4080\n.data\n"
        ".balign 4096\n" TABLE(writable) ".fill 4080\n.text\n");
extern const unsigned among_code[4], read_only[4];
extern unsigned writable[4];

static const unsigned words[4] = {WORDS};
static volatile long twice = 2;

__attribute__((noinline)) static long call(const unsigned *table, long number) {
    // The second word.
    long place = (long)table + 8 / twice, result;
    __asm__ volatile("call *%2" : "=a"(result) : "0"(number), "r"(place) : "rcx", "r11", "memory");
    return result;
}

static void often(const char *what, const unsigned *table, long number) {
    int unchanged = 1;
    long result = 0;
    for (int i = 0; i < 300; i++) {
        result = call(table, number);
        unchanged &= !memcmp((const void *)table, words, sizeof words);
    }
    printf("%s: %ld, unchanged %d\n", what, result, unchanged);
}

int main(void) {
    mprotect((void *)read_only, 4096, PROT_READ | PROT_EXEC);
    mprotect((void *)writable, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    often("among code", among_code, 502);
    often("read-only", read_only, 503);
    often("writable", writable, 504);
}

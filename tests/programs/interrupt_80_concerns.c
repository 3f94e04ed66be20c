// What int 0x80 does to memory, masks and dispatch is seen as what `syscall` does: code whose pages it gives up,
// that it makes, or that it would have out of the seal, is still seen, signals that it blocks are blocked, and
// /proc/self/exe is the program (P2, P17).
// Expect: exit 0, stdout "given up 0: -38 -38\nmade 0: -38\nblocked 0: 1 1, then 1 signal\ndispatch 0: -38 -38\nclosed 0 -9\nchanged 0: 1"
// Record: 504 2 times, 503 once, 505 2 times
// Options: --patch-after=0
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -no-pie -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "parts/raw.h"

enum { CLOSE = 6, CHMOD = 15, MPROTECT = 125, PRCTL = 172, RT_SIGPROCMASK = 175, MMAP2 = 192, MADVISE = 219 };

static int call32(int number, unsigned a, unsigned b, unsigned c, unsigned d, unsigned e) {
    int result;
    __asm__ volatile("push %%rbp; xor %%ebp, %%ebp; int $0x80; pop %%rbp"
                     : "=a"(result)
                     : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}

__attribute__((noinline, aligned(4096))) static long call_504(void) { return raw(504); }

// mov $505,%eax; syscall; ret, as words: only a computed address leads here
__asm__(".text\n.balign 4096\ntable: .long 42, 0x0001f9b8, 0xc3050f00\n.balign 4096\n");
extern const unsigned table[3];
static volatile uintptr_t distance = 4;

static long computed(void) {
    return (int)((long (*)(void))((uintptr_t)table + distance))();
}

static volatile int signals;
static void count(int number) { signals += number == SIGSYS; }

int main(int count_of_words, char **words) {
    (void)count_of_words;
    long before = call_504();
    int given = call32(MADVISE, (unsigned)(uintptr_t)call_504 & -4096U, 4096, MADV_DONTNEED, 0, 0);
    printf("given up %d: %ld %ld\n", given, before, call_504());

    unsigned made = call32(MMAP2, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    // mov $503,%eax; syscall; ret
    memcpy((void *)(uintptr_t)made, "\xb8\xf7\x01\0\0\x0f\x05\xc3", 8);
    int protected = call32(MPROTECT, made, 4096, PROT_READ | PROT_EXEC, 0, 0);
    printf("made %d: %d\n", protected, (int)((long (*)(void))(uintptr_t)made)());

    static uint64_t set = 1UL << (SIGSYS - 1), old, now;
    signal(SIGSYS, count);
    int blocked = call32(RT_SIGPROCMASK, SIG_BLOCK, (unsigned)(uintptr_t)&set, (unsigned)(uintptr_t)&old, 8, 0);
    raise(SIGSYS);
    call32(RT_SIGPROCMASK, SIG_BLOCK, 0, (unsigned)(uintptr_t)&now, 8, 0);
    printf("blocked %d: %d %d, ", blocked, now == (old | set), signals == 0);
    call32(RT_SIGPROCMASK, SIG_SETMASK, (unsigned)(uintptr_t)&old, 0, 8, 0);
    printf("then %d signal\n", signals);

    before = computed();
    int off = call32(PRCTL, 59 /* PR_SET_SYSCALL_USER_DISPATCH */, 0, 0, 0, 0);
    printf("dispatch %d: %ld %ld\n", off, before, computed());

    int file = open("/dev/null", O_RDONLY);
    printf("closed %d %d\n", call32(CLOSE, file, 0, 0, 0, 0), call32(CLOSE, 960, 0, 0, 0, 0));

    static char link[] = "/proc/self/exe";
    struct stat file_of_program;
    int changed = call32(CHMOD, (unsigned)(uintptr_t)link, 0751, 0, 0, 0);
    stat(words[0], &file_of_program);
    printf("changed %d: %d\n", changed, (file_of_program.st_mode & 07777) == 0751);
}

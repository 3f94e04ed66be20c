// What the file has comes back, without patches, in code whose pages are given up by guards, by process_madvise(2), or
// by moving it and leaving the mapping (P5): its calls are seen. Code that is sealed against changes, by mseal(2), may
// be run like before. Kernels that cannot do one of these do nothing there.
// Expect: exit 0, stdout "guarded -38 -38\ngiven up -38 -38\nmoved -38 -38\nsealed -38 -38, computed 42 -38"
// Record: 501 2 times, 502 2 times, 503 2 times, 504 2 times, 505 once
// Options: --patch-after=0
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include "parts/apart.h"
#include "parts/raw.h"

#define OWN_PAGES __attribute__((noinline, aligned(4096)))
OWN_PAGES static long guarded(void) { return raw(501); }
OWN_PAGES static long given_up(void) { return raw(502); }
OWN_PAGES static long moved(void) { return raw(503); }
OWN_PAGES static long sealed(void) { return raw(504); }

// 42; mov $505,%eax; syscall; ret, as words
__asm__(".text\n.balign 4096\ntable: .long 42, 0x0001f9b8, 0xc3050f00\n.balign 4096\n");
extern const unsigned table[3];
static volatile uintptr_t distance = 4;

static void *page(long (*function)(void)) { return (void *)((uintptr_t)function & -4096UL); }

enum { PIDFD_OPEN = 434, PROCESS_MADVISE = 440, MSEAL = 462, GUARD_INSTALL = 102, GUARD_REMOVE = 103 };

static void guard(void) {
    long before = guarded();
    madvise(page(guarded), 4096, GUARD_INSTALL);
    madvise(page(guarded), 4096, GUARD_REMOVE);
    printf("guarded %ld %ld\n", before, guarded());
}

static void give_up(void) {
    long before = given_up();
    struct iovec range = {page(given_up), 4096};
    long self = syscall(PIDFD_OPEN, getpid(), 0);
    syscall(PROCESS_MADVISE, self, &range, 1, MADV_DONTNEED, 0);
    printf("given up %ld %ld\n", before, given_up());
}

static void move(void) {
    long before = moved();
    mremap(page(moved), 4096, 4096, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
    printf("moved %ld %ld\n", before, moved());
}

static void seal(void) {
    long before = sealed();
    syscall(MSEAL, page(sealed), 4096, 0);
    syscall(MSEAL, table, 4096, 0);
    printf("sealed %ld %ld, ", before, sealed());
    fflush(stdout);
    long computed = (int)((long (*)(void))((uintptr_t)table + distance))();
    printf("computed %u %ld\n", table[0], computed);
}

int main(void) {
    void (*all[])(void) = {guard, give_up, move, seal};
    apart(all, sizeof all / sizeof *all);
}

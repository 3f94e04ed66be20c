// What the kernel refuses of a call for its arguments, it refuses with the same error where our memory lies within the
// range.
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "parts/raw.h"

enum { UNALIGNED = 8, LOW = 1 << 16 };

static const long ALL = 1l << 46;

int main(void) {
    const struct {
        const char *name;
        int number;
        long arguments[5];
    } calls[] = {
        {"mprotect", SYS_mprotect, {UNALIGNED, -1, PROT_READ}},
        {"mprotect", SYS_mprotect, {LOW, ALL, 0x40000}},
        {"mprotect", SYS_mprotect, {LOW, -1, 0x40000}},
        {"pkey_mprotect", SYS_pkey_mprotect, {UNALIGNED, -1, PROT_READ, -1}},
        {"pkey_mprotect", SYS_pkey_mprotect, {LOW, ALL, PROT_READ, 99}},
        {"munmap", SYS_munmap, {UNALIGNED, -1}},
        {"mremap", SYS_mremap, {UNALIGNED, -1, -1}},
        {"mremap", SYS_mremap, {LOW, ALL, 0}},
        {"mremap", SYS_mremap, {LOW, 4096, ALL, MREMAP_FIXED, LOW}},
        {"madvise", SYS_madvise, {UNALIGNED, -1, MADV_DONTNEED}},
        {"madvise", SYS_madvise, {LOW, ALL, 9999}},
        {"mseal", 462, {UNALIGNED, -1}},
        {"mseal", 462, {LOW, ALL, 1}},
        {"remap_file_pages", SYS_remap_file_pages, {UNALIGNED, -1}},
        {"mmap", SYS_mmap, {UNALIGNED, -1, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1}},
        {"mmap", SYS_mmap, {LOW, ALL, PROT_READ, MAP_FIXED | MAP_PRIVATE, -1}},
        {"process_madvise", 440, {-1, UNALIGNED, 1, MADV_DONTNEED, 1}},
        {"process_madvise", 440, {-1, UNALIGNED, 1, MADV_DONTNEED, 0}},
    };
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
        const long *a = calls[i].arguments;
        printf("%s %ld\n", calls[i].name, raw(calls[i].number, a[0], a[1], a[2], a[3], a[4]));
    }
}

// What the kernel refuses of a range for its address, it refuses with the same error where our memory lies within.
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "parts/raw.h"

int main(void) {
    static const struct {
        const char *name;
        int number;
        long third, fourth;
    } calls[] = {
        {"mprotect", SYS_mprotect, PROT_READ, 0},
        {"pkey_mprotect", SYS_pkey_mprotect, PROT_READ, -1},
        {"munmap", SYS_munmap, 0, 0},
        {"mremap", SYS_mremap, -1, 0},
        {"madvise", SYS_madvise, MADV_DONTNEED, 0},
        {"mseal", 462, 0, 0},
        {"remap_file_pages", SYS_remap_file_pages, 0, 0},
        {"mmap", SYS_mmap, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS},
    };
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
        printf("%s %ld\n", calls[i].name, raw(calls[i].number, 8, -1l, calls[i].third, calls[i].fourth, -1));
}

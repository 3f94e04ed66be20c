// MAP_FIXED over free address space works wherever it natively would: a mapping at each of many
// addresses, kept over calls (P31).
// Expect: exit 0, stdout "failed 0, lost 0"
// Record: 502 once
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include "parts/raw.h"

int main(void) {
    int failed = 0, lost = 0;
    unsigned long addresses[] = {0x10000,        0x100000,       0x80000000,     0x100000000,
                                 0x200000000,    0x10000000000,  0x20000000000,  0x300000000000,
                                 0x400000000000, 0x500000000000, 0x540000000000, 0x6ffffffff000};
    for (int i = 0; i < 12; i++) {
        long *page = mmap((void *)addresses[i], 4096, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if ((unsigned long)page != addresses[i]) failed++;
        else *page = i;
    }
    raw(502);
    for (int i = 0; i < 12; i++)
        if (*(long *)addresses[i] != i) lost++;
    printf("failed %d, lost %d\n", failed, lost);
}

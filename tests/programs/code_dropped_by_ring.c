// What the file has comes back, without patches, in code whose pages a ring gives up, which is no call (P5, P33): its
// calls are seen. Kernels that have no rings do nothing.
// Expect: exit 0, stdout "-38 -38"
// Record: 505 2 times, io_uring_setup once
// Options: --patch-after=0
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include "parts/raw.h"

__attribute__((noinline, aligned(4096))) static long call_505(void) { return raw(505); }

static void give_up(void *page) {
    enum { SETUP = 425, ENTER = 426 };
    struct io_uring_params parameters = {0};
    long ring = raw(SETUP, 8, &parameters);
    if (ring < 0) return;
    size_t size = parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned);
    char *submissions = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    struct io_uring_sqe *entries = mmap(NULL, parameters.sq_entries * sizeof *entries, PROT_READ | PROT_WRITE, MAP_SHARED,
                                        ring, IORING_OFF_SQES);
    entries[0] = (struct io_uring_sqe){
        .opcode = IORING_OP_MADVISE, .addr = (uintptr_t)page, .len = 4096, .fadvise_advice = MADV_DONTNEED};
    ((unsigned *)(submissions + parameters.sq_off.array))[0] = 0;
    __atomic_store_n((unsigned *)(submissions + parameters.sq_off.tail), 1, __ATOMIC_RELEASE);
    raw(ENTER, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0);
}

int main(void) {
    long before = call_505();
    give_up((void *)((uintptr_t)call_505 & -4096UL));
    printf("%ld %ld\n", before, call_505());
}

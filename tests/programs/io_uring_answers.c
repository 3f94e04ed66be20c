// io_uring_setup answers as natively; what goes through the ring is not a call (P33).
// Expect: exit 0
// Record: io_uring_setup 2 times
// Build: gcc -O1
#include <linux/io_uring.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

int main(void) {
    struct io_uring_params parameters = {0};
    long ring = raw(SYS_io_uring_setup, 4, &parameters);
    printf("setup %ld, entries %d %d\n", ring, parameters.sq_entries, parameters.cq_entries);
    printf("nothing to submit %ld\n", raw(SYS_io_uring_enter, ring, 0, 0, 0));
    printf("too many %ld\n", raw(SYS_io_uring_setup, 1 << 20, &parameters));
}

// A ring whose submissions a thread of the kernel takes (SQPOLL): what goes through it is done as natively and is
// no call; and one that is entered by call (P33).
// Expect: exit 0
// Record: io_uring_setup 2 times, 502 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

static void attempt(unsigned flags) {
    struct io_uring_params parameters = {.flags = flags, .sq_thread_idle = 2000};
    long ring = raw(SYS_io_uring_setup, 8, &parameters);
    if (ring < 0) {
        printf("no ring: %ld\n", ring);
        return;
    }
    size_t size = parameters.sq_off.array + parameters.sq_entries * 4;
    size_t other = parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe);
    char *rings = mmap(NULL, size > other ? size : other, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    struct io_uring_sqe *entries = mmap(NULL, parameters.sq_entries * sizeof *entries, PROT_READ | PROT_WRITE, MAP_SHARED,
                                        ring, IORING_OFF_SQES);
    unsigned *array = (void *)(rings + parameters.sq_off.array), *tail = (void *)(rings + parameters.sq_off.tail);
    unsigned *state = (void *)(rings + parameters.sq_off.flags);
    unsigned *head = (void *)(rings + parameters.cq_off.head), *end = (void *)(rings + parameters.cq_off.tail);
    struct io_uring_cqe *done = (void *)(rings + parameters.cq_off.cqes);
    int file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char text[16] = "through a ring\n", back[16] = "";
    for (int i = 0; i < 3; i++) {
        memset(entries, 0, sizeof *entries);
        entries->opcode = i == 0 ? IORING_OP_WRITE : i == 1 ? IORING_OP_READ : IORING_OP_NOP;
        entries->fd = file;
        entries->addr = (long)(i == 0 ? text : back);
        entries->len = 15;
        entries->user_data = 70 + i;
        array[*tail % parameters.sq_entries] = 0;
        __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
        if (!(flags & IORING_SETUP_SQPOLL)) raw(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0);
        else if (__atomic_load_n(state, __ATOMIC_ACQUIRE) & IORING_SQ_NEED_WAKEUP)
            raw(SYS_io_uring_enter, ring, 1, 0, IORING_ENTER_SQ_WAKEUP, 0, 0);
        while (__atomic_load_n(end, __ATOMIC_ACQUIRE) == *head) sched_yield();
        struct io_uring_cqe *one = &done[*head % parameters.cq_entries];
        printf("%llu: %d\n", one->user_data, one->res);
        __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    }
    printf("read back: %s", back);
    close(file);
    close(ring);
}

int main(void) {
    attempt(0);
    attempt(IORING_SETUP_SQPOLL);
    raw(502);
}

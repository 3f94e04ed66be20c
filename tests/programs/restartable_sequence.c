// The thread's restartable sequence area stays registered and its processor number right (P28).
// Expect: exit 0, stdout "registered 1, processor 1"
// Record: 502 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include "parts/raw.h"

int main(void) {
    struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    sched_setaffinity(0, sizeof set, &set);
    raw(502);
    printf("registered %d, processor %d\n", __rseq_size > 0 && raw(SYS_rseq, 8, 32, 0, 0) != 0,
           *(volatile unsigned *)&area->cpu_id == 0);
}

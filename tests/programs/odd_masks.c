// Calls that wait under a mask, with masks, sizes and times of which something is wrong: the kernel finds the same
// error first as natively (P34).
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

int main(void) {
    static unsigned long mask = 1ul << 10 | 1ul << 3, none[2], late[2] = {0, 1000000000};
    static struct epoll_event events[4];
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    long masks[] = {0, (long)&mask, 8, -1, (long)page + 4096 - 4};
    long sizes[] = {8, 0, 4, 16, 1l << 32 | 8}, times[] = {(long)none, (long)late, 8};
    int polled = epoll_create1(0);
    for (int m = 0; m < 5; m++)
        for (int s = 0; s < 5; s++) {
            long pair[2] = {masks[m], sizes[s]};
            printf("mask %d, size %d:", m, s);
            if (m != 1 || s) printf(" %ld", raw(SYS_rt_sigsuspend, masks[m], sizes[s]));
            printf(" %ld", raw(SYS_epoll_pwait, polled, events, 4, 0, masks[m], sizes[s]));
            printf(" %ld,", raw(SYS_epoll_pwait, polled, events, 0, 0, masks[m], sizes[s]));
            for (int t = 0; t < 3; t++) {
                printf(" %ld", raw(SYS_ppoll, 0, 0, times[t], masks[m], sizes[s]));
                printf(" %ld", raw(SYS_ppoll, 0, 1 << 30, times[t], masks[m], sizes[s]));
                printf(" %ld", raw(SYS_pselect6, 0, 0, 0, 0, times[t], pair));
                printf(" %ld", raw(SYS_pselect6, -1, 0, 0, 0, times[t], pair));
                printf(" %ld", raw(SYS_pselect6, 0, 0, 0, 0, times[t], page + 4096 - 8));
                printf(" %ld,", raw(SYS_epoll_pwait2, polled, events, 4, times[t], masks[m], sizes[s]));
            }
            printf("\n");
        }
}

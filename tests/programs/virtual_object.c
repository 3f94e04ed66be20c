// A program that finds the vDSO itself, by AT_SYSINFO_EHDR, calls its functions; their calls to the
// kernel are seen (P18).
// Expect: exit 0, stdout "functions 4\ntime goes on 1\nothers agree 1\nfallback 0\nbad clock -22\nbad pointer -14"
// Record: clock_gettime 3 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>
#include "parts/find.h"

static void *find(const char *name) { return find_in((char *)getauxval(AT_SYSINFO_EHDR), name); }

int main(void) {
    int (*clock)(clockid_t, struct timespec *) = find("__vdso_clock_gettime");
    void *others[] = {find("__vdso_gettimeofday"), find("__vdso_time"), find("__vdso_getcpu")};
    printf("functions %d\n", !!clock + !!others[0] + !!others[1] + !!others[2]);
    struct timespec first, second, spent;
    clock(CLOCK_MONOTONIC, &first);
    clock_gettime(CLOCK_MONOTONIC, &second);
    printf("time goes on %d\n", second.tv_sec > first.tv_sec || second.tv_nsec > first.tv_nsec);
    int (*of_day)(struct timeval *, void *) = others[0];
    time_t (*seconds)(time_t *) = others[1];
    long (*processor)(unsigned *, unsigned *, void *) = others[2];
    struct timeval day;
    time_t now = 0, returned = seconds(&now), later = time(NULL);
    unsigned cpu = 0, node = 99;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
    int agree = !of_day(&day, NULL) && day.tv_sec >= now && day.tv_sec <= now + 60 && returned == now &&
                later >= now && !processor(&cpu, &node, NULL) && CPU_ISSET(cpu, &one) && node < 99;
    printf("others agree %d\n", agree);
    // The vDSO does not know this clock: it asks the kernel.
    printf("fallback %d\n", clock(CLOCK_PROCESS_CPUTIME_ID, &spent));
    printf("bad clock %d\n", clock(1000, &time));
    printf("bad pointer %d\n", clock(CLOCK_THREAD_CPUTIME_ID, (void *)8));
}

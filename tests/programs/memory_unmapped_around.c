// A program gives back all address space that it does not need, in one call: its own pages are gone, the
// interpreter's stay, and calls, signals, threads and children work as before. What munmap(2) refuses, it
// refuses there, too (P31).
// Expect: exit 0, stdout "unmapped 0, gone 1, signal 1, child 7, thread 1, new 1, refused 22 22 22"
// Record: munmap 5 times, 502 once, 503 once, 504 once
// Build: gcc -O1 -static -no-pie
// Build: musl-gcc -O1 -static -no-pie
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "parts/alive.h"

int main(void) {
    // The program is below, the stack above.
    const long start = 0x10000000000, end = 0x7ff000000000;
    static char line[BUFSIZ];
    setvbuf(stdout, line, _IOFBF, sizeof line);
    long page = raw(SYS_mmap, 0x20000000000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    long unmapped = raw(SYS_munmap, start, end - start);
    int gone = raw(SYS_msync, page, 4096, MS_ASYNC) == -12;
    raw(502);
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    long child = raw(SYS_fork);
    if (!child) {
        raw(503);
        raw(SYS_exit_group, 7);
    }
    int status = 0;
    raw(SYS_wait4, child, &status, 0, 0);
    clone(thread, stack + sizeof stack, CLONE_VM | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL);
    while (!ran) sched_yield();
    long another = raw(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int new = another > 0 && !raw(SYS_munmap, another, 4096);
    printf("unmapped %ld, gone %d, signal %d, child %d, thread %d, new %d, refused %ld %ld %ld\n", unmapped, gone,
           handled, status >> 8, ran, new, -raw(SYS_munmap, start + 1, end - start),
           -raw(SYS_munmap, start, 0x7fffffffffff), -raw(SYS_munmap, start, 0));
}

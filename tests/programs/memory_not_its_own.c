// A program does everything to the memory that it does not know of: unmaps it, maps over it, protects it, moves
// it, gives its pages back. It may fail; the program goes on in any case, with calls, signals, threads and
// children (P31).
// Expect: exit 0, stdout "calls -38, signals 2, child 7, thread 1, code -38\ncalls -38, signals 4, child 7, thread 2, code -38"
// Record: 502 2 times, 503 2 times, 504 2 times, 505 2 times
// Build: gcc -O1 -static -no-pie
// Build: musl-gcc -O1 -static -no-pie
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/alive.h"
#include "parts/code.h"

static char text[1 << 18], line[BUFSIZ];

// Without libc, which has nothing there.
static void attack(unsigned long start, unsigned long length) {
    const int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    for (unsigned long at = start; at < start + length; at += length > 65536 ? length / 16 & -4096 : 4096) {
        raw(SYS_mmap, at, 4096, PROT_READ | PROT_WRITE, fixed, -1, 0);
        raw(SYS_mremap, at, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, 0x10000000000);
        raw(SYS_mremap, 0x10000000000, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at);
    }
    raw(SYS_madvise, start, length, MADV_DONTNEED);
    raw(SYS_madvise, start, length, MADV_FREE);
    raw(SYS_madvise, start, length, MADV_DONTFORK);
    raw(SYS_madvise, start, length, MADV_WIPEONFORK);
    raw(SYS_mprotect, start, length, PROT_NONE);
    raw(SYS_pkey_mprotect, start, length, PROT_NONE, -1);
    raw(SYS_mremap, start, length, 4096, 0);
    raw(SYS_remap_file_pages, start, length, 0, 1, 0);
    raw(SYS_munmap, start, length);
    raw(SYS_mmap, start, length, PROT_READ | PROT_WRITE, fixed, -1, 0);
}

static void live(void) {
    long calls = raw(502);
    raw(SYS_kill, raw(SYS_getpid), SIGUSR1);
    raw(SYS_tgkill, raw(SYS_getpid), raw(SYS_gettid), SIGSEGV);
    long child = raw(SYS_fork);
    if (!child) {
        raw(503);
        raw(SYS_exit_group, 7);
    }
    int status = 0, before = ran;
    raw(SYS_wait4, child, &status, 0, 0);
    clone(thread, stack + sizeof stack, CLONE_VM | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL);
    while (ran == before) raw(SYS_sched_yield);
    unsigned char *code = (void *)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 505);
    raw(SYS_mprotect, code, 4096, PROT_READ | PROT_EXEC);
    printf("calls %ld, signals %d, child %d, thread %d, code %ld\n", calls, handled, status >> 8, ran, run(code));
    raw(SYS_munmap, code, 4096);
}

int main(void) {
    setvbuf(stdout, line, _IOFBF, sizeof line);
    signal(SIGUSR1, handler);
    signal(SIGSEGV, handler);
    for (int round = 0; round < 2; round++) {
        int file = open("/proc/self/maps", O_RDONLY), size = 0, part;
        while ((part = read(file, text + size, sizeof text - 1 - size)) > 0) size += part;
        text[size] = 0;
        close(file);
        for (char *at = text; *at; at = strchr(at, '\n') + 1) {
            char *next;
            unsigned long start = strtoul(at, &next, 16), end = strtoul(next + 1, &next, 16);
            char *newline = strchr(at, '\n');
            // The program is below, the stack and what the kernel maps above, the heap has a name.
            int own = start < 0x10000000 || memchr(at, '[', newline - at);
            if (!own) attack(start, end - start);
        }
        live();
    }
    return 0;
}

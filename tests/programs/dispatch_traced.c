// A tracer that switches its tracee's Syscall User Dispatch off does not take the tracee's calls out of sight (P2).
// Expect: exit 0, stdout "computed -38\noff 0, nobody's -3\ncomputed -38"
// Record: 505 2 times
// Build: gcc -O1
// Build: gcc -O1 -static
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

// 42; mov $505,%eax; syscall; ret, as words: only a computed address leads here
__asm__(".text\n.balign 4096\ntable: .long 42, 0x0001f9b8, 0xc3050f00\n.balign 4096\n");
extern const unsigned table[3];
static volatile uintptr_t distance = 4;

static void compute(void) {
    printf("computed %d\n", (int)((long (*)(void))((uintptr_t)table + distance))());
    fflush(stdout);
}

int main(void) {
    enum { TRACEME = 0, CONT = 7, SET_CONFIG = 0x4210 };
    int child = fork();
    if (child == 0) {
        raw(SYS_ptrace, TRACEME, 0, 0, 0);
        compute();
        raise(SIGSTOP);
        compute();
        _exit(0);
    }
    uint64_t off[4] = {0};
    int status;
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        int signal = WSTOPSIG(status);
        if (signal == SIGSTOP) {
            long done = raw(SYS_ptrace, SET_CONFIG, child, sizeof off, off);
            if (done == -EIO) done = 0; // a kernel before 6.4
            printf("off %ld, nobody's %ld\n", done, raw(SYS_ptrace, SET_CONFIG, 1, sizeof off, off));
            fflush(stdout);
            signal = 0;
        }
        raw(SYS_ptrace, CONT, child, 0, signal);
    }
    return WEXITSTATUS(status);
}

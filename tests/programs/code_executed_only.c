// Code that is executable and not readable is seen, and stays so (P39).
// Expect: exit 0
// Record: 503 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/code.h"

static sigjmp_buf back;

static void handler(int signal) { siglongjmp(back, signal); }

int main(void) {
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 503);
    mprotect(code, 4096, PROT_EXEC);
    printf("run: %ld\n", run(code));
    signal(SIGSEGV, handler);
    // Natively this depends on protection keys; the same must come out.
    int got = sigsetjmp(back, 1);
    if (!got) printf("read: %d\n", *(volatile unsigned char *)code == 0x31);
    else printf("read: signal %d\n", got);
    got = sigsetjmp(back, 1);
    if (!got) *(volatile unsigned char *)code = 1;
    else printf("write: signal %d\n", got);
}

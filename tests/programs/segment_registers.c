// fs is the program's own, by arch_prctl and by wrfsbase, over calls and in threads; gs is 0 (P29).
// Expect: exit 0
// Record: 502 3 times
// Build: gcc -O1 -pthread -fno-stack-protector
// Build: gcc -O1 -pthread -fno-stack-protector -static
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include "parts/raw.h"

static unsigned long get(int which) {
    unsigned long base = 1;
    raw(SYS_arch_prctl, which, &base);
    return base;
}

// Nothing of libc may run while fs is another's: its thread pointer is there.
static int moved(int by_instruction) {
    static unsigned long block[8];
    unsigned long own = get(ARCH_GET_FS), base, read;
    block[1] = 0x1234;
    if (by_instruction) __asm__ volatile("wrfsbase %0" : : "r"(block));
    else raw(SYS_arch_prctl, ARCH_SET_FS, block);
    raw(502);
    base = get(ARCH_GET_FS);
    __asm__ volatile("mov %%fs:8, %0" : "=r"(read));
    raw(SYS_arch_prctl, ARCH_SET_FS, own);
    return base == (unsigned long)block && read == 0x1234;
}

static void *thread(void *argument) {
    printf("in a thread: gs %lx, moved %d\n", get(ARCH_GET_GS), moved(0));
    return argument;
}

int main(void) {
    int instructions = (getauxval(AT_HWCAP2) & 2) != 0;
    printf("gs %lx\n", get(ARCH_GET_GS));
    printf("moved %d %d\n", moved(0), moved(instructions));
    pthread_t other;
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
}

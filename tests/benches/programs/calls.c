// Makes getppid(2) over and over, `calls libc|inline CPU MILLISECONDS`, and writes the nanoseconds that
// one call takes: the minimum of blocks of a thousand.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1000, LEAST = 3 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static void through_libc(void) {
    for (int i = 0; i < BLOCK; i++) getppid();
}

static void in_the_program(void) {
    for (int i = 0; i < BLOCK; i++) {
        long result;
        __asm__ volatile("syscall" : "=a"(result) : "0"(SYS_getppid) : "rcx", "r11", "memory");
    }
}

int main(int count, char **words) {
    if (count != 4) return 2;
    void (*block)(void) = strcmp(words[1], "libc") ? in_the_program : through_libc;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(atoi(words[2]), &set);
    sched_setaffinity(0, sizeof set, &set);
    double begun = now(), last = begun, minimum = 1e18;
    for (int i = 0; i < LEAST || last - begun < atof(words[3]) * 1e6; i++) {
        block();
        double time = now();
        if (time - last < minimum) minimum = time - last;
        last = time;
    }
    printf("%.2f\n", minimum / BLOCK);
    return 0;
}

// Makes getppid(2) over and over, `calls libc|inline|remote CPU MILLISECONDS`, and writes the nanoseconds
// that one call takes: the minimum of blocks of a thousand. Remote is inline in a copy of the code around
// which nothing is free that a jump reaches.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1000, LEAST = 3, PAGES = 2 * 4096 };

extern const char __executable_start;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static void through_libc(void) {
    for (int i = 0; i < BLOCK; i++) getppid();
}

__attribute__((noinline)) static void in_the_program(void) {
    for (int i = 0; i < BLOCK; i++) {
        long result;
        __asm__ volatile("syscall" : "=a"(result) : "0"(SYS_getppid) : "rcx", "r11", "memory");
    }
}

// in_the_program, mapped again in the middle of 4 GiB.
static void (*remote(void))(void) {
    size_t reach = 1ul << 31;
    char *all = mmap(NULL, 2 * reach + PAGES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t offset = (const char *)in_the_program - &__executable_start, within = offset % 4096;
    int file = open("/proc/self/exe", O_RDONLY), flags = MAP_PRIVATE | MAP_FIXED;
    char *there = mmap(all + reach, PAGES, PROT_READ | PROT_EXEC, flags, file, offset - within);
    if (all == MAP_FAILED || there == MAP_FAILED) exit(1);
    return (void (*)(void))(there + within);
}

int main(int count, char **words) {
    if (count != 4) return 2;
    void (*block)(void) = in_the_program;
    if (!strcmp(words[1], "libc")) block = through_libc;
    if (!strcmp(words[1], "remote")) block = remote();
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

// The file that shows a process's memory is opened for writing by paths that do not say what it is.
// Expect: exit 0, stdout "relative -38\nin a directory -38\nby a link -38\nby a descriptor -38\nby creat -38"
// Record: 501 once, 502 once, 503 once, 504 once, 505 once
// Options: --patch-after=0
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/apart.h"
#include "parts/code.h"

// Writes a system call into memory that nobody may write to, and runs it.
static void write_and_run(const char *how, int memory, int number) {
    unsigned char bytes[CODE_SIZE];
    char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(code, 0xc3, 4096);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    write_call(bytes, number);
    pwrite(memory, bytes, CODE_SIZE, (long)code);
    printf("%s %ld\n", how, run(code));
}

static void relative(void) {
    chdir("/proc/self");
    write_and_run("relative", open("mem", O_RDWR), 501);
}

static void in_a_directory(void) {
    int directory = open("/proc/self", O_PATH);
    write_and_run("in a directory", openat(directory, "mem", O_RDWR), 502);
}

static void by_a_link(void) {
    symlink("/proc/self/mem", "link");
    write_and_run("by a link", open("link", O_WRONLY), 503);
}

static void by_a_descriptor(void) {
    char path[64];
    sprintf(path, "/dev/fd/%d", open("/proc/self/mem", O_RDONLY));
    write_and_run("by a descriptor", open(path, O_RDWR), 504);
}

static void by_creat(void) {
    chdir("/proc/self");
    write_and_run("by creat", creat("mem", 0600), 505);
}

int main(void) {
    void (*all[])(void) = {relative, in_a_directory, by_a_link, by_a_descriptor, by_creat};
    apart(all, sizeof all / sizeof *all);
}

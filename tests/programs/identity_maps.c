// /proc/self/maps can be read, in lines that are sane and do not overlap: the program and its libraries
// by their names, a heap, a stack, the vDSO, each address that the program uses in one of them (P25).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -static
// Build: musl-gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
#include "parts/raw.h"

static char text[1 << 18];
static int data = 5;

// The name and the protection of the mapping that holds an address.
static const char *where(const void *address) {
    static char found[4400];
    for (char *line = text; *line; line = strchr(line, '\n') + 1) {
        unsigned long start, end;
        char protection[5], name[4096] = "";
        sscanf(line, "%lx-%lx %4s %*s %*s %*s %4095[^\n]", &start, &end, protection, name);
        if (start <= (unsigned long)address && (unsigned long)address < end) {
            const char *last = strrchr(name, '/');
            snprintf(found, sizeof found, "%s %s", protection, last ? last + 1 : name);
            return found;
        }
    }
    return "nowhere";
}

int main(void) {
    int *allocated = sbrk(4096), local = 3;
    int file = open("/proc/self/maps", O_RDONLY), size = 0, part;
    while ((part = read(file, text + size, sizeof text - 1 - size)) > 0) size += part;
    close(file);
    unsigned long previous = 0;
    int insane = 0, both = 0;
    for (char *line = text; *line; line = strchr(line, '\n') + 1) {
        unsigned long start, end, offset, inode;
        char protection[5];
        unsigned major, minor;
        int fields = sscanf(line, "%lx-%lx %4s %lx %x:%x %lu", &start, &end, protection, &offset, &major, &minor, &inode);
        insane += fields != 7 || start >= end || start < previous;
        both += protection[1] == 'w' && protection[2] == 'x';
        previous = end;
    }
    printf("insane %d, writable and executable %d\n", insane, both);
    printf("main in %s\n", where((void *)main));
    printf("data in %s\n", where(&data));
    printf("constant in %s\n", where("constant") + 5);
    printf("heap in %s\n", where(allocated));
    printf("stack in %s\n", where(&local));
    printf("vDSO in %s\n", where((void *)getauxval(AT_SYSINFO_EHDR)));
    printf("program headers in %s\n", where((void *)getauxval(AT_PHDR)) + 5);
    raw(502);
}

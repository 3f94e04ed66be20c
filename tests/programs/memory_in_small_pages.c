// What is mapped beside the program's own memory never takes a huge page where all that can may: of a mapping that is
// hardly used, it would be two megabytes to clear, and to have.
// Expect: exit 0, stdout "small"
// Record: 502 once
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "parts/raw.h"

int main(void) {
    raw(502);
    FILE *maps = fopen("/proc/self/smaps", "r");
    // Kernels that know of no huge pages have no such flag.
    int can_be_huge = access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0, large = 0;
    char line[512], mapping[512] = "";
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long start, end, inode;
        char protection[5], name[256] = "";
        if (sscanf(line, "%lx-%lx %4s %*x %*s %lu %255s", &start, &end, protection, &inode, name) >= 4) {
            large = !inode && !*name && protection[1] == 'w' && end - start >= 2 << 20;
            strcpy(mapping, line);
        } else if (large && can_be_huge && !strncmp(line, "VmFlags:", 8) && !strstr(line, " nh")) {
            printf("may be huge: %s", mapping);
            return 1;
        }
    }
    puts(maps ? "small" : "no smaps");
}

// Every file in /proc/self/maps that is neither the program nor one of its libraries may be unmapped: the
// program goes on (P31).
// Expect: exit 0, stdout "still here: -38"
// Record: 502 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/raw.h"

static char text[1 << 17];

int main(void) {
    int file = open("/proc/self/maps", O_RDONLY), size = 0, part;
    while ((part = read(file, text + size, sizeof text - 1 - size)) > 0) size += part;
    close(file);
    char *next = NULL;
    for (char *line = text; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        unsigned long start, end;
        sscanf(line, "%lx-%lx", &start, &end);
        // What a program cannot know is anonymous or has a name it did not ask for.
        int own = strstr(line, "/work/") || strstr(line, "libc") || strstr(line, "ld-linux") ||
                  strchr(line, '[') || !strchr(line, '/');
        if (!own) munmap((void *)start, end - start);
    }
    printf("still here: %ld\n", raw(502));
}

// The kernel maps its object once more, where the program wants it (arch_prctl(2), ARCH_MAP_VDSO_64), as those who
// restore processes have it do.
// Expect: exit 0, stdout "mapped 1, bad clock -22"
// Record: clock_gettime once
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "parts/find.h"

enum { ARCH_MAP_VDSO_64 = 0x2003, MOST = 8 };

static char *start_of_object;

// Where the kernel's object and its data lie; gives how many parts there are.
static int parts(unsigned long range[MOST][2]) {
    int count = 0;
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps) && count < MOST) {
        int is_object = strstr(line, "[vdso]") != NULL;
        if (!is_object && !strstr(line, "[vvar")) continue;
        sscanf(line, "%lx-%lx", &range[count][0], &range[count][1]);
        if (is_object) start_of_object = (char *)range[count][0];
        count++;
    }
    fclose(maps);
    return count;
}

int main(void) {
    unsigned long range[MOST][2];
    int count = parts(range);
    for (int i = 0; i < count; i++) munmap((void *)range[i][0], range[i][1] - range[i][0]);
    int mapped = syscall(SYS_arch_prctl, ARCH_MAP_VDSO_64, 0x10000000) > 0;
    parts(range);
    int (*clock)(clockid_t, struct timespec *) = find_in(start_of_object, "__vdso_clock_gettime");
    struct timespec time;
    printf("mapped %d, bad clock %d\n", mapped, clock(1000, &time));
}

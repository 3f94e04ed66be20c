// A small program without privilege locks all of its memory, as the usual limit lets it (mlockall(2), RLIMIT_MEMLOCK).
// Expect: exit 0, stdout "locked 0, little more is there 1"
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { USUAL = 8 << 20, NOBODY = 65534 };

// Kilobytes of memory that are there.
static long resident(void) {
    char line[256];
    long size = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, status)) sscanf(line, "VmRSS: %ld", &size);
    fclose(status);
    return size;
}

int main(void) {
    struct rlimit limit = {USUAL, USUAL};
    setrlimit(RLIMIT_MEMLOCK, &limit);
    if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0) return 1;
    long before = resident();
    printf("locked %d", mlockall(MCL_CURRENT));
    printf(", little more is there %d\n", resident() - before < USUAL / 1024);
}

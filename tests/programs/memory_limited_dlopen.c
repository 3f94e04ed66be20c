// dlopen under limits of address space, from one that allows nothing to one that allows all: it works,
// or fails with an error, and the program goes on (P31, P34).
// Expect: exit 0, stdout "each child ended well: 1, with no limit -38"
// With: plugin.so: gcc -shared -fPIC -O1 -Wl,--build-id=none parts/plugin.c
// Record: 502
// Build: gcc -O1
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static long size_now(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    fscanf(file, "%ld", &pages);
    fclose(file);
    return pages * 4096;
}

// The library has no build-id, so that nothing is kept of it from one time to the next.
static int attempt(long allowed) {
    if (allowed >= 0) {
        struct rlimit limit = {size_now() + allowed, RLIM_INFINITY};
        setrlimit(RLIMIT_AS, &limit);
    }
    void *library = dlopen("./plugin.so", RTLD_NOW);
    if (!library) return dlerror() ? 1 : 2;
    long (*call)(void) = (long (*)(void))dlsym(library, "call_505");
    return call() == -38 ? 0 : 3;
}

int main(void) {
    int well = 1, failures = 0;
    for (int i = 0; i < 60; i++) {
        pid_t child = fork();
        if (!child) {
            int result = attempt(i < 30 ? i * 4096 : (i - 29) * 65536 * 4);
            raw(502);
            _exit(result);
        }
        int status;
        waitpid(child, &status, 0);
        well &= WIFEXITED(status) && WEXITSTATUS(status) < 2;
        failures += WIFEXITED(status) && WEXITSTATUS(status) == 1;
    }
    well &= failures > 0;
    printf("each child ended well: %d, with no limit %d\n", well, attempt(-1) ? 0 : -38);
}

// $ORIGIN in a program's RUNPATH is its own directory, and so is it for dlopen; the dynamic linker's
// list names its libraries where they are (P25).
// Expect: exit 0, stdout "by name -38, by $ORIGIN -38, found in the program's directory: 1"
// With: plugin.so: gcc -shared -fPIC -O1 parts/plugin.c
// Record: 505 2 times
// Build: gcc -O1 -Wl,-rpath,$ORIGIN
// Build: gcc -O1 -no-pie -Wl,-rpath,$ORIGIN
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char directory[4096];

static int object(struct dl_phdr_info *info, size_t size, void *found) {
    (void)size;
    char wanted[4200];
    snprintf(wanted, sizeof wanted, "%s/plugin.so", directory);
    *(int *)found |= !strcmp(info->dlpi_name, wanted);
    return 0;
}

static long call(const char *name) {
    void *library = dlopen(name, RTLD_NOW);
    if (!library) {
        puts(dlerror());
        return 0;
    }
    return ((long (*)(void))dlsym(library, "call_505"))();
}

int main(void) {
    getcwd(directory, sizeof directory);
    chdir("/");
    long by_name = call("plugin.so"), by_origin = call("$ORIGIN/plugin.so");
    int found = 0;
    dl_iterate_phdr(object, &found);
    printf("by name %ld, by $ORIGIN %ld, found in the program's directory: %d\n", by_name, by_origin, found);
}

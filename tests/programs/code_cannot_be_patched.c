// A program forbids that memory which was written to be run (PR_SET_MDWE, prctl(2)), to itself and to what it
// executes, as systemd's MemoryDenyWriteExecute= does.
// Expect: exit 0, stdout "forbidden 0 -1, loaded -38\nexecuted -38, loaded -38"
// With: plugin.so: gcc -shared -fPIC -O1 parts/plugin.c
// Record: 501 once, 505 2 times
// Build: gcc -O1
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

enum { MDWE = 65, REFUSE_EXEC_GAIN = 1 };

static long call_of_plugin(void) {
    void *plugin = dlopen("./plugin.so", RTLD_NOW);
    long (*call)(void) = plugin ? (long (*)(void))dlsym(plugin, "call_505") : NULL;
    return call ? call() : 0;
}

int main(int count, char **words) {
    if (count > 1) {
        printf("executed %ld, loaded %ld\n", raw(501), call_of_plugin());
        return 0;
    }
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int forbidden = prctl(MDWE, REFUSE_EXEC_GAIN, 0, 0, 0);
    int executable = mprotect(page, 4096, PROT_READ | PROT_EXEC);
    printf("forbidden %d %d, loaded %ld\n", forbidden, executable, call_of_plugin());
    fflush(stdout);
    execl(words[0], words[0], "again", NULL);
}

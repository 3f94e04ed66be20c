// A program executed with no argument at all has one, which is empty, as the kernel makes it (P24).
// Expect: exit 0
// Record: 502 2 times
// Build: gcc -O1
// Build: gcc -O1 -static
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

int main(int argc, char **argv) {
    if (getenv("ROUND") || !argv[0][0]) {
        char comm[17] = {0};
        FILE *file = fopen("/proc/self/comm", "r");
        fread(comm, 1, 16, file);
        fclose(file);
        char line[64];
        file = fopen("/proc/self/cmdline", "r");
        int size = fread(line, 1, sizeof line, file);
        fclose(file);
        printf("argc %d, '%s', then %d, command line %d, executed as %s, comm %s", argc, argv[0], argv[1] == NULL, size,
               (char *)getauxval(AT_EXECFN), comm);
        printf("502: %ld\n", raw(502));
        return 0;
    }
    for (int how = 0; how < 2; how++) {
        pid_t child = fork();
        char *empty[] = {NULL}, *environment[] = {"ROUND=1", NULL};
        if (!child) {
            raw(SYS_execve, argv[0], how ? NULL : empty, environment);
            _exit(1);
        }
        int status;
        waitpid(child, &status, 0);
        printf("ended %d\n", status);
        fflush(stdout);
    }
}

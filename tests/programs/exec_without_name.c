// A program executed with no argument at all has one, which is empty, as the kernel makes it; and a name may look like
// an option (P24).
// Expect: exit 0
// Record: 502 6 times
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
        printf("argc %d, '%s', then %s, command line %d, executed as %s, comm %s", argc, argv[0], argc > 1 ? argv[1] : "nothing", size,
               (char *)getauxval(AT_EXECFN), comm);
        printf("502: %ld\n", raw(502));
        return 0;
    }
    char *empty[] = {NULL}, *login[] = {"-sh", NULL}, *dashes[] = {"--", "-x", NULL};
    char *option[] = {"--seal=never", "--", NULL}, *dash[] = {"-", "-o", NULL};
    char **all[] = {empty, NULL, login, dashes, option, dash}, *environment[] = {"ROUND=1", NULL};
    for (int how = 0; how < 6; how++) {
        pid_t child = fork();
        if (!child) {
            raw(SYS_execve, argv[0], all[how], environment);
            _exit(1);
        }
        int status;
        waitpid(child, &status, 0);
        printf("ended %d\n", status);
        fflush(stdout);
    }
}

// The interpreter stays although the program starts itself with an empty environment (P1).
// Expect: exit 0, stdout "1 variables or more\n0 variables, call 502: -38"
// Record: 502 once
// Build: gcc -O1
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -static
// Build: gcc -O1 -static-pie
// Build: musl-gcc -O1
// Build: musl-gcc -O1 -static
#include <stdio.h>
#include <unistd.h>
#include "parts/raw.h"

int main(int argc, char **argv, char **environment) {
    int variables = 0;
    while (environment[variables]) variables++;
    if (argc > 1) {
        printf("%d variables, call 502: %ld\n", variables, raw(502));
        return 0;
    }
    printf("%d variables or more\n", variables >= 1);
    fflush(stdout);
    char *empty[] = {NULL}, *arguments[] = {argv[0], "again", NULL};
    execve(argv[0], arguments, empty);
    return 1;
}

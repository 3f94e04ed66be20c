// Many short processes, some of them shells, one after the other and forty at once, as a configure script
// and a parallel make make them (P40).
// Expect: exit 0, stdout "ended well: 310"
// Record: 502 260 times
// Limit: 60 s
// Build: gcc -O1
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

int main(int argc, char **argv) {
    if (argc > 1) {
        raw(502);
        return 0;
    }
    int well = 0, status;
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        if (!child) {
            execl(argv[0], argv[0], "again", (char *)NULL);
            _exit(1);
        }
        waitpid(child, &status, 0);
        well += status == 0;
    }
    for (int i = 0; i < 50; i++) well += system("test -d / && x=$(echo a) && [ $x = a ]") == 0;
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 40; j++) {
            pid_t child = fork();
            if (!child) {
                execl(argv[0], argv[0], "again", (char *)NULL);
                _exit(1);
            }
        }
        while (wait(&status) > 0) well += status == 0;
    }
    printf("ended well: %d\n", well);
}

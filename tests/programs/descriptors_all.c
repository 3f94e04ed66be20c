// A program gets all descriptors that the limit allows, each with the lowest number that is free.
// Expect: exit 0, stdout "61 in a row, then 24"
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc == 1) {
        struct rlimit limit;
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = 64; // for the next program
        setrlimit(RLIMIT_NOFILE, &limit);
        execl(argv[0], argv[0], "again", (char *)NULL);
        perror("execl");
        return 1;
    }
    syscall(SYS_close_range, 3, ~0u, 0);
    int expected = 3, found;
    while ((found = dup(0)) == expected) expected++;
    printf("%d in a row, then %d\n", expected - 3, found == -1 ? errno : found);
}

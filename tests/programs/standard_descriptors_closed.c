// A program without any descriptor: what it opens gets 0, 1 and 2 (P30).
// Expect: exit 0
// Record: 502 once, 503 once
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "parts/raw.h"

int main(int argc, char **argv) {
    if (argc > 1) {
        int numbers[3];
        for (int i = 0; i < 3; i++) numbers[i] = open("result", O_RDWR | O_CREAT, 0600);
        dprintf(numbers[0], "%d %d %d\n", numbers[0], numbers[1], numbers[2]);
        raw(503);
        return 0;
    }
    raw(502);
    for (int i = 0; i < 3; i++) close(i);
    execl(argv[0], argv[0], "again", (char *)NULL);
}

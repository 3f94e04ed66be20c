// Memory becomes executable although mprotect(2) fails, up to where it fails; further down than it was asked for, to
// where the mapping begins (PROT_GROWSDOWN); and up to the page in which the mapped file ends (P5).
// Expect: exit 0, stdout "up to a hole -1 -38\nfurther down 0 -38\nup to the end of the file -38"
// Record: 501 once, 502 once, 503 once
// Options: --patch-after=0
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts/apart.h"
#include "parts/code.h"

enum { PAGE = 4096 };

static char *pages(int count, int flags) {
    return mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void up_to_a_hole(void) {
    char *at = pages(3, 0);
    munmap(at + PAGE, PAGE);
    write_call((unsigned char *)at, 501);
    int changed = mprotect(at, 3 * PAGE, PROT_READ | PROT_EXEC);
    printf("up to a hole %d %ld\n", changed, run(at));
}

static void further_down(void) {
    char *at = pages(4, MAP_GROWSDOWN);
    write_call((unsigned char *)at, 502);
    int changed = mprotect(at + 3 * PAGE, PAGE, PROT_READ | PROT_EXEC | PROT_GROWSDOWN);
    printf("further down %d %ld\n", changed, run(at));
}

static void up_to_the_end_of_the_file(void) {
    unsigned char page[PAGE] = {0};
    write_call(page, 503);
    write(open("file", O_WRONLY | O_CREAT, 0600), page, PAGE);
    char *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, open("file", O_RDONLY), 0);
    printf("up to the end of the file %ld\n", run(at));
}

int main(void) {
    void (*all[])(void) = {up_to_a_hole, further_down, up_to_the_end_of_the_file};
    apart(all, sizeof all / sizeof *all);
}

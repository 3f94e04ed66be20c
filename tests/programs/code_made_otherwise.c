// Code with a system call comes into memory that was looked at when it had none: through another mapping of it, through
// its file, by giving up what was written over it, and by having more of the file behind it (P5, P11).
// Expect: exit 0, stdout "through another mapping -38\nthrough the file -38\nas it was -38\nbehind it -38"
// Record: 501 once, 502 once, 503 once, 504 once
// Options: --patch-after=0
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "parts/apart.h"

// mov $number,%eax; syscall; ret
struct code {
    unsigned char bytes[8];
};

static struct code code(int number) {
    return (struct code){{0xb8, number & 0xff, number >> 8, 0, 0, 0x0f, 0x05, 0xc3}};
}

static int run(void *at) { return (int)((long (*)(void))at)(); }

// A file with two pages; what is there comes at `offset`.
static int file_with(struct code what, long offset) {
    int file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0700);
    ftruncate(file, 8192);
    pwrite(file, &what, sizeof what, offset);
    return file;
}

static int only_read(int file) {
    close(file);
    return open("file", O_RDONLY);
}

static void through_another_mapping(void) {
    int file = file_with((struct code){0}, 0);
    struct code *writable = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void *other = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    mprotect(other, 4096, PROT_READ | PROT_EXEC);
    *writable = code(501);
    printf("through another mapping %d\n", run(other));
}

static void through_the_file(void) {
    int file = file_with((struct code){0}, 0);
    void *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    mprotect(mapped, 4096, PROT_READ | PROT_EXEC);
    struct code what = code(502);
    pwrite(file, &what, sizeof what, 0);
    printf("through the file %d\n", run(mapped));
}

static void as_it_was(void) {
    int file = only_read(file_with(code(503), 0));
    void *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    memset(mapped, 0x90, sizeof(struct code));
    mprotect(mapped, 4096, PROT_READ | PROT_EXEC);
    madvise(mapped, 4096, MADV_DONTNEED);
    printf("as it was %d\n", run(mapped));
}

static void behind_it(void) {
    int file = only_read(file_with(code(504), 4096));
    char *mapped = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    mapped = mremap(mapped, 4096, 8192, MREMAP_MAYMOVE);
    printf("behind it %d\n", run(mapped + 4096));
}

int main(void) {
    void (*all[])(void) = {through_another_mapping, through_the_file, as_it_was, behind_it};
    apart(all, sizeof all / sizeof *all);
}

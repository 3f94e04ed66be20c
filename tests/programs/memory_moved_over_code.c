// Memory is moved over a library's code that has not been patched yet, and a shared segment attached there: it stays as
// it is when the program is patched, and becomes code again.
// Expect: exit 0, stdout "moved 1, written 1\nattached 1, written 1\nattached over others 0"
// Record: 501 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/apart.h"
#include "parts/code.h"
#include "parts/raw.h"

enum { SIZE = 64 * 4096 };

static char *file_of_code;
static long offset_of_code;

static int look(struct dl_phdr_info *image, size_t size, void *unused) {
    (void)size, (void)unused;
    for (int i = 0; strstr(image->dlpi_name, "libc.so") && i < image->dlpi_phnum; i++) {
        if (image->dlpi_phdr[i].p_type != PT_LOAD || !(image->dlpi_phdr[i].p_flags & PF_X)) continue;
        file_of_code = strdup(image->dlpi_name);
        offset_of_code = image->dlpi_phdr[i].p_offset;
    }
    return 0;
}

// The C library's code once more.
static char *code_of_library(void) {
    dl_iterate_phdr(look, NULL);
    int file = open(file_of_code, O_RDONLY);
    return mmap(NULL, SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, offset_of_code);
}

// Calls enough for a program to be patched; then all of `at` can be written to.
static int is_written(char *at) {
    for (int i = 0; i < 100; i++) raw(SYS_getppid);
    int same = 1;
    for (long i = 0; i < SIZE; i++) same &= at[i] == 0x55;
    memset(at, 0x66, SIZE);
    return same;
}

static void moved(void) {
    char *code = code_of_library();
    char *data = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(data, 0x55, SIZE);
    char *at = mremap(data, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, code);
    printf("moved %d, ", at == code);
    printf("written %d\n", is_written(at));
}

static char *attach(char *over) {
    int segment = shmget(IPC_PRIVATE, SIZE, 0600);
    char *at = shmat(segment, over, SHM_REMAP);
    shmctl(segment, IPC_RMID, NULL);
    return at;
}

static void attached(void) {
    char *code = code_of_library();
    char *at = attach(code);
    memset(at, 0x55, SIZE);
    printf("attached %d, ", at == code);
    printf("written %d\n", is_written(at));
    write_call((unsigned char *)at, 501);
    mprotect(at, SIZE, PROT_READ | PROT_EXEC);
    run(at);
}

// What is mapped beside the program is not for it to map over, or there is nothing.
static void attached_over_others(void) {
    unsigned long start, end;
    char line[512];
    int lost = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) {
        char *name = strrchr(line, '/');
        if (!name || strncmp(name, "/ld-systrap", 11) || sscanf(line, "%lx-%lx", &start, &end) != 2) continue;
        lost += attach((char *)start) != (char *)-1;
        raw(SYS_getppid);
    }
    fclose(maps);
    printf("attached over others %d\n", lost);
}

int main(void) {
    void (*all[])(void) = {moved, attached, attached_over_others};
    apart(all, sizeof all / sizeof *all);
}

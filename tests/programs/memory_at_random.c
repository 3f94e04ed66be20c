// Calls that change memory, at random and with arguments of which many make no sense, and code that is run where there
// is some: what they return, and what memory holds in the end, is as natively. Each line is a process; with its number
// as the argument, it says what it does.
// Expect: exit 0
// Record: 502
// Limit: 90 s
// Build: gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/code.h"
#include "parts/raw.h"

enum { PAGE = 4096, PAGES = 48, FILE_PAGES = 16, CALLS = 150, PROCESSES = 200, BEHIND = 100 };

static char *const START = (char *)0x10000000;
static unsigned char code[CODE_SIZE];
static unsigned long state, seen;
static int verbose, shared, written;

static unsigned below(unsigned end) {
    state = state * 6364136223846793005ul + 1442695040888963407ul;
    return (state >> 33) % end;
}

static void note(const char *what, long result) {
    seen = seen * 31 + result;
    if (verbose) printf("%s %ld\n", what, result);
}

// Without a fault: natively and otherwise, nothing else is to be there.
static long get(char *at, void *bytes, size_t size) {
    struct iovec to = {bytes, size}, from = {at, size};
    return raw(SYS_process_vm_readv, raw(SYS_getpid), &to, 1, &from, 1, 0);
}

static void put(char *at) {
    struct iovec from = {code, CODE_SIZE}, to = {at, CODE_SIZE};
    note("write", raw(SYS_process_vm_writev, raw(SYS_getpid), &from, 1, &to, 1, 0));
}

// Runs the code that is in memory which can be run.
static void run_all(void) {
    char line[512], *from[PAGES * 4];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) {
        char *begin, *end, protection[8];
        sscanf(line, "%p-%p %7s", (void **)&begin, (void **)&end, protection);
        for (; protection[2] == 'x' && begin >= START && begin < end && end <= START + 2 * PAGES * PAGE; begin += PAGE)
            from[count++] = begin;
    }
    fclose(maps);
    for (int i = 0; i < count; i++)
        for (int behind = 0; behind <= BEHIND; behind += BEHIND) {
            unsigned char there[CODE_SIZE];
            if (get(from[i] + behind, there, CODE_SIZE) == CODE_SIZE && !memcmp(there, code, CODE_SIZE))
                note("run", run(from[i] + behind));
        }
}

static void call(int file) {
    static const int advice[] = {MADV_DONTNEED,   MADV_NORMAL,     MADV_FREE,       MADV_DONTFORK, MADV_DOFORK,
                                 MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_POPULATE_READ, 102, 103,   0x7777};
    char *at = START + PAGE * below(PAGES) + (below(20) ? 0 : below(PAGE));
    long length = PAGE * (1 + below(8)) + (below(20) ? 0 : below(PAGE));
    int protection = below(shared ? 8 : 6);
    int given = advice[below(sizeof advice / sizeof *advice)];
    struct iovec part = {at, length};
    switch (below(10)) {
    case 0:
    case 1: {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | (below(8) ? 0 : MAP_GROWSDOWN);
        if (shared && !below(4)) flags ^= MAP_PRIVATE | MAP_SHARED;
        note("map", raw(SYS_mmap, at, length, shared ? protection : protection & 3, flags, -1, 0));
        break;
    }
    case 2: {
        int flags = MAP_FIXED | (shared && !below(4) ? MAP_SHARED : MAP_PRIVATE);
        note("map a file", raw(SYS_mmap, at, length, protection, flags, file, PAGE * below(FILE_PAGES + 2)));
        break;
    }
    case 3:
    case 4: note("protect", raw(SYS_mprotect, at, length, protection | (below(15) ? 0 : PROT_GROWSDOWN))); break;
    case 5: {
        // Where it ends up is always known.
        char *to = START + PAGE * below(PAGES);
        int moves = below(2);
        long size = moves ? PAGE * (1 + below(8)) : length - (length > PAGE ? PAGE : 0);
        int flags = moves ? MREMAP_MAYMOVE | MREMAP_FIXED | (below(4) ? 0 : MREMAP_DONTUNMAP) : 0;
        note("move", raw(SYS_mremap, at, length, size, flags, to));
        break;
    }
    case 6: note("advise", raw(SYS_madvise, at, length, given)); break;
    case 7: note("unmap", raw(SYS_munmap, at, length)); break;
    case 8: note("advise itself", raw(440 /* process_madvise */, written, &part, 1, given, 0)); break;
    case 9: put(START + PAGE * below(PAGES) + BEHIND * below(2)); break;
    }
}

static void one(int number, int file) {
    state = number;
    shared = number % 2;
    written = raw(434 /* pidfd_open */, raw(SYS_getpid), 0);
    for (int i = 0; i < CALLS; i++) {
        call(file);
        if (!below(4)) run_all();
    }
    for (char *at = START; at < START + 2 * PAGES * PAGE; at += PAGE) {
        unsigned char there[BEHIND + CODE_SIZE] = {0};
        note("holds", get(at, there, sizeof there));
        for (unsigned i = 0; i < sizeof there; i++) seen = seen * 31 + there[i];
    }
    printf("%d: %lx\n", number, seen);
}

int main(int count, char **words) {
    unsigned char page[PAGE];
    write_call(code, 502);
    int file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0700);
    for (int i = 0; i < FILE_PAGES; i++) {
        memset(page, i + 1, PAGE);
        if (i % 3 == 0) memcpy(page + BEHIND, code, CODE_SIZE);
        if (i % 5 == 0) memcpy(page, code, CODE_SIZE);
        write(file, page, PAGE);
    }
    close(file);
    file = open("file", O_RDONLY);
    verbose = count > 1;
    int first = verbose ? atoi(words[1]) : 0, last = verbose ? first : PROCESSES;
    for (int number = first; number <= last; number++) {
        fflush(stdout);
        if (fork() == 0) {
            one(number, file);
            fflush(stdout);
            _exit(0);
        }
        int status;
        wait(&status);
        if (status) printf("%d: ended with %#x\n", number, status);
    }
}

// A program finds itself: /proc/self/exe, cmdline, comm, environ, auxv, dl_iterate_phdr; and what
// it starts through /proc/self/exe is itself again (P25).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -static
// Build: musl-gcc -O1
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>
#include "parts/raw.h"

static char buffer[1 << 16];

static int contents(const char *path) {
    int file = open(path, O_RDONLY), size = 0, part;
    while ((part = read(file, buffer + size, sizeof buffer - 1 - size)) > 0) size += part;
    close(file);
    buffer[size] = 0;
    return size;
}

static int object(struct dl_phdr_info *info, size_t size, void *first) {
    (void)size;
    if (*(int *)first) printf("first object: '%s'\n", info->dlpi_name);
    *(int *)first = 0;
    return 0;
}

int main(int argc, char **argv) {
    ssize_t length = readlink("/proc/self/exe", buffer, sizeof buffer);
    buffer[length < 0 ? 0 : length] = 0;
    printf("exe %s\n", buffer);
    struct stat through, direct;
    stat("/proc/self/exe", &through);
    stat("identity", &direct);
    printf("exe is the file: %d\n", through.st_ino == direct.st_ino);
    int size = contents("/proc/self/cmdline");
    for (int i = 0; i < size; i += strlen(buffer + i) + 1) printf("cmdline %s\n", buffer + i);
    contents("/proc/self/comm");
    printf("comm %s", buffer);
    contents("/proc/self/status");
    printf("%.*s\n", (int)strcspn(buffer, "\n"), buffer);
    contents("/proc/self/stat");
    printf("stat %.*s\n", (int)(strrchr(buffer, ')') - strchr(buffer, '(') + 1), strchr(buffer, '('));
    size = contents("/proc/self/environ");
    for (int i = 0; i < size; i += strlen(buffer + i) + 1)
        if (strncmp(buffer + i, "LD_SYSTRAP=", 11)) printf("environ %s\n", buffer + i);
    contents("/proc/self/auxv");
    for (ElfW(auxv_t) *entry = (void *)buffer; entry->a_type; entry++)
        if (entry->a_un.a_val != getauxval(entry->a_type))
            printf("auxv %lu differs\n", (unsigned long)entry->a_type);
#ifdef __GLIBC__
    printf("names %s %s\n", program_invocation_name, program_invocation_short_name);
#endif
    int first = 1;
    dl_iterate_phdr(object, &first);
    if (argc > 1) {
        printf("call 502: %ld\n", raw(502));
        return 0;
    }
    fflush(stdout);
    execl("/proc/self/exe", "another name", "again", (char *)NULL);
    return 1;
}

// The error of every failed exec is the kernel's (P24), and the program goes on.
// Expect: exit 0
// Record: 503 once
// Build: gcc -O1
// Build: musl-gcc -O1 -static
// With: without_interpreter: gcc -O1 -Wl,--dynamic-linker=/nonexistent/ld.so parts/empty.c
// With: odd_interpreter: gcc -O1 -Wl,--dynamic-linker=/etc/passwd parts/empty.c
// With: directory_interpreter: gcc -O1 -Wl,--dynamic-linker=/etc parts/empty.c
// With: object: gcc -c parts/empty.c
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "parts/raw.h"

static void try(const char *path) {
    char *arguments[] = {"zero", NULL};
    execv(path, arguments);
    printf("%.30s: %s\n", path, strerror(errno));
}

static void file(const char *name, const void *bytes, size_t size, int mode) {
    int descriptor = open(name, O_WRONLY | O_CREAT, 0700);
    write(descriptor, bytes, size);
    fchmod(descriptor, mode);
    close(descriptor);
}

int main(void) {
    char name[5000];
    try("/nonexistent");
    try("");
    file("not_executable", "#!/bin/sh\n", 10, 0600);
    try("not_executable");
    file("empty", "", 0, 0700);
    try("empty");
    file("text", "hello\n", 6, 0700);
    try("text");
    file("short", "\177ELF", 4, 0700);
    try("short");
    file("header", "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\76\0\1\0\0\0", 64, 0700);
    try("header");
    file("foreign", "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xb7\0\1\0\0\0", 64, 0700);
    try("foreign");
    try("object");
    try("without_interpreter");
    try("odd_interpreter");
    try("directory_interpreter");
    try("/");
    try("/etc/passwd/under_a_file");
    symlink("loop", "loop");
    try("loop");
    mkfifo("fifo", 0700);
    try("fifo");
    memset(name, 'a', 4999);
    name[4999] = 0;
    try(name);
    name[300] = 0;
    try(name);
    int written = open("/bin/true", O_RDONLY);
    (void)written;
    file("busy", "#!/bin/true\n", 12, 0700);
    int busy = open("busy", O_WRONLY | O_APPEND);
    try("busy");
    close(busy);
    char *huge = malloc(200000);
    memset(huge, 'x', 199999);
    huge[199999] = 0;
    char *arguments[] = {"zero", huge, NULL};
    execv("/bin/true", arguments);
    printf("one long argument: %s\n", strerror(errno));
    // The arguments come before what the file holds, but not before the file.
    execv("empty", arguments);
    printf("one long argument, an empty file: %s\n", strerror(errno));
    char *unreadable[] = {"zero", (char *)8, NULL};
    execv("text", unreadable);
    printf("an unreadable argument, a text: %s\n", strerror(errno));
    execv("not_executable", unreadable);
    printf("an unreadable argument, not executable: %s\n", strerror(errno));
    char **many = calloc(2000001, sizeof *many);
    for (int i = 0; i < 2000000; i++) many[i] = "arguments";
    execv("/bin/true", many);
    printf("many arguments: %s\n", strerror(errno));
    // Errors leave everything as it was.
    printf("call 503: %ld\n", raw(503));
}

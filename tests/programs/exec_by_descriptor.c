// fexecve, execveat with AT_EMPTY_PATH, of a memfd, relative to a directory, of scripts (P24).
// Expect: exit 0
// Record: 502 9 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

extern char **environ;

static void try(const char *what, int directory, const char *path, int flags) {
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        char *arguments[] = {"zero", "shown", NULL};
        syscall(SYS_execveat, directory, path, arguments, environ, flags);
        printf("%s: %s\n", what, strerror(errno));
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
    if (argc > 1) {
        char name[17] = {0}, comm[17] = {0};
        int file = open("/proc/self/comm", O_RDONLY);
        read(file, comm, 16);
        (void)name;
        for (int i = 0; i < argc; i++) printf("[%s]", argv[i]);
        printf(" %s %ld %s", (char *)getauxval(AT_EXECFN), raw(502), comm);
        return 0;
    }
    int here = open(".", O_RDONLY | O_DIRECTORY);
    int here_closing = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int program = open(argv[0], O_RDONLY), path = open(argv[0], O_PATH);
    int closing = open(argv[0], O_RDONLY | O_CLOEXEC);
    int memory = memfd_create("memory", 0), memory_closing = memfd_create("closing", MFD_CLOEXEC);
    struct stat status;
    fstat(program, &status);
    sendfile(memory, program, &(off_t){0}, status.st_size);
    sendfile(memory_closing, program, &(off_t){0}, status.st_size);
    int script = open("script", O_RDWR | O_CREAT, 0755);
    dprintf(script, "#!%s middle\n", argv[0]);
    close(script);
    script = open("script", O_RDONLY);
    int script_closing = open("script", O_RDONLY | O_CLOEXEC);
    symlink(argv[0], "link");

    try("descriptor", program, "", AT_EMPTY_PATH);
    try("O_PATH", path, "", AT_EMPTY_PATH);
    try("close-on-exec", closing, "", AT_EMPTY_PATH);
    try("memfd", memory, "", AT_EMPTY_PATH);
    try("memfd close-on-exec", memory_closing, "", AT_EMPTY_PATH);
    try("relative", here, argv[0] + 2, 0);
    try("script", script, "", AT_EMPTY_PATH);
    try("script close-on-exec", script_closing, "", AT_EMPTY_PATH);
    try("script relative", here, "script", 0);
    try("relative to what closes", here_closing, argv[0] + 2, 0);
    try("script relative to what closes", here_closing, "script", 0);
    try("link not followed", here, "link", AT_SYMLINK_NOFOLLOW);
    try("without AT_EMPTY_PATH", program, "", 0);
    try("odd flag", program, "", 0x40000000);
    try("closed", 1000, "", AT_EMPTY_PATH);
    try("relative to a file", program, "name", 0);
    try("directory", here, "", AT_EMPTY_PATH);
}

// A program started in a chroot without any other file is still seen (P24).
// Expect: exit 0, stdout "in the chroot: 502: -38"
// Record: 502 once, 503 once
// Needs: root
// Build: gcc -O1 -static
// Build: gcc -O1 -static-pie
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

int main(int argc, char **argv) {
    if (argc > 1) {
        printf("in the chroot: 502: %ld\n", raw(502));
        return 0;
    }
    mkdir("root", 0755);
    int from = open(argv[0], O_RDONLY), to = open("root/program", O_WRONLY | O_CREAT, 0755);
    struct stat status;
    fstat(from, &status);
    sendfile(to, from, NULL, status.st_size);
    close(from);
    close(to);
    pid_t child = fork();
    if (!child) {
        chroot("root");
        chdir("/");
        execl("/program", "program", "inside", (char *)NULL);
        perror("exec");
        _exit(1);
    }
    int ended = 0;
    waitpid(child, &ended, 0);
    unlink("root/program");
    rmdir("root");
    raw(503);
    return ended != 0;
}

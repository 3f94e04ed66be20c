// A dynamic program started in a chroot that has its ld.so and libc is still seen, and one that
// lacks its ld.so gives ENOENT (P24).
// Expect: exit 0, stdout "in the chroot: 502: -38\nwithout ld.so: No such file or directory"
// Record: 502 once, 503 once
// Needs: root
// Build: gcc -O1
// Build: gcc -O1 -no-pie
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static void try(void) {
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        chroot("root");
        chdir("/");
        execl("/program", "program", "inside", (char *)NULL);
        printf("without ld.so: %s\n", strerror(errno));
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) {
        printf("in the chroot: 502: %ld\n", raw(502));
        return 0;
    }
    system("mkdir -p root/lib64 root/lib/x86_64-linux-gnu\n"
           "cp exec_in_chroot_dynamic root/program\n"
           "cp /lib64/ld-linux-x86-64.so.2 root/lib64/\n"
           "cp /lib/x86_64-linux-gnu/libc.so.6 root/lib/x86_64-linux-gnu/\n");
    try();
    unlink("root/lib64/ld-linux-x86-64.so.2");
    try();
    raw(503);
    return system("rm -r root") != 0;
}

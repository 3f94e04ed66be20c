// A program that lets itself execute only what lies in some directories, by landlock(7), executes those, and
// they others; what lies elsewhere it cannot (P32, P24).
// Expect: exit 0
// Record: 502 4 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static void try(char *path, char *argument) {
    fflush(stdout);
    pid_t child = fork();
    int status;
    if (!child) {
        char *arguments[] = {path, argument, NULL};
        execv(path, arguments);
        printf("%s: %s\n", argument, strerror(errno));
        fflush(stdout);
        _exit(1);
    }
    waitpid(child, &status, 0);
    printf("%s: status %#x\n", argument, status);
}

static void copy(const char *from, const char *to) {
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);
    char bytes[4096];
    for (ssize_t size; (size = read(in, bytes, sizeof bytes)) > 0;) write(out, bytes, size);
    close(in), close(out);
}

static int restrict_self(void) {
    const char *const allowed[] = {"/usr", "/lib64", "allowed"};
    struct landlock_ruleset_attr handled = {.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE};
    int rules = raw(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    for (int i = 0; i < 3; i++) {
        struct landlock_path_beneath_attr rule = {.allowed_access = LANDLOCK_ACCESS_FS_EXECUTE};
        rule.parent_fd = open(allowed[i], O_PATH | O_CLOEXEC);
        raw(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
        close(rule.parent_fd);
    }
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int result = raw(SYS_landlock_restrict_self, rules, 0);
    close(rules);
    return result;
}

int main(int argc, char **argv) {
    raw(502);
    if (argc > 1 && !strcmp(argv[1], "last")) return 7;
    if (argc > 1) {
        try(argv[0], "last");
        try("/usr/bin/true", "true");
        return 0;
    }
    mkdir("allowed", 0755);
    mkdir("forbidden", 0755);
    copy(argv[0], "allowed/program");
    copy(argv[0], "forbidden/program");
    printf("restricted: %d\n", restrict_self());
    try("allowed/program", "first");
    try("forbidden/program", "forbidden");
    printf("restricted more: %d\n", restrict_self());
    try("allowed/program", "last");
    unlink("allowed/program"), unlink("forbidden/program");
    return 0;
}

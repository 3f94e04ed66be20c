// A process whose address space is limited to less than it has executes a program, which begins with that
// little, then gets more and maps code a thousand times: what was short at the start does not end it
// later (P31, P34). It may be too short to begin at all.
// Expect: exit 0, stdout "broken off: 0, some ran: 1"
// With: plugin.so: gcc -shared -fPIC -O1 -Wl,--build-id=none parts/plugin.c
// Record: mmap
// Build: gcc -O1 -static
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int map_often(void) {
    struct rlimit limit = {(rlim_t)1 << 40, (rlim_t)1 << 40};
    setrlimit(RLIMIT_AS, &limit);
    int file = open("plugin.so", O_RDONLY);
    for (int i = 0; i < 1200; i++)
        if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 4096) == MAP_FAILED) return 3;
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1) return map_often();
    int ran = 0, broken = 0;
    for (int megabytes = 6; megabytes < 26; megabytes += 2) {
        pid_t child = fork();
        if (!child) {
            dup2(open("errors", O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
            struct rlimit limit = {(rlim_t)megabytes << 20, (rlim_t)1 << 40};
            setrlimit(RLIMIT_AS, &limit);
            execl(argv[0], argv[0], "again", (char *)NULL);
            _exit(1);
        }
        int status;
        waitpid(child, &status, 0);
        ran += status == 0;
        broken += WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 3);
    }
    char text[4096] = "";
    int errors = open("errors", O_RDONLY);
    if (read(errors, text, sizeof text - 1) > 0) broken += strstr(text, "internal error") != NULL;
    unlink("errors");
    printf("broken off: %d, some ran: %d\n", broken, ran > 2);
}

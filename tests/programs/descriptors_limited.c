// With RLIMIT_NOFILE = 3 nothing can be opened, and threads, forks and exec work as they did (P30).
// Expect: exit 0, stdout "open 24, run -38, thread 7, fork 3\nagain 24, run -38, thread 7, fork 3"
// Record: 502 2 times, 503 2 times
// Build: gcc -O1 -pthread -static
// Build: musl-gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/code.h"
#include "parts/raw.h"

static void *thread(void *argument) {
    (void)argument;
    raw(503);
    return (void *)7;
}

int main(int argc, char **argv) {
    (void)argc;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    int again = limit.rlim_cur == 3;
    if (!again) {
        limit = (struct rlimit){3, limit.rlim_max};
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    errno = 0;
    int opened = open("/dev/null", O_RDONLY);
    printf("%s %d", again ? "again" : "open", opened < 0 ? errno : 0);
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, 502);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    printf(", run %ld", run(code));
    pthread_t other;
    void *result;
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, &result);
    printf(", thread %ld", (long)result);
    fflush(stdout);
    pid_t child = fork();
    if (!child) _exit(3);
    int status;
    waitpid(child, &status, 0);
    printf(", fork %d\n", WEXITSTATUS(status));
    fflush(stdout);
    if (again) return 0;
    execl(argv[0], argv[0], (char *)NULL);
    printf("failed: %d\n", errno);
    return 1;
}

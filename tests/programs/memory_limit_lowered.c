// Address space is limited while the program runs, to what it has and a little more, and used up: by code
// that is mapped, by code that is written, by threads. What cannot be had fails with an error, all other calls
// go on, and once there is more it works again (P31, P34).
// Expect: exit 0, stdout "children that ended well: 8\nchildren that ended well: 8"
// With: plugin.so: gcc -shared -fPIC -O1 -Wl,--build-id=none parts/plugin.c
// Record: 502 16 times
// Limit: 60 s
// Build: gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/code.h"
#include "parts/raw.h"

enum { THREADS = 40, STACK = 16384, MAPPINGS = 1500 };

// One more, as a thread that has ended may not have left its own yet.
static char stacks[THREADS + 1][STACK] __attribute__((aligned(16)));
static char *mapped[MAPPINGS];
static volatile int stop, running, started;

static long size_now(void) {
    char text[64] = "";
    int file = open("/proc/self/statm", O_RDONLY);
    read(file, text, sizeof text - 1);
    close(file);
    return atol(text) * 4096;
}

static int thread(void *unused) {
    (void)unused;
    __atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
    while (!stop) raw(SYS_sched_yield);
    __atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST);
    raw(SYS_exit, 0);
    return 0;
}

static int map_until_it_fails(int file) {
    for (int i = 0; i < MAPPINGS; i++) {
        mapped[i] = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 4096);
        if (mapped[i] != MAP_FAILED) continue;
        int failed = errno;
        mapped[i] = NULL;
        return failed == ENOMEM;
    }
    return 1;
}

static int start_until_it_fails(void) {
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    int failed = 0;
    for (started = 0; started < THREADS && !failed;) {
        if (clone(thread, stacks[started] + STACK, flags, NULL) < 0) failed = errno;
        else started++;
    }
    return !failed || failed == ENOMEM || failed == EAGAIN;
}

// Calls that take memory of the interpreter's, but none of the program's.
static int others_work(void) {
    char path[512];
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    int well = 1, status = -1;
    for (int i = 0; i < 50; i++) {
        int file = open("/proc/self/exe", O_RDONLY);
        well &= file >= 0 && !close(file);
        well &= readlink("/proc/self/exe", path, sizeof path) > 0;
        well &= !sigaction(SIGUSR1, &ignore, NULL);
        well &= execl("/nonexistent", "word", (char *)NULL) == -1 && (errno == ENOENT || errno == ENOMEM);
    }
    pid_t child = fork();
    if (!child) _exit(7);
    waitpid(child, &status, 0);
    return well && status == 7 << 8;
}

static int attempt(long allowed) {
    int file = open("plugin.so", O_RDONLY), well = 1;
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(code, SYS_getppid);
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = size_now() + allowed;
    setrlimit(RLIMIT_AS, &limit);
    well &= map_until_it_fails(file);
    well &= others_work();
    well &= start_until_it_fails();
    well &= others_work();
    if (!mprotect(code, 4096, PROT_READ | PROT_EXEC)) well &= run(code) == getppid();
    else well &= errno == ENOMEM;
    well &= others_work();
    for (int i = 0; i < MAPPINGS && mapped[i]; i++) well &= !munmap(mapped[i], 4096);
    while (running < started) sched_yield();
    stop = 1;
    while (running) sched_yield();
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
    stop = 0;
    well &= mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 4096) != MAP_FAILED;
    well &= clone(thread, stacks[THREADS] + STACK, CLONE_VM | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL) > 0;
    while (!running) sched_yield();
    stop = 1;
    while (running) sched_yield();
    raw(502);
    return well;
}

int main(int argc, char **argv) {
    static const long allowed[] = {0, 4096, 65536, 300000, 1 << 20, 3 << 20, 12 << 20, 40 << 20};
    int well = 0, status;
    for (int i = 0; i < 8; i++) {
        pid_t child = fork();
        if (!child) _exit(!attempt(allowed[i]));
        waitpid(child, &status, 0);
        well += status == 0;
    }
    printf("children that ended well: %d\n", well);
    fflush(stdout);
    if (argc > 1) return 0;
    // The same for a process that has had a limit from its start.
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = 1 << 30;
    setrlimit(RLIMIT_AS, &limit);
    execl(argv[0], argv[0], "limited", (char *)NULL);
}

// fork while fifty threads are in calls that the runtime handles itself, which take its locks and its
// memory: no lock survives in the child, which makes calls, memory and threads of its own (P35). Native forks
// take some milliseconds each; the argument says how many there shall be: 10000 take a minute.
// Expect: exit 0, stdout "children that ended well: 300"
// Record: 502 300 times, 503 300 times
// Limit: 120 s
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
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

static volatile int stop;

// Nothing of libc's: its locks are its own concern.
static void *busy(void *argument) {
    int kind = (long)argument % 5;
    struct {
        void *handler;
        unsigned long flags, restorer, mask;
    } action = {SIG_IGN, 0, 0, 0};
    while (!stop) {
        switch (kind) {
        case 0: raw(SYS_getppid); break;
        case 1: raw(SYS_rt_sigaction, SIGURG, &action, 0, 8); break;
        case 2: raw(SYS_close, raw(SYS_open, "/proc/self/exe", O_RDONLY)); break;
        case 3: {
            long page = raw(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            raw(SYS_munmap, page, 4096);
            break;
        }
        default: raw(SYS_execve, "/nonexistent", 0, 0); break;
        }
        if (kind) raw(SYS_sched_yield);
    }
    return argument;
}

static void *nothing(void *argument) {
    raw(503);
    return argument;
}

int main(int argc, char **argv) {
    int times = argc > 1 ? atoi(argv[1]) : 300, well = 0;
    pthread_t threads[50];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (long i = 0; i < 50; i++) pthread_create(&threads[i], &small, busy, (void *)i);
    setpriority(PRIO_PROCESS, 0, -20); // where it is allowed, the threads keep nobody from forking
    for (int i = 0; i < times; i++) {
        pid_t child = fork();
        if (!child) {
            pthread_t another;
            raw(502);
            unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            write_call(code, SYS_getppid);
            mprotect(code, 4096, PROT_READ | PROT_EXEC);
            int ok = run(code) == getppid();
            pthread_create(&another, &small, nothing, NULL);
            pthread_join(another, NULL);
            _exit(ok ? 7 : 8);
        }
        int status;
        waitpid(child, &status, 0);
        well += WIFEXITED(status) && WEXITSTATUS(status) == 7;
    }
    stop = 1;
    for (int i = 0; i < 50; i++) pthread_join(threads[i], NULL);
    printf("children that ended well: %d\n", well);
}

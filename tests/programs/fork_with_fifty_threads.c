// fork while fifty threads are in calls that the runtime handles itself, which take its locks and its
// memory: no lock survives in the child, which makes calls, memory and threads of its own (P35). Native forks
// take some milliseconds each; the argument says how many there shall be: 10000 take a minute.
// Expect: exit 0, stdout "children that ended well: 300"
// Record: 502 300 times, 503 300 times
// Limit: 120 s
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/busy.h"
#include "parts/code.h"
#include "parts/raw.h"

static volatile int stop;

static void *busy(void *argument) {
    long kind = (long)argument % 5;
    while (!stop) {
        call_runtime(kind);
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

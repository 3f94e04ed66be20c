// unshare, and then clones and threads: where children are to count processes anew, no thread can be made, and
// one that shares the memory has numbers of its own; new code is watched in all of them (P22).
// Expect: exit 0
// Record: 502 once, 503 3 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/code.h"
#include "parts/counting.h"

int main(void) {
    const int flags[] = {CLONE_NEWPID, CLONE_NEWUSER | CLONE_NEWPID, CLONE_NEWNS | CLONE_NEWNET | CLONE_SYSVSEM | CLONE_FS};
    for (int round = 0; round < 3; round++) {
        fflush(stdout);
        if (!fork()) {
            printf("%d: unshare %d, ", round, unshare(flags[round]));
            counting = enough = 0;
            long process = clone(counter, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
            while (process > 0 && counting < 10) sched_yield();
            int made = 0;
            for (int i = 0; i < 20; i++) {
                pthread_t threads[4];
                int some[4];
                for (int j = 0; j < 4; j++) made += some[j] = !pthread_create(&threads[j], NULL, thread, NULL);
                for (int j = 0; j < 4; j++)
                    if (some[j]) pthread_join(threads[j], NULL);
            }
            unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            write_call(code, 503);
            mprotect(code, 4096, PROT_READ | PROT_EXEC);
            long ran = run(code);
            enough = 1;
            int status = -1;
            waitpid(process, &status, __WALL);
            printf("threads %d, code %ld, ended %d\n", made, ran, status >> 8);
            // Those that count anew have lost the first of their kind, and with it all that could come.
            pid_t child = fork();
            if (!child) _exit(0);
            printf("another child %d\n", child > 0);
            fflush(stdout);
            _exit(0);
        }
        wait(NULL);
    }
    raw(502);
}

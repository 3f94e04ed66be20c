// clone and clone3 with the flags that put the child elsewhere: in namespaces, beside its parent, into a
// cgroup, under a number of its own; sharing memory and not. What works and what fails is as the
// kernel has it, and the children live as others do: they know their numbers, make calls, children, threads
// and code. One that counts processes anew shares our memory while threads come and go (P22).
// Expect: exit 0
// Record: 502
// Limit: 60 s
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#define _GNU_SOURCE
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/code.h"
#include "parts/counting.h"

// What became of a child, in its exit status: a bit for each thing that is so.
static int child(void *unused) {
    (void)unused;
    raw(502);
    int status = raw(SYS_getpid) == 1 ? 1 : 0;
    if (raw(SYS_getppid) == 0) status |= 2;
    void *page = (void *)raw(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_call(page, SYS_getpid);
    raw(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
    if (run(page) == raw(SYS_getpid)) status |= 4;
    int other = raw(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (!other) raw(SYS_exit, raw(SYS_getpid) > 1 ? 5 : 6);
    int ended = 0;
    if (raw(SYS_wait4, other, &ended, 0, 0) == other && ended == 5 << 8) status |= 8;
    raw(SYS_exit, status | 16);
    return 0;
}

static void show(const char *what, long process) {
    int status = -1;
    if (process < 0) {
        printf("%s: error %ld\n", what, -process);
    } else {
        waitpid(process, &status, __WALL);
        printf("%s: ended %x\n", what, status);
    }
    fflush(stdout);
}

static long start(long flags) {
    if (flags & CLONE_VM) {
        long process = clone(child, stack + sizeof stack, (int)(flags | SIGCHLD), NULL);
        return process < 0 ? -1 : process;
    }
    long process = raw(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (!process) child(NULL);
    return process;
}

static long start3(struct clone_args arguments) {
    arguments.exit_signal = SIGCHLD;
    long process = raw(SYS_clone3, &arguments, sizeof arguments);
    if (!process) child(NULL);
    return process;
}

// A child that makes the next one its parent's.
static void beside(long flags) {
    int ends[2], other = 0;
    pipe(ends);
    pid_t between = fork();
    if (!between) {
        other = start(flags | CLONE_PARENT);
        write(ends[1], &other, sizeof other);
        _exit(other > 0 ? 7 : 8);
    }
    read(ends[0], &other, sizeof other);
    show("between", between);
    show("beside its parent", other);
    close(ends[0]);
    close(ends[1]);
}

static void while_threads_come_and_go(long flags) {
    counting = enough = 0;
    pid_t process = clone(counter, stack + sizeof stack, (int)(flags | CLONE_VM | SIGCHLD), NULL);
    while (process > 0 && counting < 10) sched_yield();
    for (int i = 0; i < 30; i++) {
        pthread_t threads[4];
        for (int j = 0; j < 4; j++) pthread_create(&threads[j], NULL, thread, NULL);
        for (int j = 0; j < 4; j++) pthread_join(threads[j], NULL);
    }
    enough = 1;
    show("counts", process < 0 ? -1 : process);
}

int main(void) {
    static const struct {
        const char *name;
        long flag;
    } flags[] = {
        {"io", CLONE_IO},
        {"user", CLONE_NEWUSER},
        {"pid", CLONE_NEWPID},
        {"user, pid", CLONE_NEWUSER | CLONE_NEWPID},
        {"host", CLONE_NEWUTS},
        {"ipc", CLONE_NEWIPC},
        {"net", CLONE_NEWNET},
        {"mounts", CLONE_NEWNS},
        {"cgroup", CLONE_NEWCGROUP},
        {"mounts and their sharing", CLONE_NEWNS | CLONE_FS},
    };
    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
        show(flags[i].name, start(flags[i].flag));
        show(flags[i].name, start(flags[i].flag | CLONE_VM));
        show(flags[i].name, start(flags[i].flag | CLONE_VM | CLONE_VFORK));
    }
    beside(0);
    beside(CLONE_VM);
    beside(CLONE_NEWPID);
    while_threads_come_and_go(0);
    while_threads_come_and_go(CLONE_NEWPID);
    while_threads_come_and_go(CLONE_NEWUSER | CLONE_NEWPID);

    pid_t number = 1, taken = getpid(), none = 0;
    show("clone3, time", start3((struct clone_args){.flags = CLONE_NEWTIME}));
    show("clone3, number", start3((struct clone_args){.flags = CLONE_NEWPID, .set_tid = (long)&number, .set_tid_size = 1}));
    show("clone3, a number that is taken", start3((struct clone_args){.set_tid = (long)&taken, .set_tid_size = 1}));
    show("clone3, no number", start3((struct clone_args){.set_tid = (long)&none, .set_tid_size = 1}));
    show("clone3, too many", start3((struct clone_args){.set_tid = (long)&none, .set_tid_size = 33}));
    show("clone3, number from nowhere", start3((struct clone_args){.set_tid = 16, .set_tid_size = 1}));
    show("clone3, no cgroup", start3((struct clone_args){.flags = CLONE_INTO_CGROUP, .cgroup = 1000}));
    show("clone3, no cgroup's number", start3((struct clone_args){.cgroup = 1}));
    show("clone3, descriptor and number in one place", start3((struct clone_args){.flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .pidfd = (long)&none, .parent_tid = (long)&none}));
}

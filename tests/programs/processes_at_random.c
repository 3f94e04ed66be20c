// Children of every kind, made and ended at random: what their parent is told, and the state that it goes on in, is as
// natively (P22). Each line is a child; with a number as the argument, only that process makes its.
// Expect: exit 0
// Record: 502
// Limit: 90 s
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

enum { STACK = 1 << 16, CHILDREN = 10, PROCESSES = 300 };

// What a child does, and how it ends.
struct task {
    unsigned does, ends;
};

static unsigned long state;
static volatile int handled, left;

static unsigned below(unsigned end) {
    state = state * 6364136223846793005ul + 1442695040888963407ul;
    return (state >> 33) % end;
}

static void handler(int signal) {
    handled = handled * 7 + signal;
}

static void end(unsigned how) {
    long process = raw(SYS_getpid), thread = raw(SYS_gettid);
    switch (how % 7) {
    case 0: raw(SYS_exit_group, how % 128);
    case 1: raw(SYS_exit, how % 128);
    case 2: raw(SYS_tgkill, process, thread, SIGKILL);
    case 3: raw(SYS_kill, process, SIGTERM);
    case 4: *(volatile int *)8 = 1;
    case 5: __asm__ volatile("ud2");
    case 6: raw(SYS_kill, process, SIGUSR2);
    }
    raw(SYS_exit_group, 99);
}

static void execute(unsigned what) {
    char *quiet[] = {"true", NULL}, *killed[] = {"sh", "-c", "kill -$0 $$", "9", NULL};
    switch (what % 4) {
    case 0: raw(SYS_execve, "/nonexistent", quiet, NULL); break;
    case 1: raw(SYS_execve, "/bin/true", quiet, NULL); break;
    case 2: raw(SYS_execve, "/bin/sh", killed, NULL); break;
    case 3: raw(SYS_execveat, AT_FDCWD, "/etc/passwd", quiet, NULL, 0); break;
    }
}

// In memory that may be its parent's.
static void work(const struct task *task) {
    int status = 0;
    long child;
    switch (task->does % 6) {
    case 0: break;
    case 1: execute(task->does / 6); break;
    case 2: left++; break;
    case 3:
        child = raw(SYS_fork);
        if (!child) end(task->does);
        raw(SYS_wait4, child, &status, __WALL, NULL);
        left = status;
        break;
    case 4:
        child = raw(SYS_clone, CLONE_VM | CLONE_VFORK | CLONE_SIGHAND, 0);
        if (!child) raw(SYS_exit_group, 3);
        raw(SYS_wait4, child, &status, __WALL, NULL);
        left = status;
        break;
    case 5:
        signal(SIGUSR1, handler);
        raw(SYS_tgkill, raw(SYS_getpid), raw(SYS_gettid), SIGUSR1);
        break;
    }
    end(task->ends);
}

static int work_on_stack(void *task) {
    work(task);
    return 0;
}

static void *thread(void *words) {
    struct task *task = words;
    int status = 0;
    pid_t child;
    switch (task->does % 6) {
    case 0: return (void *)(long)task->ends;
    case 1: syscall(SYS_exit, 0); break;
    case 2: execute(task->ends % 2 * 3); break;
    case 3:
        child = fork();
        if (!child) end(task->ends);
        waitpid(child, &status, 0);
        break;
    case 4:
        child = vfork();
        if (!child) {
            execl("/bin/true", "true", NULL);
            _exit(1);
        }
        waitpid(child, &status, 0);
        break;
    case 5: pthread_kill(pthread_self(), SIGUSR1); break;
    }
    return (void *)(long)status;
}

static unsigned long flags(void) {
    static const unsigned long all[] = {CLONE_VM,        CLONE_FS,       CLONE_FILES,        CLONE_SIGHAND,
                                        CLONE_VFORK,     CLONE_NEWNS,    CLONE_SYSVSEM,      CLONE_PARENT_SETTID,
                                        CLONE_UNTRACED,  CLONE_NEWPID,   CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID,
                                        CLONE_IO,        CLONE_NEWUTS,   CLONE_NEWIPC,       CLONE_PIDFD,
                                        CLONE_NEWUSER};
    static const int ends[] = {SIGCHLD, SIGCHLD, SIGCHLD, 0, SIGUSR1, SIGWINCH};
    unsigned long flags = ends[below(6)];
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        if (!below(5)) flags |= all[i];
    return flags;
}

// As clone(3), which has no clone3.
static long clone3(struct clone_args *how, const struct task *task) {
    long child;
    register void (*to)(const struct task *) __asm__("r12") = work;
    __asm__ volatile("syscall\n test %%rax, %%rax\n jnz 1f\n"
                     "mov %%rbx, %%rdi\n sub $64, %%rsp\n and $-16, %%rsp\n call *%%r12\n 1:"
                     : "=a"(child)
                     : "0"(SYS_clone3), "D"(how), "S"(sizeof *how), "b"(task), "r"(to)
                     : "rcx", "r11", "memory");
    return child;
}

static void expect(long child) {
    int status = 0, options = __WALL;
    siginfo_t info = {0};
    long result;
    if (child < 0) {
        printf(" not made %ld", child);
        return;
    }
    if (below(2)) {
        result = raw(SYS_waitid, P_PID, child, &info, WEXITED | __WALL, NULL);
        printf(" %ld: code %d, status %d, its own %d", result, info.si_code, info.si_status, info.si_pid == child);
    } else {
        result = raw(SYS_wait4, below(2) ? child : -1, &status, options, NULL);
        printf(" status %#x, its own %d", status, result == child);
    }
}

static void make(struct task *task) {
    int number = -5, cleared = -5;
    char *stack;
    pthread_t one, several[4];
    void *result = NULL;
    long child;
    unsigned kind = below(8);
    printf("kind %u, does %u, ends %u:", kind, task->does, task->ends);
    fflush(stdout);
    switch (kind) {
    case 0:
        child = raw(SYS_fork);
        if (!child) work(task);
        expect(child);
        break;
    case 1:
        child = raw(SYS_vfork);
        if (!child) {
            if (task->does % 2) execute(task->does / 2);
            raw(task->does % 3 ? SYS_exit_group : SYS_exit, task->ends % 128);
        }
        expect(child);
        break;
    case 2:
    case 3:
    case 4: {
        struct clone_args how = {.flags = flags(), .parent_tid = (long)&number, .child_tid = (long)&cleared};
        stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        printf(" flags %#llx", how.flags);
        fflush(stdout);
        if (kind == 2) {
            how.exit_signal = how.flags & 0xff;
            how.flags &= ~0xfful;
            if (how.flags & CLONE_VM || below(2)) how.stack = (long)stack, how.stack_size = STACK;
            how.pidfd = (long)&number;
            if (!below(3)) how.flags |= CLONE_CLEAR_SIGHAND;
            child = clone3(&how, task);
        } else {
            child = clone(work_on_stack, stack + STACK - 128, how.flags, task, &number, NULL, &cleared);
        }
        expect(child);
        printf(", numbers %d %d", number == -5 ? number : number == child, cleared == child ? 1 : cleared);
        if (child > 0 && how.flags & CLONE_PIDFD) close(number);
        munmap(stack, STACK);
        break;
    }
    case 5:
        pthread_create(&one, NULL, thread, task);
        pthread_join(one, &result);
        printf(" %lx", (long)result);
        break;
    case 6:
        child = fork();
        if (!child) {
            for (int i = 0; i < 4; i++) {
                static struct task tasks[4];
                tasks[i] = (struct task){i == 2 ? 2 : i == 3, task->ends};
                pthread_create(&several[i], NULL, thread, &tasks[i]);
            }
            for (int i = 0; i < 4; i++) pthread_join(several[i], NULL);
            end(task->ends);
        }
        expect(child);
        break;
    case 7:
        child = fork();
        if (!child) {
            raise(SIGSTOP);
            end(task->ends);
        }
        waitpid(child, &number, WUNTRACED);
        printf(" stopped %#x", number);
        kill(child, SIGCONT);
        expect(child);
        handled = 0; // signals of the child may have become one
        break;
    }
}

// The mask, and of this process's signals those ignored and handled.
static void show_signals(void) {
    static const int shown[] = {SIGILL, SIGBUS, SIGSEGV, SIGSYS, SIGUSR1, SIGUSR2, SIGTERM};
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf(", handled %d, left %#x, blocked %#lx, actions", handled, left, *(unsigned long *)&mask);
    for (unsigned i = 0; i < sizeof shown / sizeof *shown; i++) {
        struct sigaction action;
        sigaction(shown[i], NULL, &action);
        printf(" %d", action.sa_handler == handler ? 2 : action.sa_handler == SIG_IGN);
    }
    printf("\n");
    handled = 0;
}

static void one(int number) {
    state = number * 2654435761ul;
    below(2);
    signal(SIGUSR1, handler);
    signal(SIGCHLD, below(3) ? SIG_DFL : handler);
    prctl(PR_SET_DUMPABLE, 0);
    for (int i = 0; i < CHILDREN; i++) {
        struct task task = {below(256), below(256)};
        printf("%d: ", number);
        make(&task);
        show_signals();
    }
}

int main(int count, char **words) {
    int first = count > 1 ? atoi(words[1]) : 0, last = count > 1 ? first : PROCESSES;
    for (int number = first; number <= last; number++) {
        int status;
        fflush(stdout);
        pid_t child = fork();
        if (!child) {
            one(number);
            fflush(stdout);
            _exit(0);
        }
        waitpid(child, &status, 0);
        if (status) printf("%d: ended with %#x\n", number, status);
    }
    raw(502);
}

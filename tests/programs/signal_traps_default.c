// A program that crashes is killed by the signal that natively kills it, also when it blocked it.
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void crash(int how) {
    switch (how) {
    case 0: __asm__ volatile("ud2"); break;
    case 1: __asm__ volatile("int3"); break;
    case 2: *(volatile int *)0 = 1; break;
    case 3: __asm__ volatile("hlt"); break;
    case 4: raise(SIGILL); break;
    case 5: raise(SIGSYS); break;
    case 6: kill(getpid(), SIGSYS); break;
    case 7: ((void (*)(void))16)(); break;
    case 8: __asm__ volatile("mov $0x8000000000000000, %rax\n jmp *%rax"); break;
    }
}

int main(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (int how = 0; how < 9; how++)
        for (int blocked = 0; blocked < 3; blocked++) {
            pid_t child = fork();
            if (!child) {
                sigset_t all;
                sigfillset(&all);
                if (blocked == 1) sigprocmask(SIG_BLOCK, &all, NULL);
                if (blocked == 2)
                    for (int signal = 1; signal < 32; signal++) sigaction(signal, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
                crash(how);
                _exit(50);
            }
            int status;
            waitpid(child, &status, 0);
            printf("%d %d: %s %d\n", how, blocked, WIFSIGNALED(status) ? "killed" : "exited",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        }
}

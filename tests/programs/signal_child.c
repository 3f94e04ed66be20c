// SIGCHLD tells of children: exited, killed, stopped, continued.
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static siginfo_t last;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    last = *info;
}

static void wait_for(const char *what, pid_t child, sigset_t *open) {
    while (!last.si_pid) sigsuspend(open);
    printf("%s: code %d, status %d, of the child %d\n", what, last.si_code, last.si_status, last.si_pid == child);
    last.si_pid = 0;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigset_t block, open;
    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&block);
    sigaddset(&block, SIGCHLD);
    sigprocmask(SIG_BLOCK, &block, &open);
    pid_t child = fork();
    if (!child) {
        sigprocmask(SIG_SETMASK, &open, NULL);
        for (;;) pause();
    }
    kill(child, SIGSTOP);
    wait_for("stopped", child, &open);
    kill(child, SIGCONT);
    wait_for("continued", child, &open);
    kill(child, SIGTERM);
    wait_for("killed", child, &open);
    waitpid(child, NULL, 0);
    child = fork();
    if (!child) _exit(42);
    wait_for("exited", child, &open);
    waitpid(child, NULL, 0);
}

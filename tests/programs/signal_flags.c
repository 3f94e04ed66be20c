// SA_NODEFER, SA_RESETHAND, SA_NOCLDWAIT, handlers that stay over fork and not over exec (P19).
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int depth, deepest, raised;

static void handler(int signal) {
    depth++;
    if (depth > deepest) deepest = depth;
    if (raised++ < 5) raise(signal);
    depth--;
}

static void once(int signal) { (void)signal; }

int main(int argc, char **argv) {
    struct sigaction now;
    if (argc > 1) {
        sigaction(SIGUSR1, NULL, &now);
        printf("after exec: USR1 default %d,", now.sa_handler == SIG_DFL);
        sigaction(SIGUSR2, NULL, &now);
        printf(" USR2 ignored %d,", now.sa_handler == SIG_IGN);
        for (int signal = 1; signal < 32; signal++) {
            sigaction(signal, NULL, &now);
            if (now.sa_handler != SIG_DFL) printf(" not default: %d", signal);
        }
        sigset_t mask;
        sigprocmask(SIG_BLOCK, NULL, &mask);
        for (int signal = 1; signal < 65; signal++)
            if (sigismember(&mask, signal) == 1) printf(" blocked: %d", signal);
        printf("\n");
        return 0;
    }
    struct sigaction nested = {.sa_handler = handler, .sa_flags = SA_NODEFER};
    sigaction(SIGUSR1, &nested, NULL);
    raise(SIGUSR1);
    printf("nested %d\n", deepest);
    struct sigaction plain = {.sa_handler = handler};
    sigaction(SIGUSR1, &plain, NULL);
    deepest = raised = 0;
    raise(SIGUSR1);
    printf("deferred %d\n", deepest);
    struct sigaction reset = {.sa_handler = once, .sa_flags = SA_RESETHAND};
    sigaction(SIGUSR2, &reset, NULL);
    raise(SIGUSR2);
    sigaction(SIGUSR2, NULL, &now);
    printf("reset %d\n", now.sa_handler == SIG_DFL);
    fflush(stdout);
    pid_t child = fork();
    int status;
    if (!child) raise(SIGUSR2);
    waitpid(child, &status, 0);
    printf("killed by %d\n", WTERMSIG(status));
    struct sigaction children = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    sigaction(SIGCHLD, &children, NULL);
    fflush(stdout);
    if (!fork()) _exit(0);
    printf("no zombies: %d", wait(NULL));
    printf(" %s\n", strerror(errno));
    printf("invalid: %d %d\n", sigaction(SIGKILL, &plain, NULL), sigaction(65, &plain, NULL));
    signal(SIGUSR2, SIG_IGN);
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGILL);
    sigaddset(&block, SIGSYS);
    sigaddset(&block, SIGTERM);
    sigprocmask(SIG_BLOCK, &block, NULL);
    fflush(stdout);
    execl(argv[0], argv[0], "again", (char *)NULL);
}

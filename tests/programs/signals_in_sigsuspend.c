// A handler begins with the mask that sigsuspend, ppoll, pselect or epoll_pwait had put in place: what
// that mask lets through arrives on top of it, and the old mask is back afterwards (P19).
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

static char order[64];
static int count;

static void handler(int signal, siginfo_t *info, void *context) {
    ucontext_t *frame = context;
    sigset_t now;
    (void)info;
    sigprocmask(SIG_BLOCK, NULL, &now);
    order[count++] = signal == SIGUSR1 ? '1' : signal == SIGUSR2 ? '2' : 'v';
    order[count++] = '0' + sigismember(&now, SIGUSR1) + 2 * sigismember(&now, SIGUSR2) +
                     4 * sigismember(&now, SIGSEGV);
    order[count++] = 'a' + sigismember(&frame->uc_sigmask, SIGUSR1) +
                     2 * sigismember(&frame->uc_sigmask, SIGUSR2) +
                     4 * sigismember(&frame->uc_sigmask, SIGSEGV);
}

static void report(const char *name, int result) {
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    order[count] = 0;
    printf("%s: %d %s, %s, after: %d\n", name, result, result < 0 && errno == EINTR ? "EINTR" : "",
           order, sigismember(&now, SIGUSR1) + 2 * sigismember(&now, SIGUSR2) +
           4 * sigismember(&now, SIGSEGV));
    count = 0;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigset_t all, none, blocked;
    sigfillset(&all);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGUSR2);
    sigaddset(&blocked, SIGSEGV);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    struct timespec time = {0, 200000000};
    struct epoll_event event;
    int epoll = epoll_create1(0);

    kill(getpid(), SIGUSR1), kill(getpid(), SIGUSR2);
    report("sigsuspend", sigsuspend(&none));
    kill(getpid(), SIGUSR1), kill(getpid(), SIGUSR2);
    report("ppoll", ppoll(NULL, 0, &time, &none));
    kill(getpid(), SIGUSR1), kill(getpid(), SIGUSR2);
    report("pselect", pselect(0, NULL, NULL, NULL, &time, &none));
    kill(getpid(), SIGUSR1), kill(getpid(), SIGUSR2);
    report("epoll_pwait", epoll_pwait(epoll, &event, 1, 200, &none));
    sigset_t one = all;
    sigdelset(&one, SIGUSR2);
    kill(getpid(), SIGUSR1), kill(getpid(), SIGUSR2);
    report("only USR2", sigsuspend(&one));
    report("USR1 still", sigsuspend(&none));
    kill(getpid(), SIGSEGV);
    report("SEGV waits", ppoll(NULL, 0, &time, &all));
    report("SEGV comes", sigsuspend(&none));
    return 0;
}

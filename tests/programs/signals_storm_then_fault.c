// Handlers that return while calls are interrupted leave masks and alternate stacks as they were: a
// fault afterwards finds its handler (P19, P35).
// Expect: exit 0, stdout "400 faults on the alternate stack"
// Build: gcc -O2
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char stack[65536];
static int faults;
static sigjmp_buf back;

static void alarmed(int signal) { (void)signal, getppid(); }

static void fault(int signal, siginfo_t *info, void *context) {
    char here;
    (void)signal, (void)info, (void)context;
    if (&here >= stack && &here < stack + sizeof stack) faults++;
    siglongjmp(back, 1);
}

int main(void) {
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    sigaction(SIGSEGV, &action, NULL);
    action.sa_handler = alarmed;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 300}, {0, 300}};
    setitimer(ITIMER_REAL, &often, NULL);
    struct timespec time = {0, 500000};
    char *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 400; i++) {
        nanosleep(&time, NULL);
        for (int j = 0; j < 30; j++) getppid();
        if (sigsetjmp(back, 1) == 0) *(volatile char *)none = 1;
    }
    printf("%d faults on the alternate stack\n", faults);
    return 0;
}

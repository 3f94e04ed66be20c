// Makes calls while timers interrupt whatever can be interrupted, having made standard error, where the record
// goes, non-blocking, as some programs do.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>
#include "../parts/raw.h"

static volatile int signals;

static void handler(int signal) {
    (void)signal;
    signals++;
}

int main(void) {
    struct sigaction action = {.sa_handler = handler};
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    fcntl(2, F_SETFL, fcntl(2, F_GETFL) | O_NONBLOCK);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    int well = 0;
    for (int i = 0; i < 5000; i++) well += raw(502) == -ENOSYS;
    setitimer(ITIMER_REAL, &never, NULL);
    printf("well %d, interrupted %d\n", well, signals > 0);
}

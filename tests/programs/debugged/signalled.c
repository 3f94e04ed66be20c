// Makes calls, and gets a signal in one of them; faults in the end when told to.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile int handled;
static int *volatile nowhere;

__attribute__((noinline)) void handler(int number) {
    handled += number;
}

__attribute__((noinline)) int inner(int signal) {
    int result = kill(getpid(), signal);
    return result + 1;
}

__attribute__((noinline)) int outer(int signal) {
    int result = inner(signal);
    return result + 1;
}

__attribute__((noinline)) int fault(int value) {
    *nowhere = value;
    return value + 1;
}

int main(int count, char **words) {
    (void)words;
    signal(SIGUSR1, handler);
    int result = outer(SIGUSR1);
    printf("%d %d\n", result, handled);
    fflush(stdout);
    if (count > 1) result += fault(result);
    return result;
}

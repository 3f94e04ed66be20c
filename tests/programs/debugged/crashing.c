// Dies by a signal, in the way that its argument says, and leaves a core file.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int *volatile nowhere;
static int (*volatile nothing)(int);

__attribute__((noinline)) int by_null(int value) {
    *nowhere = value;
    return value + 1;
}

__attribute__((noinline)) int by_null_in_call(int value) {
    return nothing(value) + 1;
}

__attribute__((noinline)) int by_abort(int value) {
    abort();
    return value + 1;
}

__attribute__((noinline)) int by_kill(int value) {
    int result = kill(getpid(), SIGTERM + value);
    return result + 1;
}

static void handler(int number) {
    by_null(number);
}

__attribute__((noinline)) int in_handler(int value) {
    signal(SIGUSR1, handler);
    return raise(SIGUSR1) + value;
}

__attribute__((noinline)) static void *body(void *value) {
    by_null(*(int *)value);
    return value;
}

__attribute__((noinline)) int in_thread(int value) {
    pthread_t thread;
    pthread_create(&thread, NULL, body, &value);
    return pthread_join(thread, NULL) + value;
}

int main(int count, char **words) {
    struct rlimit limit;
    getrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_CORE, &limit);
    const char *how = count > 1 ? words[1] : "";
    int result = getppid() > 0; // as all calls are, made before the fault, too
    if (!strcmp(how, "null")) result += by_null(1);
    if (!strcmp(how, "null in call")) result += by_null_in_call(1);
    if (!strcmp(how, "abort")) result += by_abort(1);
    signal(SIGQUIT, SIG_DFL); // background jobs of some shells ignore it
    if (!strcmp(how, "kill")) result += by_kill(SIGQUIT - SIGTERM);
    if (!strcmp(how, "handler")) result += in_handler(1);
    if (!strcmp(how, "thread")) result += in_thread(1);
    return result;
}

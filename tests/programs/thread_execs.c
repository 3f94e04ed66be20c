// exec from a thread that is not the first, again and again, while other threads are blocked in calls, make
// them, and take the runtime's locks (P24).
// Expect: exit 0, stdout "same process 1, 502: -38, 40 times"
// Record: 502 once, execve
// Limit: 60 s
// Build: gcc -O1 -pthread
// Build: musl-gcc -O1 -pthread -static
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

enum { TIMES = 40 };

static char **arguments;
static int times;

static void *blocked(void *argument) {
    pause();
    return argument;
}

static void *busy(void *argument) {
    for (;;) {
        raw(SYS_getppid);
        raw(SYS_close, raw(SYS_open, "/proc/self/exe", O_RDONLY));
        raw(SYS_rt_sigprocmask, 0, 0, 0, 8);
    }
    return argument;
}

static void *starter(void *argument) {
    char process[20], done[20];
    snprintf(process, sizeof process, "%d", getpid());
    snprintf(done, sizeof done, "%d", times + 1);
    usleep(times * 37 % 5 * 500);
    execl(arguments[0], arguments[0], process, done, (char *)NULL);
    return argument;
}

int main(int argc, char **argv) {
    int same = argc < 2 || atoi(argv[1]) == getpid();
    times = argc < 3 ? 0 : atoi(argv[2]);
    if (times == TIMES || !same) {
        printf("same process %d, 502: %ld, %d times\n", same, raw(502), times);
        return 0;
    }
    arguments = argv;
    pthread_t threads[6];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, blocked, NULL);
    for (int i = 3; i < 5; i++) pthread_create(&threads[i], NULL, busy, NULL);
    pthread_create(&threads[5], NULL, starter, NULL);
    pause();
}

// A second thread changes a path while it is opened: each result is that of one of the two, and the
// program never fails otherwise (P36).
// Expect: exit 0, stdout "neither: 0"
// Build: gcc -O1 -pthread
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile int stop;
static char path[16] = "/dev/null";

static void *flip(void *argument) {
    while (!stop) {
        path[5] ^= 'n' ^ 'x';
    }
    return argument;
}

int main(void) {
    pthread_t other;
    pthread_create(&other, NULL, flip, NULL);
    int neither = 0;
    for (int i = 0; i < 2000; i++) {
        int file = open(path, O_RDONLY);
        if (file >= 0) close(file);
        else if (errno != ENOENT) neither++;
    }
    stop = 1;
    pthread_join(other, NULL);
    printf("neither: %d\n", neither);
}

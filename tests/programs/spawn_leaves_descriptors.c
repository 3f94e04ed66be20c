// What a child had open to be executed is its own: when a thread gets the place of that child, no descriptor of this
// process is closed, whatever its number (P22, P30).
// Expect: exit 0, stdout "all open"
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST = 900, LAST = 1010 };

extern char **environ;

static void *nothing(void *unused) { return unused; }

int main(void) {
    char *words[] = {"true", NULL};
    pid_t child;
    if (posix_spawn(&child, "/bin/true", NULL, NULL, words, environ) != 0)
        return 1;
    waitpid(child, NULL, 0);
    for (int number = FIRST; number <= LAST; number++)
        if (dup2(STDIN_FILENO, number) != number)
            return 2;
    for (int i = 0; i < 4; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, nothing, NULL);
        pthread_join(thread, NULL);
    }
    for (int number = FIRST; number <= LAST; number++)
        if (fcntl(number, F_GETFD) == -1)
            printf("%d is closed\n", number);
    puts("all open");
}

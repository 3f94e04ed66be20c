// Code that only a computed address leads to lies on a page of its own, with a constant that is read: it is run
// by many threads at once, by a child, and again when it has been protected anew (P5, P11, P38).
// Expect: exit 0, stdout "42: 16 calls, in a child -38, protected -38, unmapped 11"
// Record: 505 18 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// mov $505,%eax; syscall; ret, as words
__asm__(".text\n.balign 4096\ntable: .long 42, 0x0001f9b8, 0xc3050f00\n.balign 4096\n");
extern const unsigned table[3];

enum { THREADS = 16 };
static volatile uintptr_t distance = 4;
static pthread_barrier_t barrier;
static atomic_int calls;

static long hidden(void) {
    return (int)((long (*)(void))((uintptr_t)table + distance))();
}

static void *body(void *argument) {
    pthread_barrier_wait(&barrier);
    if (hidden() == -ENOSYS) calls++;
    return argument;
}

int main(int count, char **words) {
    (void)words;
    if (count > 1) { // waits for a line before it runs it, and for another after
        printf("%lx\n", (unsigned long)table);
        fflush(stdout);
        getchar();
        printf("%ld\n", hidden());
        fflush(stdout);
        getchar();
        return 0;
    }
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS);
    printf("%u: ", table[0]);
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, body, NULL);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    printf("%d calls, ", calls);
    fflush(stdout);
    if (fork() == 0) _exit(hidden() == -ENOSYS ? 38 : 1);
    int status;
    wait(&status);
    printf("in a child -%d, ", WEXITSTATUS(status));
    mprotect((void *)table, 4096, PROT_READ);
    mprotect((void *)table, 4096, PROT_READ | PROT_EXEC);
    printf("protected %ld, ", hidden());
    fflush(stdout);
    munmap((void *)table, 4096);
    if (fork() == 0) _exit(hidden() != 0);
    wait(&status);
    printf("unmapped %d\n", WTERMSIG(status));
    return 0;
}

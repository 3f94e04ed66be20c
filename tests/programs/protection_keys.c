// Handlers begin with the rights by protection keys that the kernel gives them, whatever the interrupted code has,
// which goes on with its own; memory that the rights forbid is as forbidden in calls (pkeys(7), P20). Where the
// processor has no keys, that is what the program says.
// Expect: exit 0
// Record: 502
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

enum { PAGE = 4096 };

static char *page;
static int key;
static sigjmp_buf out;

static unsigned rights(void) {
    unsigned value;
    __asm__ volatile("rdpkru" : "=a"(value) : "c"(0) : "edx");
    return value;
}

static void handler(int signal) { printf("[%d: rights %x]", signal, rights()); }

static void changes(int signal) {
    printf("[%d: rights %x]", signal, rights());
    pkey_set(key, 0);  // until it returns
    page[1]++;
}

static void faults(int signal, siginfo_t *info, void *context) {
    (void)context;
    int by_key = info->si_code == SEGV_PKUERR;
    printf("[%d: code %d, key %d, rights %x]", signal, info->si_code, by_key ? (int)info->si_pkey : -1, rights());
    siglongjmp(out, 1);
}

static void attempt(const char *what, unsigned denied) {
    pkey_set(key, denied);
    printf("%s:", what);
    raise(SIGUSR1);
    raise(SIGUSR2);
    printf(" rights %x;", rights());
    if (!sigsetjmp(out, 1)) printf(" read %d;", page[0]);
    pkey_set(key, denied);
    if (!sigsetjmp(out, 1)) page[0] = 1, printf(" written;");
    pkey_set(key, denied);
    int pipes[2];
    pipe(pipes);
    printf(" write %ld;", raw(SYS_write, pipes[1], page, 1));
    raw(SYS_write, pipes[1], "", 1);
    printf(" read %ld;", raw(SYS_read, pipes[0], page, 1));
    close(pipes[0]);
    close(pipes[1]);
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        printf(" child %x", rights());
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    puts("");
}

int main(void) {
    setvbuf(stdout, (char[PAGE]){0}, _IOFBF, PAGE);
    key = pkey_alloc(0, 0);
    if (key < 0) {
        printf("no keys: %s\n", strerror(errno));
        raw(502);
        return 0;
    }
    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pkey_mprotect(page, PAGE, PROT_READ | PROT_WRITE, key);
    struct sigaction action = {.sa_sigaction = faults, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    signal(SIGUSR1, handler);
    signal(SIGUSR2, changes);
    attempt("all", 0);
    attempt("no writing", PKEY_DISABLE_WRITE);
    attempt("nothing", PKEY_DISABLE_ACCESS);
    raw(502);
    return 0;
}

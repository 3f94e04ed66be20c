// A program's own Syscall User Dispatch refuses its calls before anybody sees them, by the range that they return to
// and by the selector; only in the thread that has asked for it; and what it cannot do without ends the process.
// Expect: exit 0, stdout "502: -38 0 signals\n502: 502 1 signals\nof the right place\n502: 999 2 signals\n70000: 70000 3 signals\ngetpid by int 0x80: 20 4 signals, of i386\nwithin the range: -38 4 signals\nonly the range, where the kernel can: right\nin the handler: 502 2 signals\na thread: -38\na child: -38\noff: -38 0 signals\nblocked: killed by 31\nignored: killed by 31\nodd selector: killed by 31\nno selector: killed by 11"
// Record: 502 5 times
// Build: gcc -O1 -pthread
// Build: gcc -O1 -pthread -static
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

enum { OFF, ON, INCLUSIVE_ON, I386 = 0x40000003, X86_64 = 0xc000003e };

static volatile char selector;
static volatile int signals, nested;
static long answer = -1; // what a handler has the call return
static siginfo_t last;
static char *after;

static long dispatch(long mode, char *from, char *to, volatile char *by) {
    return raw(SYS_prctl, 59 /* PR_SET_SYSCALL_USER_DISPATCH */, mode, from, to - from, by);
}

static void refused(int number, siginfo_t *info, void *context) {
    ucontext_t *ucontext = context;
    char was = selector;
    signals++;
    if (nested-- > 0) raw(502); // refused as well
    selector = 0;
    last = *info;
    after = (char *)ucontext->uc_mcontext.gregs[REG_RIP];
    if (answer != -1) ucontext->uc_mcontext.gregs[REG_RAX] = answer;
    if (nested >= 0) selector = was;
    (void)number;
}

// Refused if the selector says so.
static long call(long number) {
    selector = 1;
    long result = raw(number);
    selector = 0;
    return result;
}

// Always at the same place.
static __attribute__((noinline, noclone)) long call_502(void) {
    long result;
    __asm__ volatile("syscall\n.globl behind_502\nbehind_502:" : "=a"(result) : "a"(502) : "rcx", "r11", "memory");
    return result;
}
extern char behind_502[];

static void *in_thread(void *nothing) {
    selector = 1;
    long result = raw(502);
    selector = 0;
    printf("a thread: %ld\n", result);
    return nothing;
}

static void dies(const char *how, void (*act)(void)) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        act();
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    printf("%s: killed by %d\n", how, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void blocked(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGSYS);
    sigprocmask(SIG_BLOCK, &set, NULL);
    dispatch(ON, 0, 0, &selector);
    call(502);
}

static void ignored(void) {
    signal(SIGSYS, SIG_IGN);
    dispatch(ON, 0, 0, &selector);
    call(502);
}

static void odd_selector(void) {
    dispatch(ON, 0, 0, &selector);
    selector = 2;
    raw(502);
}

static void no_selector(void) {
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    dispatch(ON, 0, 0, page);
    munmap(page, 4096);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = refused, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSYS, &action, NULL);
    setvbuf(stdout, NULL, _IOFBF, 4096);
    dispatch(ON, 0, 0, &selector);
    printf("502: %ld %d signals\n", raw(502), signals);
    long result = call(502);
    printf("502: %ld %d signals\n", result, signals);
    int is_right = last.si_code == 2 /* SYS_USER_DISPATCH */ && last.si_call_addr == after && last.si_syscall == 502 &&
                   last.si_arch == X86_64 && last.si_errno == 0;
    puts(is_right ? "of the right place" : "of a wrong place");
    answer = 999;
    result = call(502);
    printf("502: %ld %d signals\n", result, signals);
    answer = -1;
    result = call(70000);
    printf("70000: %ld %d signals\n", result, signals);

    int result32;
    selector = 1;
    __asm__ volatile("int $0x80" : "=a"(result32) : "a"(20) : "memory");
    selector = 0;
    printf("getpid by int 0x80: %d %d signals, of %s\n", result32, signals, last.si_arch == I386 ? "i386" : "x86_64");

    dispatch(ON, behind_502, behind_502 + 1, &selector);
    selector = 1;
    result = call_502();
    selector = 0;
    printf("within the range: %ld %d signals\n", result, signals);

    selector = 1;
    int knows = dispatch(INCLUSIVE_ON, behind_502, behind_502 + 1, NULL) == 0;
    is_right = !knows || (call_502() == 502 && raw(503) == -38);
    dispatch(OFF, 0, 0, 0);
    selector = 0;
    printf("only the range, where the kernel can: %s\n", is_right ? "right" : "wrong");

    dispatch(ON, 0, 0, &selector);
    nested = 1;
    signals = 0;
    result = call(502);
    printf("in the handler: %ld %d signals\n", result, signals);

    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, NULL);
    pthread_join(thread, NULL);
    fflush(stdout);
    if (fork() == 0) {
        selector = 1;
        printf("a child: %ld\n", raw(502));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);

    dispatch(OFF, 0, 0, 0);
    signals = 0;
    result = call(502);
    printf("off: %ld %d signals\n", result, signals);

    dies("blocked", blocked);
    dies("ignored", ignored);
    dies("odd selector", odd_selector);
    dies("no selector", no_selector);
}

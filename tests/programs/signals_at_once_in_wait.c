// What a wait's mask blocks does not come before the wait is over, and does not keep what ends it from ending it;
// nor does what is ignored (P17, P19).
// Expect: exit 0, stdout "kept: -1 EINTR 1, still pending\nignored: -1 EINTR 1\nsigsuspend: a11v -1 EINTR\nppoll: 0 v"
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const uint64_t none, system_call = 1UL << (SIGSYS - 1), violation = 1UL << (SIGSEGV - 1);
static char order[16];
static int count;

// Which signal, and of a hangup's handler, whether SIGSEGV is blocked and pending.
static void note(int number) {
    uint64_t mask, pending;
    if (number == SIGSEGV)
        order[count++] = 'v';
    if (number != SIGHUP)
        return;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
    syscall(SYS_rt_sigpending, &pending, 8);
    order[count++] = 'a';
    order[count++] = '0' + !!(mask & violation);
    order[count++] = '0' + !!(pending & violation);
}

static void set_mask(uint64_t mask) { syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8); }

static long suspend(const uint64_t *mask) { return syscall(SYS_rt_sigsuspend, mask, 8); }

static void sleep_ms(long milliseconds) {
    struct timespec time = {0, milliseconds * 1000000};
    nanosleep(&time, NULL);
}

// A child that sends this process, which waits, the one signal and then, `later` or at once, the other.
static pid_t send_both(int first, int second, int later) {
    pid_t parent = getpid(), child = fork();
    if (child != 0)
        return child;
    sleep_ms(50);
    if (!later)
        kill(parent, SIGSTOP);
    syscall(SYS_tgkill, parent, parent, first);
    sleep_ms(20);
    if (second != 0)
        syscall(SYS_tgkill, parent, parent, second);
    kill(parent, SIGCONT);
    _exit(0);
}

static const char *end(long result) { return result == -1 && errno == EINTR ? "-1 EINTR" : "not interrupted"; }

static void wait_for(pid_t child) {
    waitpid(child, NULL, 0);
    memset(order, 0, sizeof order);
    count = 0;
}

int main(void) {
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGSYS, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);

    syscall(SYS_signalfd4, -1, &system_call, 8, 0); // it is the kernel that must know what waits
    set_mask(system_call);
    raise(SIGSYS);
    pid_t child = send_both(SIGHUP, 0, 1);
    uint64_t pending = 0;
    const char *how = end(suspend(&system_call));
    syscall(SYS_rt_sigpending, &pending, 8);
    printf("kept: %s %d, %s\n", how, order[0] == 'a', pending & system_call ? "still pending" : "gone");
    wait_for(child);

    signal(SIGSYS, SIG_IGN);
    set_mask(none);
    child = send_both(SIGHUP, SIGSYS, 0);
    how = end(suspend(&none));
    printf("ignored: %s %d\n", how, order[0] == 'a');
    wait_for(child);

    child = send_both(SIGSEGV, SIGHUP, 1);
    how = end(suspend(&violation));
    printf("sigsuspend: %s %s\n", order, how);
    wait_for(child);

    child = send_both(SIGSEGV, 0, 1);
    long result = syscall(SYS_ppoll, NULL, 0, &(struct timespec){0, 200000000}, &violation, 8);
    printf("ppoll: %ld %s\n", result, order);
    wait_for(child);
}

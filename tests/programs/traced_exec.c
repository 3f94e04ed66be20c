// A debugger in small: the program that its child executes stops before its first instruction, in place,
// with the registers of execve(2); a breakpoint set then is met (P26). An exec that fails leaves the
// child's mask as it was.
// Expect: exit 0
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -no-pie -static
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

int global = 42;
extern char _start[];

__attribute__((noinline)) int function(int argument) {
    __asm__ volatile("");
    return argument + global;
}

static void child(char *self) {
    char *words[] = {self, "debugged", NULL};
    sigset_t mask;
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv("/nonexistent", words);
    sigprocmask(SIG_SETMASK, NULL, &mask);
    if (sigismember(&mask, SIGTRAP)) _exit(99);
    execv(self, words);
    _exit(98);
}

static int stopped(int pid) {
    int status;
    waitpid(pid, &status, 0);
    if (WIFSTOPPED(status)) printf("stopped by %d\n", WSTOPSIG(status));
    else printf("exited %d, signal %d\n", WEXITSTATUS(status), WTERMSIG(status));
    return WIFSTOPPED(status);
}

int main(int argc, char **argv) {
    if (argc > 1) return function(argc);
    setvbuf(stdout, NULL, _IOLBF, 0);
    int pid = fork();
    struct user_regs_struct registers;
    if (pid == 0) child(argv[0]);
    if (!stopped(pid)) return 1;
    ptrace(PTRACE_GETREGS, pid, 0, &registers);
    printf("argc %ld, flags %#llx, rax %lld, rbx %lld, rbp %lld, rdi %lld\n",
           ptrace(PTRACE_PEEKDATA, pid, registers.rsp, 0), registers.eflags, registers.rax, registers.rbx,
           registers.rbp, registers.rdi);
    if (registers.rip == (unsigned long)_start) printf("at its entry\n"); // only without an ld.so
    printf("global %d\n", (int)ptrace(PTRACE_PEEKDATA, pid, &global, 0));

    long code = ptrace(PTRACE_PEEKTEXT, pid, function, 0);
    ptrace(PTRACE_POKETEXT, pid, function, (code & ~0xffL) | 0xcc);
    ptrace(PTRACE_CONT, pid, 0, 0);
    if (!stopped(pid)) return 1;
    ptrace(PTRACE_GETREGS, pid, 0, &registers);
    printf("%lld behind the function, argument %lld\n", registers.rip - (unsigned long)function, registers.rdi);
    ptrace(PTRACE_POKETEXT, pid, function, code);
    registers.rip--;
    ptrace(PTRACE_SETREGS, pid, 0, &registers);
    ptrace(PTRACE_CONT, pid, 0, 0);
    return stopped(pid);
}

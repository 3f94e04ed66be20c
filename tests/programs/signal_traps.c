// SIGILL, SIGTRAP, SIGFPE, SIGSEGV, SIGBUS and SIGSYS of the program's own reach its handlers with
// its own addresses (P19).
// Expect: exit 0
// Record: 502 6 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

static sigjmp_buf back;

extern char illegal[], breakpoint[], division[], forbidden[];

static void handler(int signal, siginfo_t *info, void *context) {
    long rip = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    printf("signal %d, code %d, at: illegal %d, behind int3 %d, division %d\n", signal, info->si_code,
           rip == (long)illegal, rip == (long)breakpoint + 1, rip == (long)division);
    if (signal == SIGILL || signal == SIGFPE) printf("  address is rip %d\n", (long)info->si_addr == rip);
    if (signal == SIGSYS)
        printf("  call %d, arch %x, errno %d, address is behind %d, rip too %d, rax %lld\n", info->si_syscall,
               info->si_arch, info->si_errno, info->si_call_addr == (void *)(forbidden + 2),
               rip == (long)forbidden + 2, ((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX]);
    raw(502);
    siglongjmp(back, 1);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    int signals[] = {SIGILL, SIGTRAP, SIGFPE, SIGSEGV, SIGBUS, SIGSYS};
    for (int i = 0; i < 6; i++) sigaction(signals[i], &action, NULL);
    if (!sigsetjmp(back, 1)) __asm__ volatile("illegal: ud2");
    if (!sigsetjmp(back, 1)) __asm__ volatile("breakpoint: int3");
    if (!sigsetjmp(back, 1))
        __asm__ volatile("xor %%ecx, %%ecx\n division: idivl %%ecx" : : : "eax", "ecx", "edx");
    if (!sigsetjmp(back, 1)) *(volatile int *)8 = 1;
    int file = open("empty", O_RDWR | O_CREAT, 0600);
    volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    if (!sigsetjmp(back, 1)) (void)*page;
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP | 9),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    raw(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
    if (!sigsetjmp(back, 1))
        __asm__ volatile("mov $110, %%eax\n forbidden: syscall" : : : "rax", "rcx", "r11", "memory");
}

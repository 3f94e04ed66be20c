// A 64-bit program runs 32-bit code, by a far call: signals and faults that find it there enter handlers in
// 64-bit mode, which see where it was, and return to it; also on a stack segment of the program's own. Calls
// that it makes by int 0x80 return to it, and signals during one (P17).
// Expect: exit 0
// Record: 502 once, getpid 4 times
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -no-pie -static
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <unistd.h>
#include "parts/raw.h"

extern const char faulting[], waiting[], waited[], calling[], pausing[], paused[];
static char stack[4096] __attribute__((aligned(16)));
static volatile int timer_came;
static struct {
    int number, code;
    long place, cs, ss, own_cs, own_ss;
} seen[10];
static int count;

static void look(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    long place = registers[REG_RIP], cs, ss;
    __asm__("mov %%cs, %0\n mov %%ss, %1" : "=r"(cs), "=r"(ss));
    if (number == SIGALRM) {
        if (place != (long)paused && (place < (long)waiting || place > (long)waited)) return;
        timer_came = 1;
        raw(SYS_setitimer, ITIMER_REAL, &(struct itimerval){0}, 0);
    } else if (count < 10) {
        seen[count].number = number;
        seen[count].code = info->si_code;
        seen[count].place = place - (long)faulting;
        seen[count].cs = registers[REG_CSGSFS] & 0xffff;
        seen[count].ss = registers[REG_CSGSFS] >> 48;
        seen[count].own_cs = cs;
        seen[count++].own_ss = ss;
    }
    if (number == SIGSEGV) registers[REG_RIP] += 1; // hlt
    if (number == SIGILL) registers[REG_RIP] += 2;  // ud2
}

// Calls `code`, 32-bit, on a stack of its own in the segment `ss`.
static int call(const void *code, unsigned ss) {
    int result;
    static struct {
        unsigned offset;
        unsigned short segment;
    } target = {.segment = 0x23};
    target.offset = (unsigned)(long)code;
    __asm__ volatile("mov %%rsp, %%rbx\n mov %%ss, %%r12d\n"
                     "mov %3, %%rsp\n mov %2, %%ss\n"
                     "lcall *%1\n"
                     "mov %%r12d, %%ss\n mov %%rbx, %%rsp"
                     : "=&a"(result) : "m"(target), "r"(ss), "r"(stack + sizeof stack)
                     : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
                       "memory", "cc");
    return result;
}

__asm__(".text\n .code32\n"
        "faulting: int3\n hlt\n ud2\n lret\n"
        "waiting: cmpl $0, %cs:timer_came\n je waiting\n"
        "waited: lret\n"
        "calling: mov $20, %eax\n int $0x80\n lret\n" // getpid
        "pausing: mov $29, %eax\n int $0x80\n"
        "paused: lret\n"
        ".code64\n");

int main(void) {
    struct sigaction action = {.sa_sigaction = look, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    static char alternate[16384];
    sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = sizeof alternate}, NULL);
    const int signals[] = {SIGTRAP, SIGSEGV, SIGILL, SIGALRM};
    for (int i = 0; i < 4; i++) sigaction(signals[i], &action, NULL);

    raw(502);
    call(faulting, 0x2b);
    struct user_desc segment = {.limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1};
    printf("segment %ld\n", raw(SYS_modify_ldt, 1, &segment, sizeof segment));
    call(faulting, 7);
    for (int i = 0; i < count; i++)
        printf("signal %d code %d at %ld cs %#lx ss %#lx, in handler cs %#lx ss %#lx\n", seen[i].number,
               seen[i].code, seen[i].place, seen[i].cs, seen[i].ss, seen[i].own_cs, seen[i].own_ss);

    struct itimerval often = {.it_interval.tv_usec = 1000, .it_value.tv_usec = 1000};
    setitimer(ITIMER_REAL, &often, NULL);
    call(waiting, 0x2b);
    printf("timer %d\n", timer_came);

    printf("calls %d", call(calling, 0x2b) == getpid());
    printf(" %d\n", call(calling, 7) == getpid());
    timer_came = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    printf("pause %d", call(pausing, 0x2b));
    printf(" timer %d\n", timer_came);
    return 0;
}

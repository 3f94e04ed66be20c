// Restartable sequences that end right before a call, or begin right behind one: a signal that comes within
// aborts them, so that nothing the handler has counted meanwhile is lost (P28).
// Expect: exit 0, stdout "end before a call: lost 0, begin behind one: lost 0"
// Record: timer_settime, getppid
// Limit: 60 s
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/rseq.h>
#include <time.h>

// What the sequences and the handler count in.
static volatile int counter, signals;

static void handler(int signal) {
    (void)signal;
    counter++;
    signals++;
}

// A description of the sequence from 1 to 2, at 9; aborted, it begins anew at 3.
#define DESCRIBED                         \
    ".pushsection .data, \"aw\"\n"       \
    ".balign 32\n"                        \
    "9: .long 0, 0\n"                     \
    ".quad 1f, 2f - 1f, 4f\n"             \
    ".popsection\n"                       \
    ".pushsection .text.aborted, \"ax\"\n" \
    ".long 0x53053053\n"                  \
    "4: jmp 3f\n"                         \
    ".popsection\n"                       \
    "3: mov $9b, %%esi\n"

// Instructions are short, so that a jump in the call's place covers several; a pause is when signals come.
__attribute__((noinline)) static void ends_before(struct rseq *area) {
    __asm__ volatile(DESCRIBED
                     "mov $110, %%eax\n"
                     "mov %1, %%rcx\n"
                     "mov %%rsi, (%0)\n"
                     "1: mov (%%rcx), %%edx\n"
                     "inc %%edx\n"
                     "pause\n"
                     "mov %%edx, (%%rcx)\n"
                     "2: syscall\n" ::"D"(&area->rseq_cs),
                     "b"(&counter)
                     : "rax", "rcx", "rdx", "rsi", "r11", "memory");
}

// A call's number that comes from elsewhere: nothing in front of the call can be moved.
__asm__("number: mov $110, %eax\n ret\n");

__attribute__((noinline)) static void begins_behind(struct rseq *area) {
    __asm__ volatile(DESCRIBED
                     "call number\n"
                     "syscall\n"
                     "mov %%esi, (%0)\n" // half of it: the program lies below 4 GiB
                     "1: pause\n"
                     "mov (%1), %%edx\n"
                     "inc %%edx\n"
                     ".rept 30\n"
                     "pause\n"
                     ".endr\n"
                     "mov %%edx, (%1)\n"
                     "2:\n" ::"D"(&area->rseq_cs),
                     "b"(&counter)
                     : "rax", "rcx", "rdx", "rsi", "r11", "memory");
}

static int lost(void (*sequence)(struct rseq *), struct rseq *area) {
    int rounds = 0;
    counter = signals = 0;
    while (signals < 4000) {
        sequence(area);
        rounds++;
    }
    area->rseq_cs = 0;
    return rounds + signals - counter;
}

int main(void) {
    struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
    struct itimerspec often = {{0, 100000}, {0, 100000}}, never = {{0, 0}, {0, 0}};
    timer_t timer;
    signal(SIGALRM, handler);
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    timer_settime(timer, 0, &often, NULL);
    int before = lost(ends_before, area), behind = lost(begins_behind, area);
    timer_settime(timer, 0, &never, NULL);
    printf("end before a call: lost %d, begin behind one: lost %d\n", before, behind);
}

// Waits in a system call while another thread makes code. A handler says where a signal came, relative to the
// instruction behind the call.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

extern char behind[];
static const struct timespec time_out = {1, 0};
static unsigned long rip, rcx;
static long rax = -1, result = -1;

static void handler(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    const long long *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    rip = registers[REG_RIP], rcx = registers[REG_RCX], rax = registers[REG_RAX];
}

static void *body(void *argument) {
    __asm__ volatile("mov $35, %%eax\n" // nanosleep
                     "lea %1, %%rdi\n"
                     "xor %%esi, %%esi\n"
                     "syscall\n"
                     ".globl behind\n"
                     "behind: mov %%rax, %0\n"
                     "nop\n"
                     "nop\n"
                     : "=m"(result)
                     : "m"(time_out)
                     : "rax", "rdi", "rsi", "rcx", "r11", "memory");
    return argument;
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, body, NULL);
    usleep(300000);
    mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_join(thread, NULL);
    unsigned long here = (unsigned long)behind;
    printf("rip %ld, rcx %ld, rax %ld; then %ld\n", rip - here, rcx - here, rax, result);
    return 0;
}

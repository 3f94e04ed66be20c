// One system call, over and over, for a debugger that sends signals while it is made (P20).
//
//     stepped SITE CALL [restart] [unusual] [ignored] [blocked]
//
// A SIGTRAP says in rdi where the `struct labels` is. Then, for ever: the debugger's breakpoint at
// `start`, the registers of the call, the call, the breakpoint at `end`, and at the next `start` the text
// in `report` says what the program has seen: each signal with its place and registers, the call's
// result, its effect.
// A signal's handler gives what the call would wait for, once each time, so that no call waits for ever
// and that what was given is either taken by the call or left over.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

// ---- The site -----------------------------------------------------------------------------------

struct registers {
    long rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15, flags;
    long xmm[32];
};

// The stack pointer of the call is the address of this; what lies below is stack as usual.
struct frame {
    struct registers in, out;
    long stack, padding;
};

#define XMM(act, base)                                                                                 \
    act(0, base) act(1, base) act(2, base) act(3, base) act(4, base) act(5, base) act(6, base)         \
    act(7, base) act(8, base) act(9, base) act(10, base) act(11, base) act(12, base) act(13, base)     \
    act(14, base) act(15, base)
#define LOAD(n, base) "movaps " base "+16*" #n "(%rsp), %xmm" #n "\n"
#define STORE(n, base) "movaps %xmm" #n ", " base "+16*" #n "(%rsp)\n"

// Position-independent, so that a copy runs anywhere. `before` and `after` are instructions without
// effect around the call, which decide how it can be patched.
#define SITE(name, before, after)                                                                      \
    __asm__(".text\n.balign 64\n.type " #name ", @function\n" #name ":\n"                              \
            "push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\n"                       \
            "mov %rsp, 768(%rdi)\n"                                                                    \
            "mov %rdi, %rsp\n"                                                                         \
            #name "_start: nop\n"                                                                     \
            XMM(LOAD, "128")                                                                           \
            "mov 8(%rsp), %rbx\nmov 16(%rsp), %rcx\nmov 24(%rsp), %rdx\nmov 32(%rsp), %rsi\n"          \
            "mov 40(%rsp), %rdi\nmov 48(%rsp), %rbp\nmov 56(%rsp), %r8\nmov 64(%rsp), %r9\n"           \
            "mov 72(%rsp), %r10\nmov 80(%rsp), %r11\nmov 88(%rsp), %r12\nmov 96(%rsp), %r13\n"         \
            "mov 104(%rsp), %r14\nmov 112(%rsp), %r15\n"                                               \
            "pushq 120(%rsp)\npopfq\n"                                                                 \
            "mov (%rsp), %rax\n"                                                                       \
            before                                                                                     \
            #name "_site: syscall\n"                                                                   \
            #name "_behind:\n"                                                                         \
            after                                                                                      \
            "mov %rax, 384(%rsp)\n"                                                                    \
            #name "_end: nop\n"                                                                       \
            "mov %rbx, 392(%rsp)\nmov %rcx, 400(%rsp)\nmov %rdx, 408(%rsp)\nmov %rsi, 416(%rsp)\n"     \
            "mov %rdi, 424(%rsp)\nmov %rbp, 432(%rsp)\nmov %r8, 440(%rsp)\nmov %r9, 448(%rsp)\n"       \
            "mov %r10, 456(%rsp)\nmov %r11, 464(%rsp)\nmov %r12, 472(%rsp)\nmov %r13, 480(%rsp)\n"     \
            "mov %r14, 488(%rsp)\nmov %r15, 496(%rsp)\n"                                               \
            "pushfq\npopq 504(%rsp)\ncld\n"                                                            \
            XMM(STORE, "512")                                                                          \
            "mov 768(%rsp), %rsp\n"                                                                    \
            "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbp\npop %rbx\nret\n"                        \
            #name "_code_end:\n.size " #name ", .-" #name "\n");                                       \
    extern void name(struct frame *);                                                                  \
    extern char name##_start[], name##_site[], name##_behind[], name##_end[], name##_code_end[];

SITE(plain, "", "")
// No patch reaches this one: a jump that cannot be moved before it and behind it, and bytes behind it
// that as the high half of a displacement lead nowhere.
SITE(lonely, ".byte 0xe3, 0\n", ".byte 0xe3, 0, 0x70, 0\n")

extern char __executable_start[], etext[];

// What the debugger is told.
static struct labels {
    char *start, *site, *behind, *end, *report;
} labels;
static void (*call_site)(struct frame *);

static void choose_site(const char *kind) {
    if (!strcmp(kind, "lonely")) {
        labels = (struct labels){lonely_start, lonely_site, lonely_behind, lonely_end, NULL};
        call_site = lonely;
        return;
    }
    labels = (struct labels){plain_start, plain_site, plain_behind, plain_end, NULL};
    call_site = plain;
}

// ---- What the program has seen ------------------------------------------------------------------

static char report[4096];
static int reported;

static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    reported += vsnprintf(report + reported, sizeof report - reported, format, arguments);
    va_end(arguments);
}

static char stack[1 << 18] __attribute__((aligned(4096)));
#define frame ((struct frame *)(stack + sizeof stack - 4096))
static const long red = 0x7265647a6f6e6521;

// A signal, as its handler saw it.
struct seen {
    int number, code, value, later;
    long rip, rsp, mask, flags, registers[15];
    long xmm[32];
};
static struct seen all_seen[16];
static volatile int count;
static volatile int given, asked;
static void (*give)(void);

static void handler(int signal, siginfo_t *info, void *context) {
    static const int order[15] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP, REG_R8,
                                  REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    ucontext_t *from = context;
    struct seen *seen = &all_seen[__atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST) % 16];
    seen->number = signal;
    seen->code = info->si_code;
    seen->later = !asked;
    seen->value = info->si_value.sival_int;
    seen->rip = from->uc_mcontext.gregs[REG_RIP];
    seen->rsp = from->uc_mcontext.gregs[REG_RSP];
    seen->flags = from->uc_mcontext.gregs[REG_EFL];
    seen->mask = *(long *)&from->uc_sigmask;
    for (int i = 0; i < 15; i++) seen->registers[i] = from->uc_mcontext.gregs[order[i]];
    long *xmm = (long *)from->uc_mcontext.fpregs->_xmm;
    for (int i = 0; i < 32; i++) seen->xmm[i] = xmm[i];
    // None of the program's vectors may be those of the handler afterwards.
    __asm__ volatile("pcmpeqd %%xmm0, %%xmm0\npcmpeqd %%xmm7, %%xmm7\npcmpeqd %%xmm15, %%xmm15" ::
                         : "xmm0", "xmm7", "xmm15");
    if (give && asked) give();
}

// Names of registers that differ.
static void say_registers(const long *seen, const long *wanted, int result_matters) {
    static const char *const names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
                                        "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
    for (int i = 0; i < 15; i++)
        if (seen[i] != wanted[i] && i != 2 && i != 10 && (i != 0 || result_matters))
            say(" %s %lx", names[i], seen[i]);
}

static void say_vectors(const long *seen, const long *wanted) {
    for (int i = 0; i < 32; i++)
        if (seen[i] != wanted[i]) say(" xmm%d %lx", i / 2, seen[i]);
}

#define SHOWN_FLAGS 0x200cd5L // ID OF DF SF ZF AF PF CF

static void say_signals(void) {
    for (int i = 0; i < count && i < 16; i++) {
        struct seen *seen = &all_seen[i];
        const long *in = &frame->in.rax;
        long wanted[15];
        memcpy(wanted, in, sizeof wanted);
        say("signal %d code %d", seen->number, seen->code);
        if (seen->code == SI_QUEUE) say(" value %d", seen->value);
        long site = (long)labels.site, behind = (long)labels.behind;
        if (seen->later) {
            say(" later");
        } else if (seen->rip == site) {
            say(" at the site");
            say_registers(seen->registers, in, 1);
            // What `syscall` clobbers is either as before it or as behind it.
            int before = seen->registers[2] == in[2] && seen->registers[10] == in[10];
            int after = seen->registers[2] == behind &&
                        (seen->registers[10] & SHOWN_FLAGS) == (in[15] & SHOWN_FLAGS);
            if (!before && !after) say(" rcx %lx r11 %lx", seen->registers[2], seen->registers[10]);
        } else if (seen->rip >= behind && seen->rip <= (long)labels.end) {
            say(" behind the site");
            say_registers(seen->registers, in, 0);
            long result = seen->registers[0];
            if (result != frame->out.rax) say(" rax %ld", result);
            if (seen->registers[2] != behind) say(" rcx %lx", seen->registers[2]);
            if ((seen->registers[10] & SHOWN_FLAGS) != (in[15] & SHOWN_FLAGS)) say(" r11 %lx", seen->registers[10]);
        } else if (seen->rip >= (long)labels.start && seen->rip < site) {
            say(" at the site"); // nothing has happened yet: the same to everybody else
        } else if (seen->rip >= (long)__executable_start && seen->rip < (long)etext &&
                   seen->rsp > (long)stack && seen->rsp <= (long)(stack + sizeof stack)) {
            say(" in the program"); // in a handler
        } else {
            say(" nowhere: rip %lx rsp %lx", seen->rip, seen->rsp);
        }
        if (seen->rip >= site && seen->rip <= (long)labels.end) {
            if (seen->rsp != (long)frame) say(" rsp %lx", seen->rsp);
            if ((seen->flags & SHOWN_FLAGS) != (in[15] & SHOWN_FLAGS)) say(" flags %lx", seen->flags);
            if (seen->flags & 0x100) say(" trap flag");
            say_vectors(seen->xmm, frame->in.xmm);
        }
        if (seen->mask) say(" mask %lx", seen->mask);
        say("; ");
    }
}

// ---- Calls ----------------------------------------------------------------------------------------

static int ends[2], listener, file;
static unsigned word;
static struct timespec duration;
static struct sockaddr_un own = {AF_UNIX, ""};
static unsigned long set, old_set;
static char byte;
static long page;

static long call(long number, long a, long b, long c, long d, long e, long f) {
    return syscall(number, a, b, c, d, e, f);
}
static void ask(long number, long a, long b, long c, long d) {
    frame->in.rax = number;
    frame->in.rdi = a;
    frame->in.rsi = b;
    frame->in.rdx = c;
    frame->in.r10 = d;
}
static int left_in_pipe(void) {
    int left;
    ioctl(ends[0], FIONREAD, &left);
    for (int i = 0; i < left; i++) read(ends[0], &byte, 1);
    return left;
}

// A handler may interrupt another.
static void one_more(void) { __atomic_fetch_add(&given, 1, __ATOMIC_SEQ_CST); }
static void give_byte(void) { one_more(), syscall(SYS_write, ends[1], "x", 1); }
static void give_time(void) { one_more(), duration = (struct timespec){0, 0}; }
static void give_word(void) { one_more(), word = 1; }
static void give_client(void) {
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    connect(client, (struct sockaddr *)&own, sizeof(sa_family_t) + 1 + strlen(own.sun_path + 1));
    close(client);
    one_more();
}

static void ask_getpid(void) { ask(SYS_getpid, 0, 0, 0, 0); }
static void end_getpid(long result) { say("result %d", result == getpid()); }

static void ask_write(void) { ask(SYS_write, ends[1], (long)"y", 1, 0); }
static void end_write(long result) { say("result %ld, written %d", result, left_in_pipe()); }

static void ask_lseek(void) {
    lseek(file, 7, SEEK_SET);
    ask(SYS_lseek, file, 1, SEEK_CUR, 0);
}
static void end_lseek(long result) { say("result %ld, at %ld", result, (long)lseek(file, 0, SEEK_CUR)); }

static void ask_read(void) { ask(SYS_read, ends[0], (long)&byte, 1, 0); }
static void ask_read_ready(void) { give_byte(), ask_read(); }
static void end_read(long result) {
    int all = given, left = left_in_pipe();
    say("result %ld, %s", result, all - left == (result == 1) ? "none lost" : "LOST OR TAKEN TWICE");
}

static void ask_nanosleep(void) {
    duration.tv_sec = 1000;
    ask(SYS_nanosleep, (long)&duration, 0, 0, 0);
}
static void end_result(long result) { say("result %ld", result); }

static void ask_futex(void) {
    word = 0;
    ask(SYS_futex, (long)&word, FUTEX_WAIT_PRIVATE, 0, 0);
}
static void ask_futex_ready(void) { ask_futex(), give_word(); }

static void ask_poll(void) {
    static struct pollfd one;
    one = (struct pollfd){.fd = ends[0], .events = POLLIN};
    ask(SYS_poll, (long)&one, 1, -1, 0);
}
static void ask_poll_ready(void) { give_byte(), ask_poll(); }
static void end_poll(long result) { say("result %ld, left %d", result, left_in_pipe() == given); }

static void ask_accept(void) { ask(SYS_accept, listener, 0, 0, 0); }
static void ask_accept_ready(void) { give_client(), ask_accept(); }
static void end_accept(long result) {
    int left = 0;
    struct pollfd one = {.fd = listener, .events = POLLIN};
    while (poll(&one, 1, 0) == 1) close(accept(listener, NULL, NULL)), left++;
    if (result >= 0) close(result);
    say("result %ld, %s", result < 0 ? result : 0, given - left == (result >= 0) ? "none lost" : "LOST OR TAKEN TWICE");
}

// ---- Calls that the runtime sees itself -----------------------------------------------------------

static void ask_mask(void) {
    set = 1ul << (SIGUSR2 - 1) | 1ul << (SIGBUS - 1);
    old_set = 0;
    ask(SYS_rt_sigprocmask, SIG_BLOCK, (long)&set, (long)&old_set, 8);
}
static void end_mask(long result) {
    unsigned long now = 0;
    call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&(unsigned long){0}, (long)&now, 8, 0, 0);
    say("result %ld, old %lx, now %lx", result, old_set, now);
}

static void nothing(int signal) { (void)signal; }
static struct {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask;
} action, old_action;
static void ask_action(void) {
    action.handler = (void *)SIG_IGN;
    old_action.handler = (void *)1;
    signal(SIGUSR2, SIG_DFL);
    ask(SYS_rt_sigaction, SIGUSR2, (long)&action, (long)&old_action, 8);
}
static void end_action(long result) {
    say("result %ld, old %d, now %d", result, old_action.handler == SIG_DFL, signal(SIGUSR2, nothing) == SIG_IGN);
}

static stack_t alternate, old_alternate;
static void ask_alternate(void) {
    static char other[1 << 16];
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    alternate = (stack_t){.ss_sp = other, .ss_size = sizeof other};
    ask(SYS_sigaltstack, (long)&alternate, (long)&old_alternate, 0, 0);
}
static void end_alternate(long result) {
    stack_t now, none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, &now);
    say("result %ld, old %d, now %d", result, old_alternate.ss_flags, now.ss_sp == alternate.ss_sp);
}

// Waits under a mask that lets through what is blocked otherwise.
static void ask_ppoll(void) {
    static unsigned long blocked;
    static struct pollfd one;
    static struct timespec limit;
    blocked = 1ul << (SIGUSR1 - 1) | 1ul << (SIGSEGV - 1);
    call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&blocked, 0, 8, 0, 0);
    set = 0;
    limit = (struct timespec){1000, 0};
    one = (struct pollfd){.fd = ends[0], .events = POLLIN};
    ask(SYS_ppoll, (long)&one, 1, (long)&limit, (long)&set);
    frame->in.r8 = 8;
}
static void end_ppoll(long result) {
    unsigned long now = 0;
    int then = count; // what comes only now was not delivered by the call
    call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&(unsigned long){0}, (long)&now, 8, 0, 0);
    say("result %ld, %d signals, mask %lx, later %d, left %d", result, then, now, count - then, left_in_pipe() == given);
}
static void ask_ppoll_ready(void) { give_byte(), ask_ppoll(); }

static void ask_sigsuspend(void) {
    ask_ppoll();
    ask(SYS_rt_sigsuspend, (long)&set, 8, 0, 0);
}

static void ask_kill(void) {
    struct sigaction now = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR2, &now, NULL);
    ask(SYS_tgkill, getpid(), gettid(), SIGUSR2, 0);
}

static void ask_mmap(void) {
    ask(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS);
    frame->in.r8 = -1;
    frame->in.r9 = 0;
}
static void end_mmap(long result) { say("result %d", result > 0 && !munmap((void *)result, 4096)); }

static void ask_munmap(void) {
    page = (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ask(SYS_munmap, page, 4096, 0, 0);
}
static void end_munmap(long result) {
    unsigned char there;
    say("result %ld, there %d", result, !mincore((void *)page, 4096, &there));
}

static void ask_dup2(void) { ask(SYS_dup2, ends[0], 100, 0, 0); }
static void end_dup2(long result) { say("result %ld, closed %d", result, close(100)); }

static void ask_close(void) {
    dup2(ends[0], 100);
    ask(SYS_close, 100, 0, 0, 0);
}
static void end_close(long result) { say("result %ld, still %d", result, fcntl(100, F_GETFD)); }

static void ask_open(void) { ask(SYS_openat, AT_FDCWD, (long)"/proc/self/exe", O_RDONLY, 0); }
static void end_open(long result) { say("result %d", result > 0 && !close(result)); }

static void ask_fork(void) { ask(SYS_fork, 0, 0, 0, 0); }
static void end_fork(long result) {
    int children = 0;
    while (wait(NULL) > 0) children++;
    say("result %d, children %d", result > 0, children);
}

static void ask_exec(void) {
    static char *none[] = {NULL};
    ask(SYS_execve, (long)"/nowhere", (long)none, (long)none, 0);
}

// The last one.
static void ask_exit(void) { ask(SYS_exit_group, 7, 0, 0, 0); }

static struct {
    const char *name;
    void (*ask)(void);
    void (*end)(long);
    void (*give)(void);
} calls[] = {
    {"getpid", ask_getpid, end_getpid, NULL},
    {"write", ask_write, end_write, NULL},
    {"lseek", ask_lseek, end_lseek, NULL},
    {"read", ask_read, end_read, give_byte},
    {"read-ready", ask_read_ready, end_read, give_byte},
    {"nanosleep", ask_nanosleep, end_result, give_time},
    {"futex", ask_futex, end_result, give_word},
    {"futex-ready", ask_futex_ready, end_result, give_word},
    {"poll", ask_poll, end_poll, give_byte},
    {"poll-ready", ask_poll_ready, end_poll, give_byte},
    {"accept", ask_accept, end_accept, give_client},
    {"accept-ready", ask_accept_ready, end_accept, give_client},
    {"rt_sigprocmask", ask_mask, end_mask, NULL},
    {"rt_sigaction", ask_action, end_action, NULL},
    {"sigaltstack", ask_alternate, end_alternate, NULL},
    {"ppoll", ask_ppoll, end_ppoll, give_byte},
    {"ppoll-ready", ask_ppoll_ready, end_ppoll, give_byte},
    {"rt_sigsuspend", ask_sigsuspend, end_ppoll, give_byte},
    {"tgkill", ask_kill, end_result, NULL},
    {"mmap", ask_mmap, end_mmap, NULL},
    {"munmap", ask_munmap, end_munmap, NULL},
    {"dup2", ask_dup2, end_dup2, NULL},
    {"close", ask_close, end_close, NULL},
    {"openat", ask_open, end_open, NULL},
    {"fork", ask_fork, end_fork, NULL},
    {"execve", ask_exec, end_result, NULL},
    {"exit_group", ask_exit, end_result, NULL},
};

// Not in `main`: what follows an `int3` may be no code.
static __attribute__((noinline)) void tell(struct labels *where) {
    __asm__ volatile("int3" : : "D"(where) : "memory");
}

// ---- The loop -------------------------------------------------------------------------------------

int main(int argc, char **argv) {
    int self = getpid(), restart = 0, unusual = 0, ignored = 0, blocked = 0, index = -1;
    choose_site(argv[1]);
    for (int i = 0; i < (int)(sizeof calls / sizeof *calls); i++)
        if (!strcmp(calls[i].name, argv[2])) index = i;
    if (index < 0) return 1;
    for (int i = 3; i < argc; i++) {
        restart |= !strcmp(argv[i], "restart");
        unusual |= !strcmp(argv[i], "unusual");
        ignored |= !strcmp(argv[i], "ignored");
        blocked |= !strcmp(argv[i], "blocked");
    }
    struct sigaction now = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | (restart ? SA_RESTART : 0)};
    sigaction(SIGUSR1, &now, NULL);
    sigaction(SIGSEGV, &now, NULL);
    sigaction(SIGRTMIN, &now, NULL);
    if (ignored) signal(SIGSEGV, SIG_IGN);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    pipe(ends);
    file = memfd_create("file", 0);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    sprintf(own.sun_path + 1, "ld-systrap-stepped-%d", getpid());
    bind(listener, (struct sockaddr *)&own, sizeof(sa_family_t) + 1 + strlen(own.sun_path + 1));
    listen(listener, 100);
    labels.report = report;
    tell(&labels);
    for (;;) {
        for (int i = 0; i < 15; i++) (&frame->in.rax)[i] = 0x0101010101010101 * (i + 1);
        for (int i = 0; i < 32; i++) frame->in.xmm[i] = 0x0023456789abcdef * (i + 3);
        frame->in.flags = unusual ? 0x2004c7 : 0x8d7; // DF and ID, or CF PF AF ZF SF OF
        for (int i = 2; i <= 16; i++) ((long *)frame)[-i] = red + i; // flags are loaded through -8
        count = given = 0;
        frame->out.rax = 0;
        give = calls[index].give;
        calls[index].ask();
        if (blocked) {
            unsigned long segv = 1ul << (SIGSEGV - 1);
            call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&segv, 0, 8, 0, 0);
        }
        asked = 1;
        call_site(frame);
        asked = 0;
        if (getpid() != self) _exit(0); // unless the breakpoint at `end` has ended it
        reported = 0;
        int touched = 0;
        for (int i = 2; i <= 16; i++) touched |= ((long *)frame)[-i] != red + i;
        calls[index].end(frame->out.rax);
        if (blocked) {
            int then = count;
            call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&(unsigned long){0}, 0, 8, 0, 0);
            say(", then %d more", count - then);
            count = then;
        }
        say("; ");
        if (touched) say("red zone touched ");
        say_registers(&frame->out.rax, &frame->in.rax, 0);
        if ((frame->out.flags & SHOWN_FLAGS) != (frame->in.flags & SHOWN_FLAGS)) say(" flags %lx", frame->out.flags);
        if (frame->out.rcx != (long)labels.behind) say(" rcx %lx", frame->out.rcx);
        if ((frame->out.r11 & SHOWN_FLAGS) != (frame->in.flags & SHOWN_FLAGS)) say(" r11 %lx", frame->out.r11);
        say_vectors(frame->out.xmm, frame->in.xmm);
        say_signals();
    }
}

// Calls that the runtime looks at, with arguments that make no sense: errors are as natively (P34).
// Expect: exit 0
// Build: gcc -O1
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

#define SHOW(call) printf("%-60s %ld\n", #call, (long)(call))

int main(void) {
    char *page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(raw(SYS_mmap, 0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    SHOW(raw(SYS_mmap, 0, 4096, PROT_READ, 0, -1, 0));
    SHOW(raw(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE, -1, 0));
    SHOW(raw(SYS_mmap, 0, 4096, PROT_EXEC, MAP_PRIVATE, 1000, 0));
    SHOW(raw(SYS_mmap, page + 1, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    SHOW(raw(SYS_mmap, page, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    SHOW(raw(SYS_mmap, 0, -4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    SHOW(raw(SYS_mmap, -4096, 8192, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    SHOW(raw(SYS_mprotect, page + 1, 4096, PROT_EXEC));
    SHOW(raw(SYS_mprotect, 4096, 4096, PROT_EXEC));
    SHOW(raw(SYS_mprotect, page, 0, PROT_EXEC));
    SHOW(raw(SYS_mprotect, page, 4096, 0x100));
    SHOW(raw(SYS_mprotect, page, 4096, PROT_READ | PROT_GROWSUP));
    SHOW(raw(SYS_pkey_mprotect, page, 4096, PROT_EXEC, 99));
    SHOW(raw(SYS_munmap, page + 1, 4096));
    SHOW(raw(SYS_munmap, page, 0));
    SHOW(raw(SYS_munmap, 0, -4096));
    SHOW(raw(SYS_mremap, page + 1, 4096, 8192, 0, 0));
    SHOW(raw(SYS_mremap, 4096, 4096, 8192, MREMAP_MAYMOVE, 0));
    SHOW(raw(SYS_mremap, page, 4096, 8192, 0x100, 0));
    SHOW(raw(SYS_mremap, page, 4096, 0, 0, 0));
    SHOW(raw(SYS_brk, 1) == raw(SYS_brk, 0));
    SHOW(raw(SYS_shmat, -1, 0, 0));
    SHOW(raw(SYS_shmdt, page));
    SHOW(raw(SYS_madvise, page, 4096, 99));
    SHOW(raw(SYS_personality, 0xffffffff));
    SHOW(raw(SYS_clone, 0x10000 /* THREAD without SIGHAND */, 0, 0, 0, 0));
    SHOW(raw(SYS_rt_sigaction, 0, 0, 0, 8));
    SHOW(raw(SYS_rt_sigaction, 9, page, 0, 8));
    SHOW(raw(SYS_rt_sigaction, 65, 0, page, 8));
    SHOW(raw(SYS_rt_sigprocmask, 7, page, 0, 8));
    SHOW(raw(SYS_rt_sigprocmask, 0, page, 0, 16));
    SHOW(raw(SYS_rt_sigsuspend, page, 4));
    SHOW(raw(SYS_close, 1000));
    SHOW(raw(SYS_dup2, 1000, 5));
    SHOW(raw(SYS_dup2, 1, 1 << 30));
    SHOW(raw(SYS_dup3, 1, 1, 0));
    SHOW(raw(SYS_dup3, 1, 5, 7));
    SHOW(raw(SYS_close_range, 5, 3, 0));
    SHOW(raw(SYS_close_range, 5, 7, 99));
    SHOW(raw(SYS_fcntl, 1000, F_GETFD));
    SHOW(raw(SYS_prctl, 12345, 0, 0, 0, 0));
    SHOW(raw(SYS_arch_prctl, 12345, 0));
    SHOW(raw(SYS_arch_prctl, 0x1001 /* ARCH_SET_GS */, -1));
    SHOW(raw(SYS_set_tid_address, 0) == raw(SYS_gettid));
}

// A program executes another under a filter that forbids to make memory executable (seccomp(2)), as systemd's
// MemoryDenyWriteExecute= and others install it where the kernel has no PR_SET_MDWE.
// Expect: exit 0, stdout "forbidden -1\nexecuted -38, loaded -38"
// With: plugin.so: gcc -shared -fPIC -O1 parts/plugin.c
// Record: 501 once, 505 once
// Build: gcc -O1
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/raw.h"

static void forbid(void) {
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof instructions / sizeof *instructions, instructions};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

int main(int count, char **words) {
    if (count > 1) {
        void *plugin = dlopen("./plugin.so", RTLD_NOW);
        long (*call)(void) = plugin ? (long (*)(void))dlsym(plugin, "call_505") : NULL;
        printf("executed %ld, loaded %ld\n", raw(501), call ? call() : 0);
        return 0;
    }
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    forbid();
    printf("forbidden %d\n", mprotect(page, 4096, PROT_READ | PROT_EXEC));
    fflush(stdout);
    execl(words[0], words[0], "again", NULL);
}

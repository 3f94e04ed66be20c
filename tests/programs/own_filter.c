// A program's own seccomp filter acts on its calls, and they are still seen (P2, P32).
// Expect: exit 0, stdout "installed: 0\ngetppid: -7\ncall 501: -38"
// Record: 501 once, getppid once
// Build: gcc -O1
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "parts/raw.h"

int main(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 7),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    printf("installed: %ld\n", raw(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    printf("getppid: %ld\n", raw(SYS_getppid));
    printf("call 501: %ld\n", raw(501));
}

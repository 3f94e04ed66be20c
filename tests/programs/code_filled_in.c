// Code that userfaultfd(2) puts into memory which could never be written to.
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/code.h"

int main(void) {
    static unsigned char page[4096] __attribute__((aligned(4096)));
    write_call(page, 502);
    int faults = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
    struct uffdio_api api = {.api = UFFD_API};
    printf("api: %d\n", ioctl(faults, UFFDIO_API, &api));
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct uffdio_register all = {.range = {(long)code, 4096}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    printf("register: %d\n", ioctl(faults, UFFDIO_REGISTER, &all));
    // EEXIST if somebody has looked there.
    struct uffdio_copy copy = {.dst = (long)code, .src = (long)page, .len = 4096};
    printf("copy: %d\n", ioctl(faults, UFFDIO_COPY, &copy));
    printf("%ld\n", run(code));
}

// Code that comes into memory by page faults that the program answers itself (userfaultfd(2)): into memory that could
// never be written to, and into memory that was looked at, when nothing was there to look at (P5).
// Expect: exit 0, stdout "never written 0 -38\nmade executable 0 -38\nby the device 0 -38"
// Record: 502 once, 503 once, 504 once
// Build: gcc -O1
// Options: --patch-after=0
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts/apart.h"
#include "parts/code.h"

enum { PAGE = 4096 };

static unsigned char page[PAGE] __attribute__((aligned(PAGE)));

static int by_call(void) { return syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY); }

static int by_device(void) {
    int device = open("/dev/userfaultfd", O_RDONLY);
    return device < 0 ? by_call() : ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC | UFFD_USER_MODE_ONLY);
}

// Maps a page, has its faults come to `faults`, protects it, fills it with a system call, and runs that.
static void fill_and_run(const char *how, int faults, int protection, int number) {
    write_call(page, number);
    struct uffdio_api api = {.api = UFFD_API};
    ioctl(faults, UFFDIO_API, &api);
    unsigned char *code = mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct uffdio_register all = {.range = {(long)code, PAGE}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    ioctl(faults, UFFDIO_REGISTER, &all);
    mprotect(code, PAGE, PROT_READ | PROT_EXEC);
    // EEXIST if somebody has looked there.
    struct uffdio_copy copy = {.dst = (long)code, .src = (long)page, .len = PAGE};
    int filled = ioctl(faults, UFFDIO_COPY, &copy);
    printf("%s %d %ld\n", how, filled, run(code));
}

static void never_written(void) { fill_and_run("never written", by_call(), PROT_READ | PROT_EXEC, 502); }
static void made_executable(void) { fill_and_run("made executable", by_call(), PROT_READ | PROT_WRITE, 503); }
static void device(void) { fill_and_run("by the device", by_device(), PROT_READ | PROT_WRITE, 504); }

int main(void) {
    void (*all[])(void) = {never_written, made_executable, device};
    apart(all, sizeof all / sizeof *all);
}

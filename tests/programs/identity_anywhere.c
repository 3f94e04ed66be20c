// The path of the program's file is known wherever it lies in memory, up to the very end of a page, and other names are
// not taken for it.
// Build: gcc -O1
// Build: musl-gcc -O1 -static
// Expect: exit 0, stdout "the program's file: 352 of 352, others: 160 of 160, links: 32 of 32"
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct stat program;

static int is_program(const char *path, int flags) {
    struct stat status;
    return fstatat(AT_FDCWD, path, &status, flags) == 0 && status.st_ino == program.st_ino
        && status.st_dev == program.st_dev && S_ISREG(status.st_mode);
}

int main(int count, char **words) {
    (void)count;
    if (stat(words[0], &program) != 0) return 1;
    char *pages = mmap(0, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4096, 4096, PROT_NONE);
    const char *own[] = {
        "/proc/self/exe", "/proc/thread-self/exe", "self/exe", "./self/exe", ".//self//exe", "self/root/proc/self/exe",
        "sys/../self/exe", "sys/kernel/../../self/exe", "self/cwd/self/exe", "self/./exe", "self/task/../exe",
    };
    const char *others[] = {"self/cmdline", "self/maps", "self/exec", "self/axe", "self/ex"};
    if (chdir("/proc") != 0) return 1;
    int found = 0, known = 0, tried = 0, refused = 0, asked = 0, links = 0;
    for (int before_end = 0; before_end < 32; before_end++) {
        for (unsigned index = 0; index < sizeof own / sizeof *own; index++) {
            char *path = strcpy(pages + 4096 - before_end - strlen(own[index]) - 1, own[index]);
            tried++;
            known += is_program(path, 0);
            if (index == 0) {
                asked++;
                links += !is_program(path, AT_SYMLINK_NOFOLLOW);
            }
        }
        for (unsigned index = 0; index < sizeof others / sizeof *others; index++) {
            char *path = strcpy(pages + 4096 - before_end - strlen(others[index]) - 1, others[index]);
            found++;
            refused += !is_program(path, 0);
        }
    }
    printf("the program's file: %d of %d, others: %d of %d, links: %d of %d\n", known, tried, refused, found, links,
           asked);
}

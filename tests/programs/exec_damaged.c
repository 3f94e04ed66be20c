// What the kernel finds damaged before it gives up the old program, execve(2) says; what it finds later kills, by a SIGSEGV.
// Expect: exit 0, stdout "whole 3\nmachine: errno 8\nno segment: signal 11\nsizes: signal 11\noffset: signal 11\naddress: signal 11\nbss: signal 11\nentry: signal 11\ninterpreter: errno 5"
// Build: gcc -O1
// Build: gcc -O1 -no-pie
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char image[1 << 20];
static long size;

static Elf64_Ehdr *header = (Elf64_Ehdr *)image;

// The program header of this type with this index.
static Elf64_Phdr *part(unsigned type, int index) {
    Elf64_Phdr *parts = (Elf64_Phdr *)(image + header->e_phoff);
    for (int i = 0; i < header->e_phnum; i++)
        if (parts[i].p_type == type && index-- == 0) return &parts[i];
    abort();
}

// Executes the image as it is, and undoes all damage.
static void try(const char *what) {
    static char whole[sizeof image];
    int file = open("copy", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    write(file, image, size);
    close(file);
    if (!*whole) memcpy(whole, image, size);
    memcpy(image, whole, size);
    fflush(stdout);
    pid_t child = vfork();
    if (!child) {
        execl("./copy", "copy", "again", (char *)NULL);
        _exit(100 + errno);
    }
    int status;
    waitpid(child, &status, 0);
    unlink("copy");
    if (WIFSIGNALED(status)) {
        printf("%s: signal %d\n", what, WTERMSIG(status));
    } else if (WEXITSTATUS(status) > 100) {
        printf("%s: errno %d\n", what, WEXITSTATUS(status) - 100);
    } else {
        printf("%s %d\n", what, WEXITSTATUS(status));
    }
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) return 3;
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    int file = open("/proc/self/exe", O_RDONLY);
    size = read(file, image, sizeof image);
    try("whole");
    header->e_machine = EM_ARM;
    try("machine");
    for (int i = 0; i < 4; i++) part(PT_LOAD, 0)->p_type = PT_NULL;
    try("no segment");
    part(PT_LOAD, 1)->p_filesz = part(PT_LOAD, 1)->p_memsz + 1;
    try("sizes");
    part(PT_LOAD, 1)->p_offset++;
    try("offset");
    part(PT_LOAD, 1)->p_vaddr |= 1l << 62;
    try("address");
    part(PT_LOAD, 1)->p_vaddr |= 1l << 46;
    part(PT_LOAD, 1)->p_memsz = 1l << 46;
    try("bss");
    header->e_entry = 1l << 63;
    try("entry");
    part(PT_INTERP, 0)->p_offset = size;
    try("interpreter");
}

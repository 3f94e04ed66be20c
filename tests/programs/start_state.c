// Arguments, environment, auxiliary vector, stack, brk and names are as the kernel makes them.
// Expect: exit 0
// Argument: one
// Argument: two words
// Argument: --
// Build: gcc -O1
// Build: gcc -O1 -no-pie
// Build: gcc -O1 -static
// Build: gcc -O1 -static-pie
// Build: gcc -O1 -z execstack
// Build: musl-gcc -O1
// Build: musl-gcc -O1 -static
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

extern char _end[], _start[];

// The header as the file has it: patchelf may move it away from __ehdr_start.
static ElfW(Ehdr) header;
// Where the file asks for its program headers to be mapped.
static unsigned long headers;

static void read_header(void) {
    int file = open("/proc/self/exe", O_RDONLY);
    pread(file, &header, sizeof header, 0);
    for (int i = 0; i < header.e_phnum; i++) {
        ElfW(Phdr) segment;
        pread(file, &segment, sizeof segment, header.e_phoff + i * sizeof segment);
        if (segment.p_type == PT_LOAD && segment.p_offset <= header.e_phoff &&
            header.e_phoff < segment.p_offset + segment.p_filesz)
            headers = header.e_phoff - segment.p_offset + segment.p_vaddr;
    }
    close(file);
}

static void auxiliary(unsigned long type, unsigned long value) {
    switch (type) {
    case AT_PHDR:
        printf("AT_PHDR: %d\n", value == headers + (unsigned long)_start - header.e_entry);
        break;
    case AT_ENTRY: printf("AT_ENTRY is _start: %d\n", value == (unsigned long)_start); break;
    case AT_PHNUM: printf("AT_PHNUM: %d\n", value == header.e_phnum); break;
    case AT_BASE:
        printf("AT_BASE: %s\n", !value ? "none" : memcmp((void *)value, ELFMAG, 4) ? "not ELF" : "ELF");
        break;
    case AT_SYSINFO_EHDR:
        printf("AT_SYSINFO_EHDR is ELF: %d\n", memcmp((void *)value, ELFMAG, 4) == 0);
        break;
    case AT_RANDOM: printf("AT_RANDOM: %d\n", ((unsigned char *)value)[0] + 1 > 0); break;
    case AT_EXECFN: printf("AT_EXECFN: %s\n", (char *)value); break;
    case AT_PLATFORM: printf("AT_PLATFORM: %s\n", (char *)value); break;
    default: printf("%lu: %lx\n", type, value); break;
    }
}

static void maps(void) {
    static char text[1 << 16];
    int file = open("/proc/self/maps", O_RDONLY), size = 0, part;
    while ((part = read(file, text + size, sizeof text - 1 - size)) > 0) size += part;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        for (const char **name = (const char *[]){"[stack]", "[heap]", "[vdso]", NULL}; *name; name++)
            if (strstr(line, *name)) printf("%.4s %s\n", strchr(line, ' ') + 1, *name);
}

int main(int argc, char **argv, char **environment) {
    read_header();
    printf("argc %d\n", argc);
    for (int i = 0; i < argc; i++) printf("argv %s\n", argv[i]);
    printf("argv ends: %d\n", argv[argc] == NULL);
    for (char **variable = environment; *variable; variable++)
        if (strncmp(*variable, "LD_SYSTRAP=", 11)) printf("%s\n", *variable);
    char **end = environment;
    while (*end) end++;
    const ElfW(auxv_t) *vector = (const void *)(end + 1);
    for (; vector->a_type; vector++) auxiliary(vector->a_type, vector->a_un.a_val);
    // The strings are above everything, in the order arguments, environment, name.
    printf("strings: %d\n", argv[argc - 1] < environment[0] && environment[0] < (char *)getauxval(AT_EXECFN));
    printf("arguments are contiguous: %d\n", argv[0] + strlen(argv[0]) + 1 == argv[1]);
    char *stop = sbrk(0);
    printf("brk is behind the program: %d\n", stop >= _end && stop < _end + (1L << 34));
    printf("brk grows: %d\n", sbrk(4096) == stop && sbrk(0) == stop + 4096);
    char name[17] = {0};
    prctl(PR_GET_NAME, name);
    printf("comm %s\n", name);
    maps();
}

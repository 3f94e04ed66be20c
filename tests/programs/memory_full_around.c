// Code that is mapped where nothing within reach of a jump is free: its call is seen all the same, as
// often as it is made, and what is around it stays as it was (P31).
// Expect: exit 0, stdout "-38 200 times, 0 bytes changed"
// Record: 505 200 times
// Build: gcc -O1
// Build: gcc -O1 -static
// With: plugin.so: gcc -shared -fPIC -O1 -nostdlib parts/plugin.c
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REACH = 1u << 31, PAGE = 4096 };

int main(void) {
    int file = open("./plugin.so", O_RDONLY);
    struct stat status;
    fstat(file, &status);
    const unsigned char *image = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    const Elf64_Ehdr *header = (const void *)image;
    const Elf64_Phdr *segments = (const void *)(image + header->e_phoff);
    const Elf64_Phdr *code = segments;
    while (code->p_type != PT_LOAD || !(code->p_flags & PF_X)) code++;
    const unsigned char *call = memmem(image + code->p_offset, code->p_filesz, "\x0f\x05", 2);
    // From its first instruction on: mov $505, %eax comes within the few before it.
    const unsigned char *start = image + code->p_offset;
    for (int i = 0; i < header->e_shnum; i++) {
        const Elf64_Shdr *section = (const void *)(image + header->e_shoff + i * header->e_shentsize);
        if (section->sh_type != SHT_DYNSYM) continue;
        const Elf64_Sym *symbols = (const void *)(image + section->sh_offset);
        for (size_t j = 0; j < section->sh_size / sizeof *symbols; j++)
            if (ELF64_ST_TYPE(symbols[j].st_info) == STT_FUNC)
                start = image + code->p_offset + (symbols[j].st_value - code->p_vaddr);
    }

    size_t size = 2ul * REACH + 64 * PAGE;
    unsigned char *all = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    unsigned char *middle = all + REACH + 32 * PAGE;
    size_t offset = code->p_offset / PAGE * PAGE, lead = code->p_offset - offset;
    size_t length = (lead + code->p_filesz + PAGE - 1) / PAGE * PAGE;
    mprotect(middle - PAGE, PAGE, PROT_READ | PROT_WRITE);
    mprotect(middle + length, PAGE, PROT_READ | PROT_WRITE);
    memset(middle - PAGE, 0x5a, PAGE);
    memset(middle + length, 0x5a, PAGE);
    mmap(middle, length, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file, offset);
    long (*function)(void) = (void *)(middle + lead + (start - (image + code->p_offset)));
    int times = 0, changed = 0;
    for (int i = 0; i < 200; i++) times += function() == -38;
    for (int i = 0; i < PAGE; i++)
        changed += (middle[i - PAGE] != 0x5a) + (middle[length + i] != 0x5a);
    printf("-38 %d times, %d bytes changed\n", times, changed);
    return call == NULL;
}

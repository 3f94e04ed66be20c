// Functions of the kernel's object in memory, by their names.
#pragma once
#include <link.h>
#include <string.h>

static inline void *find_in(char *image, const char *name) {
    ElfW(Ehdr) *header = (void *)image;
    ElfW(Phdr) *segments = (void *)(image + header->e_phoff);
    ElfW(Dyn) *dynamic = NULL;
    ElfW(Sym) *symbols = NULL;
    const char *names = NULL;
    unsigned *hash = NULL;
    long base = 0;
    for (int i = 0; i < header->e_phnum; i++) {
        if (segments[i].p_type == PT_LOAD) base = (long)image + segments[i].p_offset - segments[i].p_vaddr;
        if (segments[i].p_type == PT_DYNAMIC) dynamic = (void *)(image + segments[i].p_offset);
    }
    for (; dynamic->d_tag; dynamic++) {
        void *pointer = (void *)(base + dynamic->d_un.d_ptr);
        if (dynamic->d_tag == DT_SYMTAB) symbols = pointer;
        if (dynamic->d_tag == DT_STRTAB) names = pointer;
        if (dynamic->d_tag == DT_HASH) hash = pointer;
    }
    // Without DT_HASH, the table ends where the names begin.
    long count = hash ? hash[1] : ((char *)names - (char *)symbols) / (long)sizeof *symbols;
    for (long i = 0; i < count; i++)
        if (!strcmp(names + symbols[i].st_name, name)) return (void *)(base + symbols[i].st_value);
    return NULL;
}

// The list of images that debuggers read is what the program itself finds by dl_iterate_phdr, under
// the names that it would have (P25, P26).
// Expect: exit 0
// Record: 502 once
// Build: gcc -O1
// Build: gcc -O1 -no-pie
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <string.h>
#include "parts/raw.h"

extern ElfW(Dyn) _DYNAMIC[];

static int object(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size, (void)unused;
    printf("object '%s'\n", info->dlpi_name);
    return 0;
}

int main(void) {
    dl_iterate_phdr(object, NULL);
    struct r_debug *list = NULL;
    for (ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag; entry++)
        if (entry->d_tag == DT_DEBUG) list = (void *)entry->d_un.d_ptr;
    raw(502);
    printf("state %d\n", list->r_state);
    for (struct link_map *map = list->r_map; map; map = map->l_next)
        printf("map '%s', as listed %d\n", map->l_name, map->l_prev ? map->l_prev->l_next == map : 1);
    return 0;
}

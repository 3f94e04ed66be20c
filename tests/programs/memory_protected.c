// PROT_NONE over the program's own code and back; the page mapped over, and written again.
// Expect: exit 0, stdout "-38\n-38\n-38"
// Record: 502 3 times
// Build: gcc -O1
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include "parts/code.h"

__asm__(
    ".text\n"
    ".balign 4096\n"
    ".type in_its_own_page, @function\n"
    "in_its_own_page:\n"
    "  .cfi_startproc\n"
    "  mov $502, %eax\n"
    "  syscall\n"
    "  ret\n"
    "  .cfi_endproc\n"
    ".size in_its_own_page, . - in_its_own_page\n"
    ".balign 4096\n");
extern long in_its_own_page(void);

int main(void) {
    void *page = (void *)in_its_own_page;
    printf("%ld\n", in_its_own_page());
    mprotect(page, 4096, PROT_NONE);
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
    printf("%ld\n", in_its_own_page());
    mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    write_call(page, 502);
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
    printf("%ld\n", in_its_own_page());
}

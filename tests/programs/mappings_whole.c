// What a profiler reads of code in /proc/self/maps is as natively: a segment is one mapping, not parts
// of one, though only some of its pages hold system calls.
// Expect: exit 0
// Build: gcc -O1
// Build: gcc -O1 -static
// Build: gcc -O1 -static-pie
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    const char *images[] = {strrchr(argv[0], '/'), "/libc.so.6", "/ld-linux-x86-64.so.2"};
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    (void)argc;
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end, offset;
        char access[5], path[256] = "";
        sscanf(line, "%lx-%lx %4s %lx %*s %*s %255s", &start, &end, access, &offset, path);
        const char *name = strrchr(path, '/');
        for (int image = 0; name && image < 3; image++)
            if (strchr(access, 'x') && strcmp(name, images[image]) == 0)
                printf("%s %s at %#lx, %#lx bytes\n", name, access, offset, end - start);
    }
    return 0;
}

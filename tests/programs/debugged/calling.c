// Spends its time in a system call, two functions deep.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static char buffer[1 << 16];

__attribute__((noinline)) long inner(int file) {
    long result = pread(file, buffer, sizeof buffer, 0);
    __asm__ volatile("");
    return result + 1;
}

__attribute__((noinline)) long outer(int file) {
    long result = inner(file);
    __asm__ volatile("");
    return result + 1;
}

int main(void) {
    int file = open("/dev/zero", O_RDONLY);
    long sum = 0;
    for (int i = 0; i < 100000; i++) sum += outer(file);
    printf("%ld\n", sum);
    return 0;
}

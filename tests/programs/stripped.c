// Programs without symbols and without section headers (P4).
// Expect: exit 0, stdout "call 501: -38"
// Record: 501 once
// After: no section headers
// Build: gcc -O1 -s
// Build: gcc -O1 -s -no-pie
// Build: gcc -O1 -s -static
// Build: gcc -O1 -s -static-pie
// Build: gcc -O1 -s -static -fno-asynchronous-unwind-tables -Wl,--no-eh-frame-hdr
// Build: musl-gcc -O1 -s
// Build: musl-gcc -O1 -s -static
#include <stdio.h>
#include "parts/raw.h"

int main(void) { printf("call 501: %ld\n", raw(501)); }

// The program's own %gs, where every call comes by the seal's signal (P29).
// Expect: exit 0
// Options: --seal=always
// Record: 502 4006 times, 503 5 times
// Build: gcc -O1 -pthread
#include "gs_base.c"

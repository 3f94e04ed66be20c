// The same where each call comes through the seal: the SIGSYS that it raises is another than those that are sent.
// Expect: exit 0, stdout "taken 4000, right 4000"
// Options: --patch-after=never
// Build: gcc -O1 -pthread
// Limit: 60 s
#include "signals_taken_once.c"

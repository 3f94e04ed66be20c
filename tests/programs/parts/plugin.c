#include "raw.h"

long call_505(void) { return raw(505); }

// Does several things, each in a process of its own: what one leaves behind may do for the others.
#pragma once

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void apart(void (*all[])(void), int count) {
    for (int i = 0; i < count; i++) {
        if (fork() == 0) {
            all[i]();
            fflush(stdout);
            _exit(0);
        }
        wait(NULL);
    }
}

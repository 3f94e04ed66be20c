// Runs several commands in turn, again and again, and tells how long each run took from execve(2) to
// its end, and what processor time it and its children have used: `launch CPU MILLISECONDS ROUNDS +EACH COMMAND... +EACH COMMAND...`
//
// CPU -1 leaves the placing to the kernel. It goes on for MILLISECONDS, and for ROUNDS at least. A
// command takes part in each EACH-th round; with `+EACH!ID`, tables that the interpreter of this
// build-id has kept in /var/tmp/ld-systrap-UID are removed before each run. Output: a line `INDEX NANOSECONDS NANOSECONDS` for each run, or
// `INDEX failed STATUS`, with what wait4(2) gave.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS = 16 };

static char **commands[COMMANDS];
static int each[COMMANDS];
static const char *forgotten[COMMANDS];
extern char **environ;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void forget(const char *id) {
    char path[64];
    snprintf(path, sizeof path, "/var/tmp/ld-systrap-%d", getuid());
    DIR *directory = opendir(path);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));)
        if (strstr(entry->d_name, id)) unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
}

static long long nanoseconds(struct timeval time) {
    return (time.tv_sec * 1000000LL + time.tv_usec) * 1000;
}

// The child shares our memory until its execve, so that it can leave the time there, and has none of
// its own that execve would have to take away.
static long long run(char **command, int *status, struct rusage *usage) {
    static volatile long long begun;
    pid_t child = vfork();
    if (child == 0) {
        begun = now();
        execve(command[0], command, environ);
        _exit(127);
    }
    wait4(child, status, 0, usage);
    return now() - begun;
}

int main(int count, char **words) {
    if (count < 6) return 2;
    int cpu = atoi(words[1]);
    long long limit = atoll(words[2]) * 1000000;
    int rounds = atoi(words[3]), number = 0;
    for (int i = 4; i < count; i++) {
        if (words[i][0] != '+') continue;
        if (number == COMMANDS) return 2;
        char *id = strchr(words[i], '!');
        forgotten[number] = id ? id + 1 : NULL;
        each[number] = atoi(words[i] + 1);
        commands[number++] = words + i + 1;
        words[i] = NULL;
    }
    if (cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        sched_setaffinity(0, sizeof set, &set);
    }
    // What the commands write is not wanted.
    FILE *report = fdopen(fcntl(1, F_DUPFD_CLOEXEC, 10), "w");
    int null = open("/dev/null", O_RDWR);
    for (int descriptor = 0; descriptor < 3; descriptor++) dup2(null, descriptor);
    close(null);

    long long begun = now();
    for (int round = 0; round < rounds || now() - begun < limit; round++) {
        for (int i = 0; i < number; i++) {
            if (round % each[i]) continue;
            if (forgotten[i]) forget(forgotten[i]);
            int status = -1;
            struct rusage usage;
            long long taken = run(commands[i], &status, &usage);
            long long used = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
            if (status) fprintf(report, "%d failed %d\n", i, status);
            else fprintf(report, "%d %lld %lld\n", i, taken, used);
        }
    }
    return fclose(report) != 0;
}

// Scripts whose interpreters are scripts, with arguments; too deep a nest; no interpreter (P24).
// Expect: exit 0
// Record: 502 9 times
// Build: gcc -O1
// Build: gcc -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "parts/raw.h"

static void script_of(const char *name, const char *text, size_t size) {
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    write(file, text, size);
    close(file);
}

static void script(const char *name, const char *text) {
    script_of(name, text, strlen(text));
}

static void try(const char *path, char *first) {
    pid_t child = fork();
    if (!child) {
        char *arguments[] = {first, "x", "y z", NULL};
        execv(path, first ? arguments : arguments + 3);
        printf("%s: %s\n", path, strerror(errno));
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
    if (argc > 1 && strstr(argv[1], "shown")) {
        for (int i = 0; i < argc; i++) printf("[%s]", argv[i]);
        printf(" %ld\n", raw(502));
        return 0;
    }
    char line[4200];
    snprintf(line, sizeof line, "#! \t%s shown arguments  \nrest\n", argv[0]);
    script("one", line);
    script("two", "#!./one a b\n");
    script("three", "#!./two");
    script("four", "#!./three\n");
    script("five", "#!./four\n");
    script("six", "#!./five\n");
    script("missing", "#!/nonexistent/program\n");
    script("directory", "#!/tmp\n");
    script("empty", "#!\n");
    script("blank", "#!   \n");
    script("plain", "no interpreter line\n");
    script("self", "#!./self\n");
    script("unended", "#!");
    script("unended_blank", "#!  ");
    script("with_empty", "#!./one ");
    script("with_blanks", "#!./one a  ");
    script_of("with_zero", "#!./one\0a\n", 10);
    memset(line, 'x', sizeof line);
    memcpy(line, "#!./one ", 8);
    line[sizeof line - 1] = 0;
    script("cut_off", line);
    memset(line, 'a', sizeof line);
    memcpy(line, "#!/", 3);
    line[sizeof line - 1] = 0;
    script("long", line);
    try("one", "zero");
    try("./two", "zero");
    try("three", "");
    try("four", "zero");
    try("five", "zero");
    try("six", "zero");
    try("missing", "zero");
    try("directory", "zero");
    try("empty", "zero");
    try("blank", "zero");
    try("plain", "zero");
    try("self", "zero");
    try("unended", "zero");
    try("unended_blank", "zero");
    try("with_empty", "zero");
    try("with_blanks", "zero");
    try("with_zero", "zero");
    try("cut_off", "zero");
    int written = open("one", O_WRONLY);
    try("two", "zero");
    close(written);
    try("long", "zero");
}

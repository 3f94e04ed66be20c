// A library is loaded, called and unloaded ten thousand times, at the same addresses and at new ones, and
// code is mapped over its code: what the process has of memory and of mappings is afterwards what it
// was after the first few (P31).
// Expect: exit 0, stdout "same: well 1, memory grew 0, mappings grew 0\nnew: well 1, memory grew 0, mappings grew 0\nover: well 1, memory grew 0, mappings grew 0"
// With: plugin.so: gcc -shared -fPIC -O1 parts/plugin.c
// Record: mmap, 505 10000 times
// Limit: 120 s
// Build: gcc -O1 -pthread
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096L

static long (*call)(void);

static void *load(void) {
    void *library = dlopen("./plugin.so", RTLD_NOW);
    call = library ? (long (*)(void))dlsym(library, "call_505") : NULL;
    return library;
}

static int at_the_same_address(void) {
    void *library = load();
    int well = call && call() == -38;
    return library && !dlclose(library) && well;
}

// A page stays where the library was, so that the next is elsewhere; a few hundred at a time.
static int at_a_new_address(void) {
    static void *pages[400];
    static int count;
    void *library = load();
    int well = call && call() == -38;
    void *place = (void *)((long)call & -PAGE);
    if (!library || dlclose(library)) return 0;
    void *page = mmap(place, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page != MAP_FAILED) pages[count++] = page;
    if (count == 400)
        while (count) munmap(pages[--count], PAGE);
    return well;
}

__attribute__((noinline)) static long stays(void) {
    long result;
    __asm__ volatile("mov $507, %%eax\n syscall" : "=a"(result)::"rcx", "r11", "memory");
    return result;
}

// A page of the program's own code, mapped anew from its file.
__attribute__((aligned(4096), noinline)) static long replaced(void) {
    long result;
    __asm__ volatile("mov $506, %%eax\n syscall" : "=a"(result)::"rcx", "r11", "memory");
    __asm__ volatile(".balign 4096, 0x90");
    return result;
}

static int file;

static int mapped_over(void) {
    extern char __executable_start;
    char *page = (char *)((long)replaced & -PAGE);
    long offset = page - &__executable_start;
    if (mmap(page, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file, offset) != page) return 0;
    return replaced() == -38 && stays() == -38;
}

// Kilobytes of memory, and the number of mappings.
static void measure(long figures[2]) {
    static char line[512];
    FILE *status = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, status)) sscanf(line, "RssAnon: %ld", &figures[0]);
    fclose(status);
    FILE *maps = fopen("/proc/self/maps", "r");
    for (figures[1] = 0; fgets(line, sizeof line, maps); figures[1]++) {}
    fclose(maps);
}

static void *nothing(void *argument) { return argument; }

static void often(const char *what, int times, int (*act)(void)) {
    long before[2], after[2];
    int well = 1;
    for (int i = 0; i < 800; i++) well &= act();
    measure(before); // which takes memory, too
    measure(before);
    for (int i = 800; i < times; i++) well &= act();
    measure(after);
    printf("%s: well %d, memory grew %d, mappings grew %d\n", what, well, after[0] - before[0] > 100,
           after[1] - before[1] > 20);
}

int main(void) {
    // With a second thread, everything is patched as it comes.
    pthread_t thread;
    pthread_create(&thread, NULL, nothing, NULL);
    pthread_join(thread, NULL);
    file = open("/proc/self/exe", O_RDONLY);
    often("same", 5200, at_the_same_address);
    often("new", 4800, at_a_new_address);
    often("over", 20000, mapped_over);
}

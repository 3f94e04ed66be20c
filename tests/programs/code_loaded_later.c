// Code that dlopen brings is seen, and gone after dlclose.
// Expect: exit 0, stdout "-38\n-38"
// Record: 505 2 times
// Build: gcc -O1
// With: plugin.so: gcc -shared -fPIC -O1 parts/plugin.c
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
    for (int i = 0; i < 2; i++) {
        void *plugin = dlopen("./plugin.so", RTLD_NOW);
        if (!plugin) {
            printf("%s\n", dlerror());
            return 1;
        }
        printf("%ld\n", ((long (*)(void))dlsym(plugin, "call_505"))());
        dlclose(plugin);
    }
}

// Code attached with shmat(SHM_EXEC) is seen (P5).
// Expect: exit 0, stdout "-38"
// Record: 503 once
// Build: gcc -O1
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include "parts/code.h"

int main(void) {
    int segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0700);
    unsigned char *writable = shmat(segment, NULL, 0);
    shmctl(segment, IPC_RMID, NULL);
    write_call(writable, 503);
    shmdt(writable);
    segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0700);
    writable = shmat(segment, NULL, 0);
    write_call(writable, 503);
    unsigned char *code = shmat(segment, NULL, SHM_EXEC | SHM_RDONLY);
    shmctl(segment, IPC_RMID, NULL);
    printf("%ld\n", run(code));
}

// Threads made with clone and no libc at all: no thread pointer, a stack of a few hundred bytes
// each, waited for with futex (P22, P29).
// Expect: exit 0, stdout "eight"
// Record: 502 8 times, 503 once, clone 8 times
// Build: gcc -nostdlib -static
// Build: gcc -nostdlib -static-pie
        .globl  _start
        .text
_start: lea     stacks+512(%rip), %r12
        mov     $8, %r13d
1:      mov     $56, %eax                       // clone
        mov     $0x50f00, %edi                  // VM FS FILES SIGHAND THREAD SYSVSEM
        mov     %r12, %rsi
        xor     %edx, %edx
        xor     %r10d, %r10d
        xor     %r8d, %r8d
        syscall
        test    %rax, %rax
        jz      thread
        js      fail
        add     $512, %r12
        dec     %r13d
        jnz     1b
2:      mov     ended(%rip), %edx
        cmp     $8, %edx
        je      3f
        mov     $202, %eax                      // futex(&ended, FUTEX_WAIT, edx, NULL)
        lea     ended(%rip), %rdi
        xor     %esi, %esi
        xor     %r10d, %r10d
        syscall
        jmp     2b
3:      mov     $503, %eax
        syscall
        mov     $1, %eax
        mov     $1, %edi
        lea     text(%rip), %rsi
        mov     $6, %edx
        syscall
        xor     %edi, %edi
        mov     $231, %eax
        syscall
fail:   mov     $1, %edi
        mov     $231, %eax
        syscall

thread: mov     $502, %eax
        syscall
        cmp     $-38, %rax
        jne     fail
        lock incl ended(%rip)
        mov     $202, %eax                      // futex(&ended, FUTEX_WAKE, 1)
        lea     ended(%rip), %rdi
        mov     $1, %esi
        mov     $1, %edx
        syscall
        mov     $60, %eax
        xor     %edi, %edi
        syscall

        .section .rodata
text:   .ascii  "eight\n"
        .bss
ended:  .skip   4
        .balign 16
stacks: .skip   512 * 8
        .section .note.GNU-stack, "", @progbits

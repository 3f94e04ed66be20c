// At the first instruction every register is as the kernel sets it: general registers zero, the
// stack aligned, flags clear (a static program; a dynamic one gets ld.so's).
// Expect: exit 0
// Build: gcc -nostdlib -static
// Build: gcc -nostdlib -static-pie
        .globl  _start
        .text
_start: mov     %rsp, stack(%rip)
        mov     %rax, values(%rip)
        mov     %rbx, values+8(%rip)
        mov     %rcx, values+16(%rip)
        mov     %rdx, values+24(%rip)
        mov     %rsi, values+32(%rip)
        mov     %rdi, values+40(%rip)
        mov     %rbp, values+48(%rip)
        mov     %r8, values+56(%rip)
        mov     %r9, values+64(%rip)
        mov     %r10, values+72(%rip)
        mov     %r11, values+80(%rip)
        mov     %r12, values+88(%rip)
        mov     %r13, values+96(%rip)
        mov     %r14, values+104(%rip)
        mov     %r15, values+112(%rip)
        pushfq
        popq    values+120(%rip)
        stmxcsr values+128(%rip)
        fnstcw  values+136(%rip)
        movq    %xmm0, values+144(%rip)
        movq    %xmm15, values+152(%rip)
        mov     %fs, values+160(%rip)
        mov     %gs, values+162(%rip)
        mov     stack(%rip), %rax
        and     $15, %eax
        mov     %rax, values+168(%rip)
        // write(1, values, 176)
        mov     $1, %eax
        mov     $1, %edi
        lea     values(%rip), %rsi
        mov     $176, %edx
        syscall
        // exit_group(0)
        mov     $231, %eax
        xor     %edi, %edi
        syscall

        .bss
stack:  .skip   8
values: .skip   176
        .section .note.GNU-stack, "", @progbits

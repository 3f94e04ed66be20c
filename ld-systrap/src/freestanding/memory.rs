//! The memory routines that compiled code calls by name.
//!
//! In assembly, where the compiler cannot turn a loop back into a call of the routine itself.
//! `rep movsb` and `rep stosb` are fast on every processor with ERMS, which is all of the last decade.
#![expect(
    unsafe_code,
    reason = "defines the symbols that the compiler expects of a C library"
)]

use core::arch::naked_asm;

/// Copies `n` bytes that do not overlap; returns `to`. See memcpy(3).
///
/// # Safety
/// As memcpy(3).
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
    naked_asm!("mov rax, rdi", "mov rcx, rdx", "rep movsb", "ret")
}

/// Copies `n` bytes that may overlap; returns `to`. See memmove(3).
///
/// # Safety
/// As memmove(3).
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi",
        "mov rcx, rdx",
        "sub rdi, rsi", // to - from, unsigned: below n only if `to` lies inside `from`
        "cmp rdi, rdx",
        "lea rdi, [rdi + rsi]",
        "jb 2f",
        "rep movsb",
        "ret",
        "2:", // from the end backwards, in words: `rep movsb` is slow in that direction
        "mov rdi, rax",
        "3:",
        "cmp rcx, 8",
        "jb 4f",
        "sub rcx, 8",
        "mov r8, [rsi + rcx]",
        "mov [rdi + rcx], r8",
        "jmp 3b",
        "4:",
        "test rcx, rcx",
        "jz 5f",
        "dec rcx",
        "mov r8b, [rsi + rcx]",
        "mov [rdi + rcx], r8b",
        "jmp 4b",
        "5:",
        "ret",
    )
}

/// Sets `n` bytes to `byte`; returns `to`. See memset(3).
///
/// # Safety
/// As memset(3).
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, n: usize) -> *mut u8 {
    naked_asm!(
        "mov r8, rdi",
        "mov eax, esi",
        "mov rcx, rdx",
        "rep stosb",
        "mov rax, r8",
        "ret"
    )
}

/// Compares `n` bytes; negative, zero or positive. See memcmp(3).
///
/// # Safety
/// As memcmp(3).
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, n: usize) -> i32 {
    naked_asm!(
        "xor ecx, ecx",
        "2:",
        "cmp rcx, rdx",
        "je 3f",
        "movzx eax, byte ptr [rdi + rcx]",
        "movzx r8d, byte ptr [rsi + rcx]",
        "inc rcx",
        "sub eax, r8d",
        "je 2b",
        "ret",
        "3:",
        "xor eax, eax",
        "ret",
    )
}

/// Compares `n` bytes; zero or not. See bcmp(3).
///
/// # Safety
/// As bcmp(3).
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, n: usize) -> i32 {
    naked_asm!("jmp {memcmp}", memcmp = sym memcmp)
}

/// The length of a C string. See strlen(3).
///
/// # Safety
/// As strlen(3).
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn strlen(string: *const u8) -> usize {
    naked_asm!(
        "xor eax, eax",
        "2:",
        "cmp byte ptr [rdi + rax], 0",
        "je 3f",
        "inc rax",
        "jmp 2b",
        "3:",
        "ret",
    )
}

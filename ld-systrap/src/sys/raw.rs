//! The system call instruction for our own calls. It lies in the gate, which the seal allows.
#![expect(unsafe_code, reason = "a system call can do anything to the process")]

use core::arch::naked_asm;

/// Makes system call `number` with six arguments and returns rax.
///
/// # Safety
/// What the call does to memory, descriptors and threads is the caller's to answer for.
#[unsafe(naked)]
#[unsafe(link_section = ".text.gate")]
pub(crate) unsafe extern "C" fn syscall(
    number: u64,
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    e: u64,
    f: u64,
) -> u64 {
    naked_asm!(
        ".cfi_startproc",
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "mov rdx, rcx",
        "mov r10, r8",
        "mov r8, r9",
        "mov r9, [rsp + 8]",
        "syscall",
        ".globl raw_called",
        "raw_called:",
        "ret",
        ".cfi_endproc",
    )
}

/// Makes a system call of our own: its number and up to six arguments, each cast to `u64`.
/// Gives `Result<u64, Errno>`. To be used in an `unsafe` block.
macro_rules! call {
    ($number:expr $(, $argument:expr)*) => {
        $crate::sys::raw::call!(@ $number; [$($argument,)* 0, 0, 0, 0, 0, 0,])
    };
    (@ $number:expr; [$a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr, $($rest:expr,)*]) => {
        $crate::sys::Errno::check($crate::sys::raw::syscall(
            $number as u64, $a as u64, $b as u64, $c as u64, $d as u64, $e as u64, $f as u64,
        ))
    };
}
pub(crate) use call;

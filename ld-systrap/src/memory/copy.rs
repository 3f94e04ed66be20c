//! Copies between us and the program's memory. They fault as the program would; the fault comes back
//! as an error, since the signal handler sends rip to [`copy_failed`].
#![expect(unsafe_code, reason = "touches addresses that the program claims")]

use alloc::vec::Vec;
use core::arch::naked_asm;
use core::mem::MaybeUninit;
use ld_systrap_core::address::{Address, Fault, Memory};

/// Copies `n` bytes; 0, or 1 after a fault.
///
/// # Safety
/// One of the sides is ours and valid; the other is whatever the program says.
#[unsafe(naked)]
#[unsafe(link_section = ".text.copy")]
unsafe extern "C" fn copy_bytes(to: u64, from: u64, n: u64) -> u32 {
    naked_asm!("mov rcx, rdx", "rep movsb", "xor eax, eax", "ret")
}

/// 1 if the string at `from` begins with the four bytes `beginning`, if it is `name`, which has three, or ends with a
/// slash and that, or after a fault; else 0. What is longer than a path can be is not looked at to its end. The ABI
/// spares [`crate::dispatch::before`] saving vectors.
#[unsafe(naked)]
#[unsafe(link_section = ".text.copy")]
extern "win64" fn begins_or_ends_with(from: u64, beginning: u32, name: u32) -> u32 {
    naked_asm!(
        "cmp [rcx], edx",
        "je 4f",
        "mov r9, rcx",
        // Blocks that are aligned lie in one page. What comes before the string is left out.
        "mov r10, rcx",
        "and r10, -16",
        "and ecx, 15",
        "pxor xmm0, xmm0",
        "pcmpeqb xmm0, [r10]",
        "pmovmskb eax, xmm0",
        "shr eax, cl",
        "shl eax, cl",
        "2:",
        "test eax, eax",
        "jnz 3f",
        "add r10, 16",
        "lea rdx, [r10 - {longest}]",
        "cmp rdx, r9",
        "ja 5f",
        "pxor xmm0, xmm0",
        "pcmpeqb xmm0, [r10]",
        "pmovmskb eax, xmm0",
        "jmp 2b",
        "3:",
        "bsf eax, eax",
        "lea r10, [r10 + rax - 3]", // where the name begins
        "cmp r10, r9",
        "jb 5f",
        "cmp [r10], r8d",
        "jne 5f",
        "cmp r10, r9",
        "je 4f",
        "cmp byte ptr [r10 - 1], 0x2f",
        "jne 5f",
        "4:",
        "mov eax, 1",
        "ret",
        "5:",
        "xor eax, eax",
        "ret",
        longest = const 4096,
    )
}

/// Writes a byte back as it is; 0, or 1 after a fault.
///
/// # Safety
/// Nobody else changes the byte meanwhile, or does so atomically.
#[unsafe(naked)]
#[unsafe(link_section = ".text.copy")]
unsafe extern "C" fn touch_byte(at: u64) -> u32 {
    naked_asm!("lock or byte ptr [rdi], 0", "xor eax, eax", "ret")
}

/// Where a copy goes on that has faulted: it returns 1. The stack is as at the fault, and
/// [`copy_bytes`] keeps nothing there.
///
/// # Safety
/// Entered from the signal handler only.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn copy_failed() -> u32 {
    naked_asm!("mov eax, 1", "ret")
}

/// The end of what a program can address: the kernel's `TASK_SIZE_MAX`.
pub(crate) const END: u64 = 0x7fff_ffff_f000;

/// Whether a program can address `length` bytes there: the kernel's `access_ok`.
pub(crate) fn in_reach(address: u64, length: u64) -> bool {
    address.checked_add(length).is_some_and(|end| end <= END)
}

/// Copies from the program.
///
/// # Errors
/// [`Fault`] where the program would have faulted.
pub(crate) fn read_bytes(from: u64, into: &mut [u8]) -> Result<(), Fault> {
    if !in_reach(from, into.len() as u64) {
        return Err(Fault);
    }
    // SAFETY: `into` is ours, and a fault on the other side is caught.
    match unsafe { copy_bytes(into.as_mut_ptr() as u64, from, into.len() as u64) } {
        0 => Ok(()),
        _ => Err(Fault),
    }
}

/// Whether the program's string may begin with `beginning`, or be a path whose last name is `name`: it does or is, or it
/// cannot be read.
#[inline(always)]
pub(crate) fn may_begin_or_end_with(path: u64, beginning: [u8; 4], name: [u8; 3]) -> bool {
    let [a, b, c] = name;
    let name = u32::from_le_bytes([a, b, c, 0]);
    begins_or_ends_with(path, u32::from_le_bytes(beginning), name) != 0
}

/// Copies to the program.
///
/// # Errors
/// [`Fault`] where the program would have faulted; some bytes may have been written.
pub(crate) fn write_bytes(to: u64, bytes: &[u8]) -> Result<(), Fault> {
    if !in_reach(to, bytes.len() as u64) {
        return Err(Fault);
    }
    // SAFETY: `bytes` is ours, and a fault on the other side is caught.
    match unsafe { copy_bytes(to, bytes.as_ptr() as u64, bytes.len() as u64) } {
        0 => Ok(()),
        _ => Err(Fault),
    }
}

/// Makes the page of the program that holds `at` its own, as a write would.
///
/// # Errors
/// [`Fault`] where the program would have faulted.
pub(crate) fn touch(at: u64) -> Result<(), Fault> {
    if !in_reach(at, 1) {
        return Err(Fault);
    }
    // SAFETY: changes nothing, atomically, and a fault is caught.
    match unsafe { touch_byte(at) } {
        0 => Ok(()),
        _ => Err(Fault),
    }
}

/// A value for which every pattern of bytes is valid, without padding that matters.
///
/// # Safety
/// As said.
pub(crate) unsafe trait Plain: Copy {}
// SAFETY: integers.
unsafe impl Plain for u32 {}
// SAFETY: integers.
unsafe impl Plain for u64 {}
// SAFETY: arrays of plain values.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}

/// Copies a value from the program.
///
/// # Errors
/// As [`read_bytes`].
pub(crate) fn read_value<T: Plain>(from: u64) -> Result<T, Fault> {
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `T` is plain: its bytes may be seen and set as bytes.
    let bytes =
        unsafe { core::slice::from_raw_parts_mut(value.as_mut_ptr().cast::<u8>(), size_of::<T>()) };
    read_bytes(from, bytes)?;
    // SAFETY: as above.
    Ok(unsafe { value.assume_init() })
}

/// Copies a value to the program.
///
/// # Errors
/// As [`write_bytes`].
pub(crate) fn write_value<T: Plain>(to: u64, value: &T) -> Result<(), Fault> {
    // SAFETY: `T` is plain.
    let bytes =
        unsafe { core::slice::from_raw_parts((&raw const *value).cast::<u8>(), size_of::<T>()) };
    write_bytes(to, bytes)
}

/// Copies a string up to its NUL, which is left out. At most `limit` bytes are looked at: a longer
/// string gives `None`.
///
/// # Errors
/// [`Fault`] when no NUL comes before memory that cannot be read.
pub(crate) fn read_string(from: u64, limit: usize) -> Result<Option<Vec<u8>>, Fault> {
    let mut string = Vec::new();
    let mut chunk = [0; 256];
    loop {
        let at = from.wrapping_add(string.len() as u64);
        // Never past the end of a page: the string may end at its very end.
        let room = (4096 - (at % 4096) as usize).min(chunk.len());
        read_bytes(at, &mut chunk[..room])?;
        if let Some(end) = chunk[..room].iter().position(|&byte| byte == 0) {
            string.extend_from_slice(&chunk[..end]);
            return Ok((string.len() < limit).then_some(string));
        }
        string.extend_from_slice(&chunk[..room]);
        if string.len() >= limit {
            return Ok(None);
        }
    }
}

/// The memory of the program that this thread runs.
#[derive(Clone, Copy, Debug)]
pub struct ProgramMemory;

impl Memory for ProgramMemory {
    fn read(&self, from: Address, into: &mut [u8]) -> Result<(), Fault> {
        read_bytes(from.0, into)
    }
}

impl ProgramMemory {
    /// Copies `bytes` into the program's memory.
    ///
    /// # Errors
    /// [`Fault`] when any of it cannot be written; some bytes may have been.
    pub fn write(&self, to: Address, bytes: &[u8]) -> Result<(), Fault> {
        write_bytes(to.0, bytes)
    }
}

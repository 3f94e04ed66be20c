//! The processor's extended state in a signal frame: uapi/asm/sigcontext.h.
#![expect(unsafe_code, reason = "reads and writes what the kernel has saved")]

use crate::process::thread::Thread;
use core::arch::asm;
use core::arch::x86_64::__cpuid_count;
use core::sync::atomic::{AtomicU64, Ordering};

/// Where in the frame room the extended state lies; a multiple of 64.
pub(super) const STATE: u64 = 1024;

/// The bytes of extended state at `fpstate`: uapi/asm/sigcontext.h, `_fpx_sw_bytes`.
///
/// # Safety
/// The kernel wrote it.
pub(super) unsafe fn state_size(fpstate: u64) -> usize {
    const MAGIC1: u32 = 0x4650_5853;
    // SAFETY: the legacy area of 512 bytes is always there.
    unsafe {
        match *((fpstate + 464) as *const u32) {
            MAGIC1 => *((fpstate + 468) as *const u32) as usize,
            _ => 512,
        }
    }
}

/// What a handler may do by protection keys (pkeys(7)): PKRU as the kernel sets it for handlers, and above that
/// where a saved state has it. 0 where there are none, or it is not known yet.
static KEYS: AtomicU64 = AtomicU64::new(0);

/// PKRU's number among the parts of a state (Intel SDM 1, 13.1).
const PKRU: u32 = 9;

/// Learns what a handler may do by protection keys, as a handler that has just begun. Not at each trap, of which every
/// process takes some when it starts: the processor is slow to say where things are.
///
/// # Safety
/// `fpstate` is 0 or a complete state.
pub(super) unsafe fn learn_keys(fpstate: u64) {
    const LEAF: u32 = 0xd; // of the parts of a state
    if KEYS.load(Ordering::Relaxed) != 0 || fpstate == 0 {
        return;
    }
    // SAFETY: the features that the kernel saves are behind the size, if there is one.
    let has_keys =
        unsafe { state_size(fpstate) > 512 && *((fpstate + 472) as *const u64) & (1 << PKRU) != 0 };
    if has_keys {
        let place = u64::from(__cpuid_count(LEAF, PKRU).ebx);
        // SAFETY: the kernel has switched keys on.
        KEYS.store(
            place << 32 | u64::from(unsafe { rights() }),
            Ordering::Relaxed,
        );
    }
}

/// The thread's rights by protection keys.
///
/// # Safety
/// There are keys.
unsafe fn rights() -> u32 {
    let rights;
    // SAFETY: the caller answers for it.
    unsafe {
        asm!("rdpkru", in("ecx") 0, out("eax") rights, out("edx") _, options(nomem, nostack));
    }
    rights
}

/// Sets them.
///
/// # Safety
/// There are keys, and our own memory keeps its rights.
unsafe fn set_rights(rights: u32) {
    // SAFETY: the caller answers for it.
    unsafe {
        asm!("wrpkru", in("ecx") 0, in("eax") rights, in("edx") 0, options(nostack));
    }
}

/// Writes to the program's memory whatever its protection keys, as the kernel writes a signal's frame.
pub(super) fn beyond_keys<R>(write: impl FnOnce() -> R) -> R {
    if KEYS.load(Ordering::Relaxed) == 0 {
        return write();
    }
    // SAFETY: there are keys; all rights, and then what it had.
    unsafe {
        let before = rights();
        set_rights(0);
        let written = write();
        set_rights(before);
        written
    }
}

/// Makes a saved state the one that a handler begins with (`fpu__clear_user_states`).
///
/// # Safety
/// `fpstate` is 0 or a complete state.
pub(super) unsafe fn reset_state(fpstate: u64) {
    if fpstate == 0 {
        return;
    }
    // SAFETY: the registers of the legacy area, its control words, and XSTATE_BV, without which no other
    // part counts (Intel SDM 1, 13.4 and 13.8).
    unsafe {
        ((fpstate + 32) as *mut u8).write_bytes(0, 416 - 32);
        (fpstate as *mut [u64; 3]).write([0x37f, 0, 0]);
        ((fpstate + 24) as *mut u32).write(0x1f80);
        if state_size(fpstate) > 512 {
            let keys = KEYS.load(Ordering::Relaxed);
            let is_part = u64::from(keys != 0) << PKRU;
            ((fpstate + 512) as *mut u64).write(is_part);
            if is_part != 0 {
                ((fpstate + (keys >> 32)) as *mut u64).write(keys & 0xffff_ffff);
            }
        }
    }
}

pub(super) fn copy_state(from: u64, to: u64) -> u64 {
    if from == 0 {
        return 0;
    }
    // SAFETY: the kernel wrote `from` on our signal stack, which is larger than any frame; the room
    // behind `to` is as large.
    unsafe {
        core::ptr::copy_nonoverlapping(from as *const u8, to as *mut u8, state_size(from));
    }
    to
}

/// Puts xmm0–15 into a saved extended state; the rest of it is the program's already.
///
/// # Safety
/// `fpstate` is 0 or a complete state.
pub(super) unsafe fn load_vectors(thread: &Thread, fpstate: u64) {
    if fpstate == 0 {
        return;
    }
    // SAFETY: XMM_Space at 160 and, in an xsave area, XSTATE_BV at 512 (Intel SDM 1, 13.4).
    unsafe {
        ((fpstate + 160) as *mut [[u64; 2]; 16]).write_unaligned(thread.context.xmm.0);
        if state_size(fpstate) > 512 {
            *((fpstate + 512) as *mut u64) |= 2;
        }
    }
}

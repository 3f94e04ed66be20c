//! The processor's extended state in a signal frame: uapi/asm/sigcontext.h.
#![expect(unsafe_code, reason = "reads and writes what the kernel has saved")]

use crate::process::thread::Thread;

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
            ((fpstate + 512) as *mut u64).write(0);
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

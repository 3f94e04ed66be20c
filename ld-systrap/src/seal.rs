//! The seal: Syscall User Dispatch, with the gate as the range that may call. Every other system call
//! instruction of an armed thread becomes a SIGSYS, whoever wrote it and whenever.
//!
//! See Documentation/admin-guide/syscall-user-dispatch.rst in the kernel's source.
#![expect(unsafe_code, reason = "switches the kernel's dispatch on")]

use crate::gate;
use crate::process::attention;
use crate::process::thread::Thread;
use crate::sys::process;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use linux_raw_sys::prctl::*;

/// When the seal is armed.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// As soon as something executable cannot be proved.
    Auto = 0,
    /// From the start.
    Always = 1,
    /// Not at all: what cannot be proved escapes.
    Never = 2,
}

static MODE: AtomicU8 = AtomicU8::new(Mode::Auto as u8);
static WANTED: AtomicBool = AtomicBool::new(false);
/// The seal stands in for patches that are not made yet ([`crate::postponed`]).
static STANDS_IN: AtomicBool = AtomicBool::new(false);

/// Sets the mode, before the program runs.
pub(crate) fn set_mode(mode: Mode) {
    MODE.store(mode as u8, Ordering::Relaxed);
    if mode == Mode::Always {
        arm();
    }
}

/// Whether the seal is neither armed for good nor forbidden.
pub(crate) fn can_be_armed() -> bool {
    MODE.load(Ordering::Relaxed) != Mode::Never as u8 && !WANTED.load(Ordering::SeqCst)
}

/// Something executable is not proved: arms the seal in all threads. They are armed on return.
pub(crate) fn arm() {
    if MODE.load(Ordering::Relaxed) == Mode::Never as u8 || WANTED.swap(true, Ordering::SeqCst) {
        return;
    }
    arm_thread(Thread::current());
    attention::call_others(attention::SEAL, |_| true);
}

/// The same; false if there is no seal, or it is forbidden.
pub(crate) fn arms() -> bool {
    arm();
    Thread::current().is_sealed
}

/// Arms the seal in this thread. A kernel without it goes on.
pub(crate) fn arm_thread(thread: &mut Thread) {
    let gate = gate::range();
    // SAFETY: calls from the gate pass; the signal handler takes all others.
    let armed = unsafe {
        process::prctl(
            PR_SET_SYSCALL_USER_DISPATCH,
            u64::from(PR_SYS_DISPATCH_ON),
            gate.start,
            gate.end - gate.start,
            0,
        )
    };
    thread.is_sealed = armed.is_ok();
    thread
        .attention
        .fetch_and(!attention::SEAL, Ordering::SeqCst);
}

/// Arms a new thread or process, whose dispatch the kernel has cleared.
pub(crate) fn rearm(thread: &mut Thread) {
    thread.is_sealed = false;
    if WANTED.load(Ordering::SeqCst) || STANDS_IN.load(Ordering::SeqCst) {
        arm_thread(thread);
    }
}

/// Arms the seal in the only thread, in the stead of patches. False if it must not or cannot be.
pub(crate) fn stand_in() -> bool {
    if MODE.load(Ordering::Relaxed) == Mode::Never as u8 {
        return false;
    }
    let thread = Thread::current();
    arm_thread(thread);
    STANDS_IN.store(thread.is_sealed, Ordering::SeqCst);
    thread.is_sealed
}

/// The patches are in place.
pub(crate) fn stand_down() {
    STANDS_IN.store(false, Ordering::SeqCst);
    review(Thread::current());
}

/// Lets this thread go if nothing wants it sealed any more.
pub(crate) fn review(thread: &mut Thread) {
    let wanted = WANTED.load(Ordering::SeqCst) || STANDS_IN.load(Ordering::SeqCst);
    if thread.is_sealed && !wanted {
        // SAFETY: as if it had never been on.
        let _ = unsafe {
            let off = u64::from(PR_SYS_DISPATCH_OFF);
            process::prctl(PR_SET_SYSCALL_USER_DISPATCH, off, 0, 0, 0)
        };
        thread.is_sealed = false;
    }
}

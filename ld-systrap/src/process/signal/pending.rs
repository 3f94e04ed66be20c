//! Signals that wait with us and not in the kernel: those of [`NEVER_BLOCKED`] that somebody sent while
//! the program has them blocked, or while another is made ready.

use super::NEVER_BLOCKED;
use crate::process::thread::{Thread, attention};
use crate::sys::process;
use crate::sys::signal::{self as kernel, Info, bit};
use core::sync::atomic::Ordering;
use linux_raw_sys::general::*;

/// `SYNCHRONOUS_MASK`: what the kernel delivers before all else.
const SYNCHRONOUS: u64 = NEVER_BLOCKED | bit(SIGTRAP) | bit(SIGFPE);

/// Synchronous signals that somebody sent and that wait, with their siginfo.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    waiting: [Option<Info>; 4],
    set: u64,
}

impl Pending {
    pub(super) fn add(&mut self, info: Info) {
        if self.set & bit(info.number()) != 0 {
            return; // a standard signal is pending once
        }
        if let Some(free) = self.waiting.iter_mut().find(|one| one.is_none()) {
            *free = Some(info);
            self.set |= bit(info.number());
        }
    }
    pub(super) fn take(&mut self, blocked: u64) -> Option<Info> {
        let deliverable =
            |one: &&mut Option<Info>| one.is_some_and(|info| blocked & bit(info.number()) == 0);
        let info = self.waiting.iter_mut().find(deliverable)?.take()?;
        self.set &= !bit(info.number());
        Some(info)
    }
    /// What the kernel would deliver before `signal`, if both wait (`next_signal` in kernel/signal.c).
    pub(super) fn take_before(&mut self, signal: u32, blocked: u64) -> Option<Info> {
        let later = match SYNCHRONOUS & bit(signal) {
            0 => 0,
            own => !(own - 1),
        };
        self.take(blocked | later)
    }
    /// The set of what waits.
    #[inline(always)]
    pub(crate) fn set(&self) -> u64 {
        self.set
    }
}

/// Blocks everything until a frame is returned to, and gives what came meanwhile, and can be delivered,
/// back to the kernel: it comes again as soon as that has happened.
pub(super) fn hand_back(thread: &mut Thread) {
    kernel::set_mask(u64::MAX);
    while let Some(info) = thread.pending.take(thread.hidden_mask) {
        let _ = process::queue_signal(thread.tid, info.number(), &info.0);
    }
}

/// Makes the thread look again at signals that waited for `hidden_mask` to change.
pub(crate) fn recheck_pending(thread: &mut Thread) {
    if thread.pending.set() & !thread.hidden_mask != 0 {
        thread
            .attention
            .fetch_or(attention::SIGNAL, Ordering::SeqCst);
    }
}

/// Raises a signal in the program's name; it is delivered at the next window.
pub(crate) fn force(thread: &mut Thread, info: Info) {
    thread.forced = info.is_fault();
    // The signal's handler is not seen by the compiler: it changes the thread before this returns.
    let thread = core::hint::black_box(thread);
    let _ = process::queue_signal(thread.tid, info.number(), &info.0);
}

/// A call is about to wait under a mask that lets through what waits with us: lends that to the kernel,
/// which alone knows whether the call ends with it. Until the call is over everything else is blocked,
/// so that nothing of it comes before.
pub(crate) fn lend(thread: &mut Thread) {
    let Some(mask) = thread.scratch.awaited else {
        return;
    };
    if thread.deferred.is_some() || thread.pending.set() & !mask == 0 {
        return; // the call will not be made, or nothing concerns it
    }
    let before = kernel::set_mask(u64::MAX);
    thread.scratch.lent.get_or_insert(before);
    while let Some(info) = thread.pending.take(mask) {
        let _ = process::queue_signal(thread.tid, info.number(), &info.0);
    }
}

/// Another program is about to be executed: lends the kernel all that it keeps for that, which is what
/// waits, and what of [`NEVER_BLOCKED`] the program has blocked. [`super::begin`] takes it over.
pub(crate) fn lend_to_next(thread: &mut Thread) {
    if thread.hidden_mask == 0 {
        return; // what waits is on its way to a handler
    }
    let before = kernel::set_mask(u64::MAX);
    thread.scratch.lent.get_or_insert(before);
    while let Some(info) = thread.pending.take(!thread.hidden_mask) {
        let _ = process::queue_signal(thread.tid, info.number(), &info.0);
    }
    kernel::set_mask(before | thread.hidden_mask);
}

/// The call is over: takes back what it has not used of what was lent.
pub(crate) fn take_back(thread: &mut Thread) {
    if let Some(mask) = thread.scratch.lent.take() {
        take_over(thread);
        kernel::set_mask(mask);
        recheck_pending(thread);
    }
}

/// Takes what waits in the kernel of [`NEVER_BLOCKED`].
pub(super) fn take_over(thread: &mut Thread) {
    while let Some(info) = kernel::take_pending(NEVER_BLOCKED) {
        thread.pending.add(info);
    }
}

/// Whether a signal can be delivered to the thread now.
pub(crate) fn waits(thread: &mut Thread) -> bool {
    if thread.deferred.is_some() || thread.pending.set() & !thread.hidden_mask != 0 {
        return true;
    }
    thread
        .attention
        .fetch_and(!attention::SIGNAL, Ordering::SeqCst);
    false
}

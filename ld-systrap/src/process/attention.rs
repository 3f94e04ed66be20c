//! What waits for a thread at its next window, and how one has others look at once.
#![expect(unsafe_code, reason = "looks at the blocks of other threads")]

use super::filter;
use super::signal::survivors;
use super::thread::Thread;
use super::threads;
use crate::sys::process;
use crate::sys::signal::{self as kernel, Info};
use crate::{gate, seal};
use core::sync::atomic::Ordering;

/// A signal is to be delivered.
pub(crate) const SIGNAL: u32 = 1;
/// The seal is to be armed.
pub(crate) const SEAL: u32 = 2;
/// What was postponed is to be instrumented.
pub(crate) const SETTLE: u32 = 4;
/// A process with the same dispositions dies of a signal.
pub(crate) const DEATH: u32 = 8;

const MAGIC: u64 = 0x5ea1_5ea1;

/// Has every other thread that `concerns` names look at `bit`, [`SEAL`] or [`DEATH`], before it runs any more
/// code of the program. They have, on return.
pub(crate) fn call_others(bit: u32, concerns: impl Fn(&Thread) -> bool) {
    let each = |act: &mut dyn FnMut(&Thread)| {
        threads::each_other(|other| {
            // SAFETY: in the list of threads; only atomics and what does not change are looked at.
            let other = unsafe { &*other };
            if concerns(other) {
                act(other);
            }
        });
    };
    let mut are_any = false;
    each(&mut |other| {
        other.call_attention(bit);
        are_any = true;
    });
    if !are_any {
        return;
    }
    // A membarrier between their stores and our loads, instead of one in every call.
    process::order_all_threads();
    let can_tell = !filter::is_installed() && process::proc_has_own_numbers();
    // A thread in the runtime looks at `attention` before it leaves; one in the program is called.
    each(&mut |other| {
        let is_in_program = !other.in_flight.load(Ordering::SeqCst) && other.tid() != 0;
        if is_in_program && !(can_tell && is_diverted(other)) {
            call(other, bit);
        }
    });
}

/// Has a thread that waits in a call on the short way look when that is over. A signal would end the
/// call, which would begin anew with its full time. False if it does not wait, or nobody can tell.
fn is_diverted(other: &Thread) -> bool {
    if other.numbering != Thread::current().numbering {
        return false;
    }
    gate::divert(other);
    process::waits_at(other.pid(), other.tid())
        .is_some_and(|rip| gate::will_be_diverted(other, rip))
}

fn call(other: &Thread, bit: u32) {
    if other.numbering != Thread::current().numbering {
        return; // its number may be somebody else's here: it looks at its next window
    }
    let info = Info::queued(kernel::SYS, other.pid(), MAGIC);
    if process::queue_signal_to(other.pid(), other.tid(), kernel::SYS, &info.0).is_err() {
        return; // it is gone
    }
    // What is waited for is short: the thread runs the program's code, or will before anything else.
    // A stopped one runs nothing and is not waited for for ever.
    for _ in 0..10_000 {
        let used = other.used.load(Ordering::SeqCst) != 0;
        if !used || other.attention.load(Ordering::SeqCst) & bit == 0 {
            return;
        }
        process::yield_now();
    }
}

/// Whether a signal is another thread's call, which may come bare.
pub(crate) fn is_call(thread: &Thread, info: &Info) -> bool {
    if info.number() != kernel::SYS || info.is_fault() {
        return false;
    }
    info.value() == Some(MAGIC) || info.is_bare() && waits(thread, SEAL | DEATH)
}

/// Whether one of `bits` waits for a thread.
pub(crate) fn waits(thread: &Thread, bits: u32) -> bool {
    thread.attention.load(Ordering::SeqCst) & bits != 0
}

/// Does what others may call for.
///
/// In a signal handler only where it has interrupted the program's own code.
pub(crate) fn attend(thread: &mut Thread) {
    if waits(thread, SEAL) {
        seal::arm_thread(thread);
    }
    if waits(thread, DEATH) {
        survivors::outlive(thread);
    }
}

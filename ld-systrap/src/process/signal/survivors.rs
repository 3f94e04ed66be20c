//! The death of a process by a signal while another shares its dispositions (clone(2), CLONE_SIGHAND without
//! CLONE_THREAD).
//!
//! The kernel ends a process of a signal that has no handler, and a handler is taken away from all who share it. So the
//! others are held from before that until the process is gone, and then put back what they need.

use crate::process::attention;
use crate::process::thread::Thread;
use crate::sys::{process, time};
use alloc::sync::Arc;
use core::sync::atomic::Ordering;
use core::time::Duration;

/// How often a survivor looks whether the other is gone. If that takes longer, as under a debugger, the signal
/// finds the handler in its place once more, and all begins anew.
const LOOKS: u32 = 2_000;
const BETWEEN: Duration = Duration::from_micros(50);

/// Holds all threads of other processes with the same dispositions: this process is about to die of `signal`.
pub(super) fn hold(thread: &Thread, signal: u32) {
    let is_survivor = |other: &Thread| {
        Arc::ptr_eq(&other.signals, &thread.signals)
            && (other.pid() != thread.pid() || other.numbering != thread.numbering)
    };
    let dying = u64::from(signal) << 32 | u64::from(thread.tid() as u32);
    thread.signals.dying.store(dying, Ordering::SeqCst);
    attention::call_others(attention::DEATH, is_survivor);
}

/// Waits until the process that has called is gone, and puts back what it took away.
pub(crate) fn outlive(thread: &mut Thread) {
    let dying = thread.signals.dying.load(Ordering::SeqCst);
    thread
        .attention
        .fetch_and(!attention::DEATH, Ordering::SeqCst);
    for _ in 0..LOOKS {
        if !process::shares_memory(dying as i32) {
            break;
        }
        time::sleep(BETWEEN);
    }
    thread.signals.install_again((dying >> 32) as u32);
}

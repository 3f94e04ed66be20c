//! Signals that a process sends to itself, as a whole. They must have been sent when the call returns: to
//! whoever lets them through then, or asks what waits. The kernel gives those of [`NEVER_BLOCKED`] to the first
//! thread or to any that a signal has interrupted, which may have them blocked, and could only pass them on some
//! moments later. So then they are not sent by the kernel: it only says whether they may be.
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use super::NEVER_BLOCKED;
use super::marks::{disguised, hand_over, pretends};
use super::pending::recheck_pending;
use super::shared::{each_of_process, exchange, is_alone};
use crate::memory::copy;
use crate::process::thread::Thread;
use crate::sys::process;
use crate::sys::signal::{Info, bit};
use linux_raw_sys::general::*;

/// kill(2) and rt_sigqueueinfo(2), before.
pub(crate) fn before_send(thread: &mut Thread) {
    thread.scratch.info = None;
    let [process, signal, from, ..] = thread.arguments;
    let signal = signal as u32;
    if process as i32 != thread.pid() || !(1..=64).contains(&signal) {
        return;
    }
    let queued = match thread.number as u32 {
        __NR_kill => None,
        _ => match copy::read_value(from) {
            Ok(info) => Some(disguised(thread, info, signal, process as i32)),
            Err(_) => return,
        },
    };
    // What is sent by a call has a negative code; others are timers and the like.
    let may_wait = NEVER_BLOCKED & bit(signal) != 0 && queued.is_none_or(|info| info.code() < 0);
    if may_wait && !kernel_finds_taker(thread, signal) {
        thread.scratch.info = Some(queued.unwrap_or_else(|| by_kill(thread, signal)));
        thread.arguments[1] = 0;
    } else if let Some(info) = queued.filter(pretends) {
        hand_over(thread, 2, info);
    }
}

/// kill(2) and rt_sigqueueinfo(2), after: it may.
pub(crate) fn after_send(thread: &mut Thread) {
    let Some(info) = thread.scratch.info.take_if(|_| thread.arguments[1] == 0) else {
        return; // the kernel has sent it
    };
    let is_open = thread.hidden_mask & bit(info.number()) == 0;
    if is_open && thread.signals.ignores(info.number()) {
        return;
    }
    thread.passing.add(info);
    exchange(thread);
    recheck_pending(thread);
}

/// Whether the signal gets where it belongs by the kernel: there is no other thread, or the kernel's choice is
/// another one, the first, which lets it through.
fn kernel_finds_taker(thread: &Thread, signal: u32) -> bool {
    if thread.tid() == thread.pid() {
        return is_alone(thread);
    }
    let mut takes = false;
    each_of_process(thread, |other| {
        // SAFETY: a word, which its thread writes at any time.
        #[expect(unsafe_code, reason = "looks at another thread's block")]
        let hidden = unsafe { (&raw const other.hidden_mask).read_volatile() };
        takes |= other.tid() == other.pid() && hidden & bit(signal) == 0;
    });
    takes
}

fn by_kill(thread: &Thread, signal: u32) -> Info {
    const SI_USER: i32 = 0;
    let sender = u64::from(thread.pid() as u32) | u64::from(process::real_user()) << 32;
    Info::new(signal, SI_USER, sender)
}

//! Signals that a process sends to itself. They must have been sent when the call returns: to whoever lets them
//! through then, or asks what waits. The kernel gives those of [`NEVER_BLOCKED`] that are sent to the process to the
//! first thread or to any that a signal has interrupted, which may have them blocked, and could only pass them on some
//! moments later; and those that are sent to a thread it drops where that has not heard yet that it shall look
//! ([`super::shared`]). So then they are not sent by the kernel: it only says whether they may be.
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use super::NEVER_BLOCKED;
use super::marks::{disguised, for_thread, hand_over, pretends};
use super::pending::recheck_pending;
use super::shared::{drops, each_of_process, exchange, is_alone, is_open, send_to};
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
        thread.scratch.info =
            Some(queued.unwrap_or_else(|| by_call(thread, signal, SI_USER as i32)));
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
    if drops(thread, info.number()) {
        return;
    }
    thread.passing.add(info);
    exchange(thread);
    recheck_pending(thread);
}

/// tkill(2), tgkill(2) and rt_tgsigqueueinfo(2), before.
pub(crate) fn before_send_to_thread(thread: &mut Thread) {
    thread.scratch.info = None;
    let [process, to, signal, from, ..] = to_thread(thread);
    let signal = signal as u32;
    if process as i32 != thread.pid() || !(1..=64).contains(&signal) {
        return;
    }
    let queued = match thread.number as u32 {
        __NR_rt_tgsigqueueinfo => match copy::read_value(from) {
            Ok(info) => Some(for_thread(disguised(thread, info, signal, to as i32))),
            Err(_) => return,
        },
        _ => None,
    };
    if NEVER_BLOCKED & bit(signal) != 0 && !is_alone(thread) && has(thread, to as i32) {
        thread.scratch.info = Some(queued.unwrap_or_else(|| by_call(thread, signal, SI_TKILL)));
        let index = match thread.number as u32 {
            __NR_tkill => 1,
            _ => 2,
        };
        thread.arguments[index] = 0;
    } else if let Some(info) = queued {
        hand_over(thread, 3, info);
    }
}

/// The same, after.
pub(crate) fn after_send_to_thread(thread: &mut Thread) {
    let [_, to, 0, ..] = to_thread(thread) else {
        return; // the kernel has sent it
    };
    if let Some(info) = thread.scratch.info.take() {
        send_to(thread, to as i32, info);
    }
}

/// The arguments of a call that sends something to a thread, as those of rt_tgsigqueueinfo(2).
fn to_thread(thread: &Thread) -> [u64; 6] {
    let arguments = thread.arguments;
    match thread.number as u32 {
        __NR_tkill => [thread.pid() as u64, arguments[0], arguments[1], 0, 0, 0],
        _ => arguments,
    }
}

/// Whether a thread of the process has this number, and is ready to look.
fn has(thread: &Thread, tid: i32) -> bool {
    let mut has = thread.tid() == tid;
    each_of_process(thread, |other| has |= other.tid() == tid);
    has
}

/// Whether the signal gets where it belongs by the kernel: there is no other thread, or the kernel's choice is
/// another one, the first, which lets it through.
fn kernel_finds_taker(thread: &Thread, signal: u32) -> bool {
    if thread.tid() == thread.pid() {
        return is_alone(thread);
    }
    let mut takes = false;
    each_of_process(thread, |other| {
        takes |= other.tid() == other.pid() && is_open(other, signal);
    });
    takes
}

fn by_call(thread: &Thread, signal: u32, code: i32) -> Info {
    let sender = u64::from(thread.pid() as u32) | u64::from(process::real_user()) << 32;
    Info::new(signal, code, sender)
}

//! Calls that wait for a time and are made again for a signal that is none of the program's: for what is
//! left of it. Natively nothing would have woken them: the program ignores the signal or has it blocked,
//! which the kernel does not know ([`NEVER_BLOCKED`]).
//!
//! What waits until a time, or says itself how much is left (select, ppoll), needs nothing.
//!
//! [`NEVER_BLOCKED`]: super::NEVER_BLOCKED
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use crate::call::Abi;
use crate::gate::{Step, interest};
use crate::memory::copy;
use crate::process::thread::Thread;
use crate::sys::time;
use core::time::Duration;
use linux_raw_sys::general::*;

/// Those that the runtime does not always see for another reason.
const CONCERNED: &[u32] = &[
    __NR_poll,
    __NR_epoll_wait,
    __NR_epoll_pwait,
    __NR_epoll_pwait2,
    __NR_nanosleep,
    __NR_clock_nanosleep,
    __NR_futex,
    __NR_semtimedop,
];

/// Which argument says how long, and how.
enum Limit {
    Milliseconds(usize),
    Timespec(usize),
}

/// From now on the program ignores such a signal, or one has come that it has blocked: the runtime must know
/// when calls begin to wait.
pub(super) fn watch() {
    interest::must_see(CONCERNED);
}

fn limit_of(number: u64, arguments: &[u64; 6]) -> Option<Limit> {
    const TIMER_ABSTIME: u64 = 1;
    const OPERATION: u64 = 0x7f; // FUTEX_CMD_MASK
    let follows_monotonic =
        |clock: u64| [CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME].contains(&(clock as u32));
    match number as u32 {
        __NR_poll => Some(Limit::Milliseconds(2)),
        __NR_epoll_wait | __NR_epoll_pwait => Some(Limit::Milliseconds(3)),
        __NR_nanosleep => Some(Limit::Timespec(0)),
        __NR_clock_nanosleep
            if arguments[1] & TIMER_ABSTIME == 0 && follows_monotonic(arguments[0]) =>
        {
            Some(Limit::Timespec(2))
        }
        __NR_futex if arguments[1] & OPERATION == u64::from(FUTEX_WAIT) => Some(Limit::Timespec(3)),
        __NR_rt_sigtimedwait => Some(Limit::Timespec(2)),
        __NR_epoll_pwait2 | __NR_semtimedop => Some(Limit::Timespec(3)),
        _ => None,
    }
}

/// A call that the runtime sees is about to be made.
pub(crate) fn begin(thread: &mut Thread) {
    thread.scratch.until = None;
    if thread.hidden_mask | thread.signals.ignored() != 0 && thread.call.abi == Abi::Syscall {
        thread.scratch.until = until(thread);
    }
}

/// When the call's time is over; nothing if it has no limit, or does not wait.
fn until(thread: &Thread) -> Option<Duration> {
    let arguments = &thread.call.arguments;
    let length = match limit_of(thread.call.number, arguments)? {
        Limit::Milliseconds(index) => match arguments[index] as i32 {
            none if none <= 0 => return None,
            some => Duration::from_millis(u64::from(some.unsigned_abs())),
        },
        Limit::Timespec(index) => {
            let [seconds, nanoseconds] = copy::read_value::<[u64; 2]>(arguments[index]).ok()?;
            if seconds > u64::MAX >> 1 || nanoseconds >= 1_000_000_000 {
                return None; // invalid
            }
            Duration::new(seconds, nanoseconds as u32)
        }
    };
    time::monotonic().checked_add(length)
}

/// The call is made, perhaps not for the first time: for what is left.
pub(crate) fn go_on(thread: &mut Thread) {
    if thread.hidden_mask | thread.signals.ignored() == 0 || thread.call.abi != Abi::Syscall {
        return;
    }
    let Some(limit) = limit_of(thread.call.number, &thread.call.arguments) else {
        return;
    };
    if thread.step == Step::Forward {
        // Nobody has seen it begin.
        thread.number = thread.call.number;
        thread.arguments = *thread.call.arguments;
        thread.scratch.until = until(thread);
        thread.step = Step::Altered;
    }
    let Some(until) = thread.scratch.until else {
        return;
    };
    let left = until.saturating_sub(time::monotonic());
    match limit {
        Limit::Milliseconds(index) => {
            thread.arguments[index] = left.as_nanos().div_ceil(1_000_000) as u64;
        }
        Limit::Timespec(index) => {
            thread.scratch.left = [left.as_secs(), u64::from(left.subsec_nanos())];
            thread.arguments[index] = thread.scratch.left.as_ptr() as u64;
        }
    }
}

//! Clocks and sleep: clock_gettime(2), nanosleep(2).
#![expect(unsafe_code, reason = "hands a structure of ours to the kernel")]

use super::raw;
use core::time::Duration;
use linux_raw_sys::general::*;

/// The time since 1970, as the system has it.
#[must_use]
pub fn since_1970() -> Duration {
    read(CLOCK_REALTIME)
}

/// The time since some point in the past, which nobody sets.
#[must_use]
pub fn monotonic() -> Duration {
    read(CLOCK_MONOTONIC)
}

fn read(clock: u32) -> Duration {
    let mut time = timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the kernel writes one timespec. It knows both clocks.
    let _ = unsafe { raw::call!(__NR_clock_gettime, clock, &raw mut time) };
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Sleeps, until a signal comes at most.
pub(crate) fn sleep(duration: Duration) {
    let time = timespec {
        tv_sec: duration.as_secs().cast_signed(),
        tv_nsec: i64::from(duration.subsec_nanos()),
    };
    // SAFETY: the kernel reads one timespec.
    let _ = unsafe { raw::call!(__NR_nanosleep, &raw const time, 0) };
}

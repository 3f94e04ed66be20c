//! The lock of the runtime: spins, and lets others run meanwhile.
//!
//! Held for short stretches of Rust only, never across a call of the program, never in a signal
//! handler that interrupted the runtime. Fork takes those that must be whole in the child
//! ([`crate::process::spawn`]).

use spin::mutex::SpinMutex;

/// How a thread waits for a lock.
pub(crate) struct Yield;

impl spin::RelaxStrategy for Yield {
    fn relax() {
        crate::sys::process::yield_now();
    }
}

/// A lock of the runtime.
pub(crate) type Lock<T> = SpinMutex<T, Yield>;

//! What a call leaves with its thread until it is over: what the runtime found out before, and copies of the
//! program's arguments that it changed on the way to the kernel.

use crate::process::exec::Prepared;
use crate::process::signal::Returning;
use crate::sys::signal;
use alloc::vec::Vec;
use core::time::Duration;

/// What lives until the call in flight is over.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) mask: u64,
    /// The mask that the call in flight puts in place while it waits, as the program gave it.
    pub(crate) temporary: Option<u64>,
    /// The mask that lets through what ends the call in flight, if it waits for signals.
    pub(crate) awaited: Option<u64>,
    /// The mask of before, while the kernel has signals that waited with us ([`lend`]).
    ///
    /// [`lend`]: crate::process::signal::lend
    pub(crate) lent: Option<u64>,
    /// When the call in flight has waited for as long as the program wants, where that is to be known.
    pub(crate) until: Option<Duration>,
    /// What is left of that.
    pub(crate) left: [u64; 2],
    pub(crate) pair: [u64; 2],
    pub(crate) words: [u64; 16],
    pub(crate) path: Vec<u8>,
    /// That path is of the directory that lists the process's descriptors, whose size is their number.
    pub(crate) is_count: bool,
    pub(crate) ranges: Vec<[u64; 2]>,
    /// What rt_sigtimedwait(2) has taken, or a call is about to send.
    pub(crate) info: Option<signal::Info>,
    /// What a sigreturn is about to replace.
    pub(crate) returning: Option<Returning>,
    /// The frame that a sigreturn is about to return to.
    pub(crate) frame: Option<signal::Ucontext>,
    /// Memory for a program about to be executed: unmapped when that fails.
    pub(crate) exec: Option<Prepared>,
}

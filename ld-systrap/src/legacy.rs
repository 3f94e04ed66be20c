//! Calls by `int 0x80`, which the kernel numbers and reads by the i386 table.

use crate::gate::Step;
use crate::process::calls::{self, answer};
use crate::process::thread::Thread;
use crate::process::{mapping, spawn};
use crate::sys::Errno;
use linux_raw_sys::general::*;

/// The numbers of calls that the runtime must see.
mod i386 {
    pub(super) const EXIT: u64 = 1;
    pub(super) const FORK: u64 = 2;
    pub(super) const EXECVE: u64 = 11;
    pub(super) const CLOSE: u64 = 6;
    pub(super) const DUP2: u64 = 63;
    pub(super) const SIGRETURN: u64 = 119;
    pub(super) const CLONE: u64 = 120;
    pub(super) const MPROTECT: u64 = 125;
    pub(super) const RT_SIGRETURN: u64 = 173;
    pub(super) const RT_SIGACTION: u64 = 174;
    pub(super) const SIGALTSTACK: u64 = 186;
    pub(super) const VFORK: u64 = 190;
    pub(super) const MMAP2: u64 = 192;
    pub(super) const SIGACTION: u64 = 67;
    pub(super) const SIGNAL: u64 = 48;
    pub(super) const EXIT_GROUP: u64 = 252;
    pub(super) const EXECVEAT: u64 = 358;
    pub(super) const CLONE3: u64 = 435;
    pub(super) const CLOSE_RANGE: u64 = 436;
}

/// Fills in the call that the registers ask for by the 32-bit table's rules. Called by the gate.
pub(crate) extern "C" fn arrived(thread: &mut Thread) {
    let context = &thread.context;
    let call = &mut thread.call;
    let low = |register: u64| register & 0xffff_ffff;
    let [rbx, rcx, rdx, rsi] = [context.rbx, context.rcx, context.rdx, context.rsi];
    call.number = low(context.rax);
    call.arguments = [rbx, rcx, rdx, rsi, context.rdi, context.rbp].map(low);
    call.after = context.after;
    call.stack = context.rsp;
    call.thread = thread.tid;
    call.process = thread.pid;
}

/// Calls by `int 0x80`: most go to the kernel as they are; some have a 64-bit twin that the runtime
/// handles; those whose structures differ are refused rather than let through unseen.
pub(super) fn before(thread: &mut Thread) -> Step {
    let twin = match thread.number {
        i386::EXIT => __NR_exit,
        i386::EXIT_GROUP => __NR_exit_group,
        i386::FORK => __NR_fork,
        i386::VFORK => __NR_vfork,
        i386::CLOSE => __NR_close,
        i386::DUP2 => __NR_dup2,
        i386::CLOSE_RANGE => __NR_close_range,
        i386::EXECVE
        | i386::EXECVEAT
        | i386::CLONE
        | i386::CLONE3
        | i386::SIGRETURN
        | i386::RT_SIGRETURN
        | i386::SIGNAL
        | i386::SIGACTION
        | i386::RT_SIGACTION
        | i386::SIGALTSTACK => return answer(thread, Err(Errno::ENOSYS)),
        _ => return Step::Int80,
    };
    thread.number = u64::from(twin);
    calls::before(thread)
}

/// What the runtime does after them.
pub(super) fn after(thread: &mut Thread) {
    match thread.call.number {
        i386::FORK | i386::VFORK => spawn::after(thread),
        i386::MPROTECT | i386::MMAP2 => mapping::after_legacy(thread),
        _ => {}
    }
}

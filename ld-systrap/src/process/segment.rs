//! A program that uses %gs itself, by arch_prctl(2) or `wrgsbase`.
//!
//! %gs is ours wherever nobody else sets it: the gate finds its thread there. A program that has set it
//! comes to the gate with its own, which the gate notices ([`gate::looks`]). By a fault it gets here: ours
//! is put in its place for the length of the call, and the call's way out ends in another fault
//! ([`gate::swap_back`]), which puts the program's back. So whatever goes on in the runtime, %gs is ours,
//! and where the program goes on, in its own code or in a handler, it is its own. Two faults make such
//! calls slow, and others pay nothing for it.
//!
//! In signal handlers too: takes no lock.
#![expect(
    unsafe_code,
    reason = "moves %gs, through which the gate finds its thread"
)]

use crate::gate;
use crate::process::thread::Thread;
use crate::sys::process;
use crate::sys::signal::{self as kernel, Info, Registers};

/// What has to be put back when the program goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Swapped {
    /// The program's base of %gs.
    base: u64,
    /// Where it goes on.
    resume: u64,
}

/// If a fault says that the gate has met the program's %gs, or is to put it back, does that.
pub(crate) fn fault(thread: &mut Thread, info: &Info, registers: &mut Registers) -> bool {
    if !info.is_fault() || !matches!(info.number(), kernel::SEGV | kernel::BUS) {
        return false;
    }
    if gate::looks(registers.rip) {
        let resume = registers.r11;
        swap(thread, process::gs(), resume);
        registers.rcx = gate::after_of(resume);
        registers.r11 = gate::swap_back();
        registers.rip = gate::entry_long();
        return true;
    }
    restore(thread, registers)
}

/// If the thread is about to go on in the program, lets it, with the program's %gs.
pub(crate) fn restore(thread: &mut Thread, registers: &mut Registers) -> bool {
    if registers.rip != gate::swap_back() {
        return false;
    }
    if let Some(resume) = give_back(thread) {
        registers.rip = resume;
    }
    true
}

/// Puts the program's %gs back, if ours is in its place; gives the address where it goes on.
pub(crate) fn give_back(thread: &mut Thread) -> Option<u64> {
    let swapped = thread.swapped.take()?;
    // SAFETY: the gate is not entered before the program's code runs again, and then it looks.
    unsafe { process::set_gs(swapped.base) };
    Some(swapped.resume)
}

/// A trap has found a call in the program's code: if %gs is the program's, puts ours in its place. Gives
/// where the call shall go on instead of at `resume`.
pub(crate) fn at_trap(thread: &mut Thread, resume: u64) -> Option<u64> {
    let base = process::gs();
    if base == thread.itself as u64 {
        return None;
    }
    swap(thread, base, resume);
    Some(gate::swap_back())
}

fn swap(thread: &mut Thread, base: u64, resume: u64) {
    thread.swapped = Some(Swapped { base, resume });
    // SAFETY: the thread's own block.
    unsafe { process::set_gs(thread.itself as u64) };
}

/// arch_prctl(2), ARCH_GET_GS.
pub(crate) fn base(thread: &Thread) -> u64 {
    thread.swapped.map_or(0, |swapped| swapped.base)
}

/// arch_prctl(2), ARCH_SET_GS, for when the program goes on.
pub(crate) fn set_base(thread: &mut Thread, base: u64) {
    match &mut thread.swapped {
        Some(swapped) => swapped.base = base,
        None => {
            let resume = thread.context.resume;
            thread.swapped = Some(Swapped { base, resume });
            thread.context.resume = gate::swap_back();
        }
    }
}

/// rt_sigreturn(2) goes on at `rip`: gives where it shall go on instead.
pub(crate) fn at_return(thread: &mut Thread, rip: u64) -> u64 {
    match &mut thread.swapped {
        Some(swapped) => {
            swapped.resume = rip;
            gate::swap_back()
        }
        None => rip,
    }
}

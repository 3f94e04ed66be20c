//! A program that uses %gs itself, by arch_prctl(2) or `wrgsbase`, or makes calls from 32-bit code.
//!
//! %gs is ours wherever nobody else sets it: the gate finds its thread there. A program that has set it
//! comes to the gate with its own, which the gate notices ([`gate::looks`]). By a fault it gets here: ours
//! is put in its place for the length of the call, and the call's way out ends in another fault
//! ([`gate::swap_back`]), which puts the program's back. So whatever goes on in the runtime, %gs is ours,
//! and where the program goes on, in its own code or in a handler, it is its own. Two faults make such
//! calls slow, and others pay nothing for it.
//!
//! A call of 32-bit code (a far jump or call leads there) comes by a trap. It is made in 64-bit mode, and goes
//! back by the same fault.
//!
//! In signal handlers too: takes no lock.
#![expect(
    unsafe_code,
    reason = "moves %gs, through which the gate finds its thread"
)]

use crate::gate;
use crate::process::thread::Thread;
use crate::sys::process;
use crate::sys::signal::{self as kernel, Info, Registers, USER_CODE, USER_STACK};

/// What has to be put back when the program goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Swapped {
    /// The program's base of %gs.
    base: u64,
    /// Where it goes on.
    resume: u64,
    /// In which segments it does: code and stack.
    segments: (u16, u16),
}

const USUAL: (u16, u16) = (USER_CODE, USER_STACK);

/// If a fault says that the gate has met the program's %gs, or is to put it back, does that.
pub(crate) fn fault(thread: &mut Thread, info: &Info, registers: &mut Registers) -> bool {
    if !info.is_fault() || !matches!(info.number(), kernel::SEGV | kernel::BUS) {
        return false;
    }
    if gate::looks(registers.rip) {
        let resume = registers.r11;
        swap(thread, process::gs(), resume, USUAL);
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
    load(thread, registers);
    if let Some(resume) = give_back(thread) {
        registers.rip = resume;
    }
    true
}

/// Puts the segments that the program goes on in into `registers`.
pub(crate) fn load(thread: &Thread, registers: &mut Registers) {
    if let Some(swapped) = thread.swapped
        && swapped.segments != USUAL
    {
        (registers.cs, registers.ss) = swapped.segments;
    }
}

/// Puts the program's %gs back, if ours is in its place; gives the address where it goes on.
pub(crate) fn give_back(thread: &mut Thread) -> Option<u64> {
    let swapped = thread.swapped.take()?;
    // SAFETY: the gate is not entered before the program's code runs again, and then it looks.
    unsafe { process::set_gs(swapped.base) };
    Some(swapped.resume)
}

/// A trap has found a call in the program's code: if %gs is the program's, puts ours in its place, and sends
/// 32-bit code to the gate in 64-bit mode. Gives where the call shall go on instead of at `resume`.
pub(crate) fn at_trap(thread: &mut Thread, registers: &mut Registers, resume: u64) -> Option<u64> {
    let base = process::gs();
    let segments = match registers.is_64_bit() {
        true => USUAL,
        false => (registers.cs, registers.ss),
    };
    if base == thread.itself as u64 && segments == USUAL {
        return None;
    }
    swap(thread, base, resume, segments);
    if segments != USUAL {
        (registers.cs, registers.ss) = USUAL;
    }
    Some(gate::swap_back())
}

fn swap(thread: &mut Thread, base: u64, resume: u64, segments: (u16, u16)) {
    thread.swapped = Some(Swapped {
        base,
        resume,
        segments,
    });
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
            thread.swapped = Some(Swapped {
                base,
                resume,
                segments: USUAL,
            });
            thread.context.resume = gate::swap_back();
        }
    }
}

/// Takes back what [`at_return`] did: the call was made in 64-bit code.
pub(crate) fn abandon_return(thread: &mut Thread) {
    if let Some(swapped) = &mut thread.swapped {
        swapped.segments = USUAL;
    }
}

/// rt_sigreturn(2) goes on as `registers` say: changes them if it shall come by here first.
pub(crate) fn at_return(thread: &mut Thread, registers: &mut Registers) {
    let Some(swapped) = &mut thread.swapped else {
        return;
    };
    swapped.resume = registers.rip;
    swapped.segments = USUAL;
    registers.rip = gate::swap_back();
    if !registers.is_64_bit() {
        swapped.segments = (registers.cs, registers.ss);
        (registers.cs, registers.ss) = USUAL;
    }
}

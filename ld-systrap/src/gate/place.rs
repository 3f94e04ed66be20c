//! Where in the gate a thread is, and what that means: the labels of its code, for signals and traps.
#![expect(unsafe_code, reason = "labels of assembly are foreign statics")]

use super::{enter_int80, interest};
use crate::memory::copy;
use crate::process::thread::Thread;
use crate::sys::signal::{self as kernel, Info, Registers};
use core::sync::atomic::Ordering;
use ld_systrap_core::patch::RECOVERS_RCX;
use linux_raw_sys::general::SI_KERNEL;

unsafe extern "C" {
    static gate_call: u8;
    static gate_called: u8;
    static gate_int80_call: u8;
    static gate_int80_called: u8;
    static gate_sigreturn: u8;
    static gate_sigreturn_end: u8;
    static gate_light_call: u8;
    static gate_light_called: u8;
    static gate_light_exit: u8;
    static gate_light_exited: u8;
    static gate_light_attention_before: u8;
    static gate_exit: u8;
    static gate_exited: u8;
    static gate_attention_before: u8;
    static gate_short: u8;
    static gate_long: u8;
    static gate_short_looked: u8;
    static gate_long_looked: u8;
    static gate_short_find: u8;
    static gate_long_find: u8;
    static gate_swap: u8;
    static gate_returned: u8;
    static gate_restored: u8;
    static raw_called: u8;
    static gate_swap_back: u8;
    static gate_short_saved: u8;
    static gate_short_moved: u8;
    static gate_short_restored: u8;
    static gate_short_call: u8;
    static gate_short_called: u8;
    static gate_short_left: u8;
    static gate_diverted: u8;
    static __gate_start: u8;
    static __gate_end: u8;
    static __copy_start: u8;
    static __copy_end: u8;
    static __ehdr_start: u8;
    static __image_end: u8;
    static __build_id_start: u8;
    static __build_id_end: u8;
}

macro_rules! label {
    ($name:ident) => {
        &raw const $name as u64
    };
}

/// Where in the runtime a signal found the thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Window {
    /// Not in the runtime, on the short way through the gate, or just about to leave it: the registers
    /// are the program's.
    Program,
    /// In the call window: go on at this address instead.
    Call(u64),
    /// In the exit window: go on at this address instead.
    Exit(u64),
    /// In a copy from or to the program's memory.
    Copy,
    /// Elsewhere in the runtime.
    Runtime,
}

/// Tells where in the runtime `rip` is.
pub(crate) fn window(rip: u64) -> Window {
    if !image().contains(&rip) || is_short_way(rip) || rip == swap_back() {
        return Window::Program;
    }
    let calls = [
        label!(gate_call)..label!(gate_called),
        label!(gate_int80_call)..label!(gate_int80_called),
        label!(gate_sigreturn)..label!(gate_sigreturn_end),
    ];
    if calls.iter().any(|call| call.contains(&rip)) {
        Window::Call(label!(gate_attention_before))
    } else if (label!(gate_light_call)..label!(gate_light_called)).contains(&rip) {
        Window::Call(label!(gate_light_attention_before))
    } else if (label!(gate_exit)..label!(gate_exited)).contains(&rip) {
        Window::Exit(label!(gate_exit))
    } else if (label!(gate_light_exit)..label!(gate_light_exited)).contains(&rip) {
        Window::Exit(label!(gate_light_exit))
    } else if (label!(__copy_start)..label!(__copy_end)).contains(&rip) {
        Window::Copy
    } else {
        Window::Runtime
    }
}

/// Where trampolines shall lead.
pub(crate) fn entry() -> u64 {
    if interest::is_all() {
        label!(gate_long)
    } else {
        label!(gate_short)
    }
}

/// Where traps shall lead, once %gs is ours and rcx the address after the site.
pub(crate) fn entry_looked() -> u64 {
    if interest::is_all() {
        label!(gate_long_looked)
    } else {
        label!(gate_short_looked)
    }
}

/// As [`entry_looked`], past the short way.
pub(crate) fn entry_long() -> u64 {
    label!(gate_long_looked)
}

/// Whether a fault at `rip` says that %gs is not ours.
pub(crate) fn looks(rip: u64) -> bool {
    [label!(gate_short), label!(gate_long), label!(gate_swap)].contains(&rip)
}

/// Where a call goes on, in place of the program, whose %gs was not ours: a fault.
pub(crate) fn swap_back() -> u64 {
    label!(gate_swap_back)
}

/// The address after the site that a trampoline belongs to. `resume` is where it is returned to.
pub(crate) fn after_of(resume: u64) -> u64 {
    let end = resume.wrapping_sub(RECOVERS_RCX as u64);
    // Faults only if somebody else than a trampoline has come to the gate.
    let distance = copy::read_value::<u32>(end.wrapping_sub(4)).unwrap_or(0);
    end.wrapping_add_signed(i64::from(distance.cast_signed()))
}

/// If a fault says that the processor did not read in the gate what is not aligned (AC), reads it.
pub(crate) fn found(info: &Info, registers: &mut Registers) -> bool {
    if !info.is_fault() || info.number() != kernel::BUS {
        return false;
    }
    let finds = [
        (label!(gate_short_find), label!(gate_short_looked)),
        (label!(gate_long_find), label!(gate_long_looked)),
    ];
    let Some((_, looked)) = finds.into_iter().find(|(find, _)| *find == registers.rip) else {
        return false;
    };
    registers.rcx = after_of(registers.r11);
    registers.rip = looked;
    true
}

/// Whether a thread that goes on at `rip` looks at its `attention` before anything else happens.
pub(crate) fn looks_for_attention(rip: u64) -> bool {
    rip == label!(gate_long_looked) || rip == enter_int80 as *const () as u64
}

/// Whether a thread at `rip` is about to return to a frame of the program's, with the flags that it holds.
pub(crate) fn is_returning(rip: u64) -> bool {
    (label!(gate_sigreturn)..label!(gate_sigreturn_end)).contains(&rip)
}

/// Whether `rip` is on the short way.
pub(crate) fn is_short_way(rip: u64) -> bool {
    (label!(gate_short)..label!(gate_short_left)).contains(&rip)
}

/// If the thread is on the short way, puts `registers` back to the site, or forward behind it: all but
/// rcx, r11, r14 and r15 are the program's. The call has been made if it is over in the kernel.
pub(crate) fn leave_short_way(thread: &Thread, registers: &mut Registers) {
    let rip = registers.rip;
    if !is_short_way(rip) {
        return;
    }
    let after = if rip < label!(gate_short_looked) {
        after_of(registers.r11)
    } else if (label!(gate_short_moved)..label!(gate_short_restored)).contains(&rip) {
        registers.r15
    } else {
        registers.rcx
    };
    if rip >= label!(gate_short_saved) {
        registers.r14 = thread.context.r14;
        registers.r15 = thread.context.r15;
    }
    if rip < label!(gate_short_called) {
        back_to_site(registers, after);
    } else {
        registers.rcx = after;
        registers.rip = after;
    }
}

/// Has the call that `thread` waits in on the short way end in a trap that leads to [`undivert`]. Of no
/// consequence if it does not wait in one.
pub(crate) fn divert(thread: &Thread) {
    let resume = thread.short_resume.load(Ordering::SeqCst);
    thread.undiverted.store(resume, Ordering::SeqCst);
    // It may be on its way into another call.
    let _ = thread.short_resume.compare_exchange(
        resume,
        label!(gate_diverted),
        Ordering::SeqCst,
        Ordering::SeqCst,
    );
}

/// Whether the call of `thread` will end as [`divert`] had it, if it has been found since to wait at `rip`:
/// then it has begun no other call in between.
pub(crate) fn will_be_diverted(thread: &Thread, rip: u64) -> bool {
    rip == label!(gate_short_called)
        && thread.short_resume.load(Ordering::SeqCst) == label!(gate_diverted)
}

/// If a diverted thread has left the gate, puts `registers` where it goes on.
pub(crate) fn undivert(thread: &Thread, registers: &mut Registers) -> bool {
    let is_diverted = registers.rip == label!(gate_diverted);
    if is_diverted {
        registers.rip = thread.undiverted.load(Ordering::SeqCst);
    }
    is_diverted
}

/// Puts `registers` back to the site before `after`. What rcx and r11 held is gone: they are as when the
/// kernel has wound a call back, to be made again.
pub(crate) fn back_to_site(registers: &mut Registers, after: u64) {
    registers.rip = after.wrapping_sub(2);
    registers.rcx = after;
    registers.r11 = registers.rflags;
}

/// If a call on the short way was just given up for a signal that is none of the program's, makes it
/// again.
fn repeat_short_call(thread: &Thread, registers: &mut Registers) {
    let interrupted = crate::sys::Errno::EINTR.returned();
    if registers.rip == label!(gate_short_called) && registers.rax == interrupted {
        registers.rax = thread.context.rax;
        registers.rip = label!(gate_short_call);
    }
}

/// Whether `rip` is right behind the call, on the long way.
fn is_behind_call(rip: u64) -> bool {
    let returned = [
        label!(gate_light_called),
        label!(gate_called),
        label!(gate_int80_called),
    ];
    returned.contains(&rip)
}

/// Whether a fault that found the thread on the long way is none: the kernel has forced it for the call, as
/// uretprobe(2) does where nothing is probed.
pub(crate) fn is_forced_by_call(info: &Info, rip: u64) -> bool {
    info.code() == SI_KERNEL as i32 && is_behind_call(rip)
}

/// Whether the call on the long way was just given up for a signal. The kernel then runs the signal's
/// handler before anything else: it is the one that asks.
pub(crate) fn interrupted(registers: &Registers) -> bool {
    is_behind_call(registers.rip) && registers.rax == crate::sys::Errno::EINTR.returned()
}

/// If a call was just given up for a signal that is none of the program's, makes it again. It was not if a signal is
/// kept: that came first, and is the program's. Whether a call on the long way is made again.
pub(crate) fn repeat_call(thread: &Thread, registers: &mut Registers) -> bool {
    repeat_short_call(thread, registers);
    let repeats = interrupted(registers) && thread.deferred.is_none();
    if repeats {
        registers.rip = if registers.rip == label!(gate_light_called) {
            label!(gate_light_attention_before)
        } else {
            label!(gate_attention_before)
        };
    }
    repeats
}

/// Where calls of our own end.
pub(crate) struct OwnCalls {
    /// rt_sigreturn(2), at the end of our signal handler.
    pub(crate) returns: [u64; 2],
    /// All others.
    pub(crate) any: u64,
}

/// Where calls of our own end: those of the program do elsewhere in the gate.
pub(crate) fn own_calls() -> OwnCalls {
    OwnCalls {
        returns: [label!(gate_returned), label!(gate_restored)],
        any: label!(raw_called),
    }
}

/// Sends a thread that a signal found in a window back to where the window says, with what the gate's
/// call frame information relies on.
pub(crate) fn begin_again(thread: &Thread, registers: &mut Registers, start: u64) {
    registers.rip = start;
    registers.rsp = thread.stack;
    registers.r14 = thread.itself as u64;
    registers.r15 = thread.call.after;
}

/// The gate's addresses, which the seal lets pass.
pub(crate) fn range() -> core::ops::Range<u64> {
    label!(__gate_start)..label!(__gate_end)
}

/// The build-id of our own image.
pub(crate) fn build_id() -> &'static [u8] {
    let (start, end) = (label!(__build_id_start), label!(__build_id_end));
    // SAFETY: the note is read-only data between these labels.
    unsafe { core::slice::from_raw_parts(start as *const u8, (end - start) as usize) }
}

/// Our own image.
pub(crate) fn image() -> core::ops::Range<u64> {
    label!(__ehdr_start)..label!(__image_end)
}

//! Marks that a signal carries in its siginfo through the kernel, in words that the kernel hands on and such a
//! signal has no use for.
//!
//! That somebody sent it to one thread, not to the process: it stays with that. The kernel keeps the two apart but does
//! not tell which one it has brought, where both are queued with a value.
//!
//! That it is no fault, though its code is one of theirs. A process may send itself such a signal, as handlers do that
//! raise again what they were called for, and a child's end may be told by any signal (clone(2)). We know faults by
//! their code: it gets another one, on its way or when it arrives.
#![expect(unsafe_code, reason = "asks the kernel whom a descriptor means")]

use crate::memory::copy;
use crate::process::thread::Thread;
use crate::sys::raw;
use crate::sys::signal::{self as kernel, Info, Registers};
use linux_raw_sys::general::{__NR_pidfd_send_signal, SI_TKILL, SIGTRAP};

const TO_THREAD: u64 = 0x5ea1_7d1d;

/// The last word of `struct kernel_siginfo` that is not used by `_rt`, uapi/asm-generic/siginfo.h.
const WORD: usize = 5;

/// The code of what pretends to be a fault; its own is behind that, where the structure has a gap.
const PRETENDS: i32 = -0x5ea1;

/// One that is sent to a thread by rt_tgsigqueueinfo(2), within the process: marked.
pub(super) fn for_thread(mut info: Info) -> Info {
    if info.code() < 0 && info.0[WORD] == 0 {
        info.0[WORD] = TO_THREAD;
    }
    info
}

/// pidfd_send_signal(2), before. The kernel says whether the descriptor is the thread's own.
pub(crate) fn before_send_by_descriptor(thread: &mut Thread) {
    let [descriptor, signal, from, flags, ..] = thread.arguments;
    let Ok(info) = copy::read_value::<Info>(from) else {
        return;
    };
    let disguised = disguised(thread, info, signal as u32, thread.tid());
    if !pretends(&disguised) || info.number() != signal as u32 {
        return;
    }
    let mut nothing = info;
    nothing.0[0] &= !0xffff_ffff;
    let nothing = &raw const nothing;
    // SAFETY: sends nothing.
    if unsafe { raw::call!(__NR_pidfd_send_signal, descriptor, 0, nothing, flags) }.is_ok() {
        hand_over(thread, 2, disguised);
    }
}

/// Gives the kernel a siginfo of ours.
pub(super) fn hand_over(thread: &mut Thread, index: usize, info: Info) {
    thread.arguments[index] = &raw const *thread.scratch.info.insert(info) as u64;
}

/// What is to be sent as `signal`, known for what it is. The kernel lets a thread pretend to itself alone.
pub(super) fn disguised(thread: &Thread, mut info: Info, signal: u32, to: i32) -> Info {
    let number = info.0[0];
    info.0[0] = number & !0xffff_ffff | u64::from(signal); // as the kernel does
    match info.is_fault() && to == thread.tid() {
        true => pretending(info),
        false => info,
    }
}

fn pretending(mut info: Info) -> Info {
    info.0[1] = u64::from(PRETENDS as u32) | info.0[1] << 32;
    info
}

/// A signal that the thread is to be given once more: what was a fault waits from then on as what somebody has sent
/// it, and is no trap.
pub(super) fn to_wait(info: Info) -> Info {
    match info.is_fault() {
        true => for_thread(pretending(info)),
        false => info,
    }
}

/// A signal that has arrived, known for what it is: of a fault, the frame tells as well.
pub(super) fn told_apart(info: Info, registers: &Registers) -> Info {
    const CLD_EXITED: i32 = 1;
    const CLD_DUMPED: i32 = 3;
    const DEBUG: u64 = 1;
    const BREAKPOINT: u64 = 3;
    const ALIGNMENT: u64 = 17;
    let may_be_child = info.is_fault() && (CLD_EXITED..=CLD_DUMPED).contains(&info.code());
    let is_fault = match info.number() {
        _ if !may_be_child => return info,
        kernel::SEGV | kernel::BUS if registers.trap == ALIGNMENT => info.address() == 0,
        kernel::SEGV | kernel::BUS => info.address() == registers.cr2,
        kernel::ILL => info.address() == registers.rip,
        kernel::SYS => info.architecture() != 0,
        SIGTRAP => matches!(registers.trap, DEBUG | BREAKPOINT),
        _ => true,
    };
    match is_fault {
        true => info,
        false => pretending(info),
    }
}

/// Whether somebody sent it as if it were a fault.
pub(super) fn pretends(info: &Info) -> bool {
    info.code() == PRETENDS
}

/// Whether a signal was sent to the thread, as far as can be told, or raised there.
pub(super) fn is_for_thread(info: &Info) -> bool {
    info.is_fault() || info.code() == SI_TKILL || info.0[WORD] == TO_THREAD
}

/// A signal as it was sent, for the program. From then on it may look like a fault.
pub(super) fn as_sent(mut info: Info) -> Info {
    if !info.is_fault() && info.0[WORD] == TO_THREAD {
        info.0[WORD] = 0;
    }
    if pretends(&info) {
        info.0[1] >>= 32;
    }
    info
}

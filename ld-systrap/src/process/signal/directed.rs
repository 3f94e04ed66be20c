//! Signals that somebody sent to one thread, not to the process: they stay with it. The kernel keeps the two
//! apart but does not tell which one it has brought, where both are queued with a value: rt_tgsigqueueinfo(2)
//! leaves a mark then, in a word of siginfo that the kernel hands on and such a signal has no use for.

use crate::memory::copy;
use crate::process::thread::Thread;
use crate::sys::signal::Info;

const MARK: u64 = 0x5ea1_7d1d;

/// The last word of `struct kernel_siginfo` that is not used by `_rt`, uapi/asm-generic/siginfo.h.
const WORD: usize = 5;

/// rt_tgsigqueueinfo(2), before: one that is sent within the process is marked.
pub(crate) fn before_queue(thread: &mut Thread) {
    let [process, _, signal, from, ..] = thread.arguments;
    if process as i32 != thread.pid || signal as u32 == 0 {
        return;
    }
    if let Ok(mut info) = copy::read_value::<Info>(from)
        && info.code() < 0
        && info.0[WORD] == 0
    {
        info.0[WORD] = MARK;
        let marked = thread.scratch.info.insert(info);
        thread.arguments[3] = &raw const *marked as u64;
    }
}

/// Whether a signal was sent to the thread, as far as can be told, or raised there.
pub(super) fn is_for_thread(info: &Info) -> bool {
    const SI_TKILL: i32 = -6;
    info.is_fault() || info.code() == SI_TKILL || info.0[WORD] == MARK
}

/// A signal as it was sent.
pub(super) fn as_sent(mut info: Info) -> Info {
    if !info.is_fault() && info.0[WORD] == MARK {
        info.0[WORD] = 0;
    }
    info
}

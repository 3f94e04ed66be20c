//! Signals sent to the process, which any of its threads may take. The kernel chooses one that does not
//! block it, and believes that of all threads ([`NEVER_BLOCKED`]): one that has it blocked passes it on.
//!
//! What is passed on waits in [`Shared`], and the other threads are called to look. They look by
//! themselves when they unblock signals, or wait for some.
//!
//! The kernel keeps one of each standard signal for a thread, and would drop what a thread of the process sends to it
//! while it has not heard such a call. So that waits here as well ([`send_to`]).

use super::NEVER_BLOCKED;
use super::arrival::repeat_call;
use super::marks::is_for_thread;
use super::pending::{Pending, recheck};
use crate::gate::{self, Window};
use crate::memory::lock::Lock;
use crate::process::attention;
use crate::process::thread::Thread;
use crate::process::threads;
use crate::sys::signal::{self as kernel, Info, Ucontext, bit};
use crate::sys::{Errno, process};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

/// What waits for a process, and for its threads.
pub(crate) struct Shared {
    waiting: Lock<Waiting>,
    set: AtomicU64,
}

struct Waiting {
    for_process: Pending,
    /// By the address of a thread's block, of which [`Thread::sent`] has the set. What that does not have is old.
    for_threads: Vec<(u64, Info)>,
}

impl Waiting {
    fn add_for(&mut self, thread: &Thread, info: Info) {
        let number = info.number();
        if thread.sent.load(Ordering::SeqCst) & bit(number) != 0 {
            return; // a standard signal is pending once
        }
        self.take_for(thread, number);
        self.for_threads.push((thread.itself as u64, info));
        thread.sent.fetch_or(bit(number), Ordering::SeqCst);
    }
    fn take_for(&mut self, thread: &Thread, number: u32) -> Option<Info> {
        thread.sent.fetch_and(!bit(number), Ordering::SeqCst);
        let is_it =
            |(to, info): &(u64, Info)| *to == thread.itself as u64 && info.number() == number;
        let at = self.for_threads.iter().position(is_it)?;
        Some(self.for_threads.swap_remove(at).1)
    }
}

impl Shared {
    pub(super) const fn new() -> Shared {
        Shared {
            waiting: Lock::new(Waiting {
                for_process: Pending::new(),
                for_threads: Vec::new(),
            }),
            set: AtomicU64::new(0),
        }
    }
    /// The set of what waits for the process.
    pub(super) fn set(&self) -> u64 {
        self.set.load(Ordering::SeqCst)
    }
    fn add(&self, info: Info) {
        let mut waiting = self.waiting.lock();
        waiting.for_process.add(info);
        self.set.store(waiting.for_process.set(), Ordering::SeqCst);
    }
    fn take(&self, blocked: u64) -> Option<Info> {
        let mut waiting = self.waiting.lock();
        let info = waiting.for_process.take(blocked);
        self.set.store(waiting.for_process.set(), Ordering::SeqCst);
        info
    }
    pub(super) fn lock_for_fork(&self) {
        core::mem::forget(self.waiting.lock());
    }
    /// # Safety
    /// [`Self::lock_for_fork`] was called by this thread, or by the one that it is a copy of.
    #[expect(unsafe_code, reason = "gives a lock back whose guard was forgotten")]
    pub(super) unsafe fn unlock_after_fork(&self) {
        // SAFETY: the caller answers for it.
        unsafe { self.waiting.force_unlock() }
    }
}

/// Takes what waits for the process and this thread lets through, and passes on what it does not.
///
/// In a signal handler: only where it interrupted the program's own code, since it locks.
pub(super) fn exchange(thread: &mut Thread) {
    exchange_under(thread, thread.hidden_mask);
}

/// [`exchange`], for a thread that is about to wait under another mask.
pub(super) fn exchange_under(thread: &mut Thread, mask: u64) {
    let mut passed = pass_on(thread);
    while let Some(info) = thread.pending.take_for_process(!mask) {
        passed |= bit(info.number());
        thread.signals.shared.add(info);
    }
    if passed & mask != 0 {
        call_others(thread);
    }
    take_up(thread, mask);
}

/// Has what came here, and was sent to the process, wait for that. Gives its set.
fn pass_on(thread: &mut Thread) -> u64 {
    let mut passed = 0;
    while let Some(info) = thread.passing.take(0) {
        passed |= bit(info.number());
        thread.signals.shared.add(info);
    }
    passed
}

/// The set of what waits here for the thread, or its process.
pub(super) fn waiting(thread: &Thread) -> u64 {
    thread.sent.load(Ordering::SeqCst) | thread.signals.shared.set()
}

/// Takes one of those that is not `blocked`; of each kind the one that was sent to the thread comes first.
pub(super) fn take(thread: &Thread, blocked: u64) -> Option<Info> {
    take_sent(thread, blocked).or_else(|| thread.signals.shared.take(blocked))
}

fn take_sent(thread: &Thread, blocked: u64) -> Option<Info> {
    let number = || {
        let set = thread.sent.load(Ordering::SeqCst) & !blocked;
        (set != 0).then(|| 1 + set.trailing_zeros())
    };
    number()?;
    let mut waiting = thread.signals.shared.waiting.lock();
    let number = number()?;
    waiting.take_for(thread, number)
}

/// A thread of the process sends a signal of [`NEVER_BLOCKED`] to one: it waits with that one, which is called.
pub(super) fn send_to(thread: &mut Thread, tid: i32, info: Info) {
    let signals = thread.signals.clone();
    let mut waiting = signals.shared.waiting.lock();
    if tid == thread.tid() && !drops(thread, info.number()) {
        waiting.add_for(thread, info);
        recheck(thread);
    }
    each_of_process(thread, |other| {
        if other.tid() == tid && !drops(other, info.number()) {
            waiting.add_for(other, info);
            call(other, info.number());
        }
    });
}

/// Whether the kernel would drop a signal that is sent to the thread.
pub(super) fn drops(thread: &Thread, signal: u32) -> bool {
    is_open(thread, signal) && thread.signals.ignores(signal)
}

/// Whether a thread, which may be another one, lets a signal of [`NEVER_BLOCKED`] through.
pub(super) fn is_open(thread: &Thread, signal: u32) -> bool {
    // SAFETY: a word, which its thread writes at any time.
    #[expect(unsafe_code, reason = "looks at another thread's block")]
    let hidden = unsafe { (&raw const thread.hidden_mask).read_volatile() };
    hidden & bit(signal) == 0
}

/// Takes what waits for the process and is not `blocked`, and what was sent to the thread.
pub(super) fn take_up(thread: &mut Thread, blocked: u64) {
    // One of a kind waits there: what was sent to the thread comes after one that was sent to the process, and is
    // the same as one that was sent to it before.
    while let Some(info) = take_sent(thread, thread.pending.for_process()) {
        thread.pending.add(info);
    }
    let blocked = |thread: &Thread| blocked | thread.pending.set();
    while thread.signals.shared.set() & !blocked(thread) != 0
        && let Some(info) = thread.signals.shared.take(blocked(thread))
    {
        thread.pending.add(info);
    }
}

/// Forgets what waits of a signal, for the process and for each thread: it is ignored from now on.
pub(super) fn forget(thread: &Thread, signal: u32) {
    let discard = |thread: &Thread| {
        thread.pending.discard(signal);
        thread.passing.discard(signal);
        thread.sent.fetch_and(!bit(signal), Ordering::SeqCst);
    };
    thread.signals.shared.take(!bit(signal));
    discard(thread);
    each_of_process(thread, discard);
}

/// A child that is a copy of its parent begins with nothing.
pub(crate) fn forget_all(thread: &mut Thread) {
    thread.pending = Pending::default();
    thread.passing = Pending::default();
    thread.given = Pending::default();
    while take(thread, 0).is_some() {}
}

/// Calls `act` for each other thread of the process that has begun.
pub(super) fn each_of_process(thread: &Thread, mut act: impl FnMut(&Thread)) {
    each_candidate(thread, |other| {
        if other.tid() != 0 {
            act(other);
        }
    });
}

/// Whether the process has no other thread, nor gets one.
pub(super) fn is_alone(thread: &Thread) -> bool {
    let mut is_alone = true;
    each_candidate(thread, |_| is_alone = false);
    is_alone
}

/// Calls `act` for each other thread that is the process's, or is being made and may become one.
fn each_candidate(thread: &Thread, mut act: impl FnMut(&Thread)) {
    threads::each_other(|other| {
        // SAFETY: blocks in the list stay mapped; `tid`, `pid` and `numbering` are written by their threads,
        // once, and what else is looked at is atomic.
        #[expect(unsafe_code, reason = "looks at other threads' blocks")]
        let other = unsafe { &*other };
        let is_of_process = || other.pid() == thread.pid() && other.numbering == thread.numbering;
        if other.tid() == 0 || is_of_process() {
            act(other);
        }
    });
}

/// Gives the kernel a signal for this thread while nobody calls it to look, by `give`. The kernel keeps one
/// of each number: a call that came before would have it drop the signal. One that somebody else has sent to
/// the thread does that as it should. One for the process, which another thread is about to take, waits for that.
pub(super) fn undisturbed(
    thread: &mut Thread,
    signal: u32,
    give: impl FnOnce(&Thread) -> Result<(), Errno>,
) -> Result<(), Errno> {
    if NEVER_BLOCKED & bit(signal) == 0 {
        return give(thread); // nobody calls by it
    }
    let signals = thread.signals.clone();
    let calls = signals.shared.waiting.lock();
    let mut own = None;
    while let Some(found) = kernel::take_pending(bit(signal)) {
        if is_call_to_look(thread, &found) {
            continue;
        }
        match is_for_thread(&found) {
            true => own = Some(found),
            false => thread.passing.add(found),
        }
    }
    let given = match own {
        Some(info) => process::queue_signal(thread.tid(), signal, &info.0),
        None => give(thread),
    };
    drop(calls);
    if thread.passing.set() != 0 {
        pass_on(thread);
        call_others(thread);
        thread.call_attention(attention::SIGNAL); // which may let it through as well
    }
    given
}

const MAGIC: u64 = 0x5ea1_100c;

/// Calls the process's other threads to look. By the very signals, since it is those that decide what
/// becomes of a call.
fn call_others(thread: &Thread) {
    let _calls = thread.signals.shared.waiting.lock();
    let set = thread.signals.shared.set();
    for number in (1..=64).filter(|number| set & bit(*number) != 0) {
        each_of_process(thread, |other| call(other, number));
    }
}

/// Lets the kernel know, under a mask that has all blocked, what of `signals` waits for the process and may be
/// read by this thread.
pub(super) fn call_oneself(thread: &Thread, signals: u64) {
    let set = thread.signals.shared.set() & signals;
    for number in (1..=64).filter(|number| set & bit(*number) != 0) {
        call(thread, number);
    }
}

fn call(thread: &Thread, number: u32) {
    let info = Info::queued(number, thread.pid(), MAGIC);
    thread.called.store(true, Ordering::SeqCst);
    let _ = process::queue_signal_to(thread.pid(), thread.tid(), number, &info.0);
}

/// Whether a signal is another thread's call to look, which may come bare, and has been heard now.
pub(super) fn is_call_to_look(thread: &Thread, info: &Info) -> bool {
    if NEVER_BLOCKED & bit(info.number()) == 0 || info.is_fault() {
        return false;
    }
    let is_call = info.value() == Some(MAGIC);
    let may_be = is_call || info.is_bare();
    may_be && (thread.called.swap(false, Ordering::SeqCst) || is_call)
}

/// Such a call has come. Gives the signal that arrives in its place, if one does.
pub(super) fn look(thread: &mut Thread, window: Window, frame: &mut Ucontext) -> Option<Info> {
    let waits = gate::interrupted(&frame.registers);
    let awaited = thread.scratch.awaited.filter(|_| waits);
    let is_open = waiting(thread) & !awaited.unwrap_or(thread.hidden_mask) != 0;
    if is_open && window == Window::Program {
        let taken = take(thread, thread.hidden_mask);
        if taken.is_some() {
            return taken;
        }
    }
    if window != Window::Program {
        thread.call_attention(attention::SIGNAL);
    }
    // A call that waits for it is made again, with what it waits for in the kernel.
    if !is_open || awaited.is_some() || window == Window::Program {
        repeat_call(thread, frame);
    }
    if let Window::Call(start) | Window::Exit(start) = window {
        gate::begin_again(thread, &mut frame.registers, start);
    }
    None
}

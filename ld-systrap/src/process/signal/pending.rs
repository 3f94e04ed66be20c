//! Signals that wait with us and not in the kernel: those of [`NEVER_BLOCKED`] that somebody sent while
//! the program has them blocked, or while another is made ready.

use super::NEVER_BLOCKED;
use super::arrival::set_mask;
use super::disposition::Disposition;
use super::marks::{is_for_thread, pretends};
use super::shared::{
    self, exchange, exchange_under, is_alone, is_call_to_look, take_up, undisturbed,
};
use crate::process::attention;
use crate::process::thread::Thread;
use crate::sys::signal::{self as kernel, Info, bit};
use crate::sys::{Errno, process};
use alloc::vec::Vec;
use core::iter;
use core::sync::atomic::{AtomicU64, Ordering};
use linux_raw_sys::general::*;

/// `SYNCHRONOUS_MASK`: what the kernel delivers before all else.
const SYNCHRONOUS: u64 = NEVER_BLOCKED | bit(SIGTRAP) | bit(SIGFPE);

/// How many signals wait at most: [`NEVER_BLOCKED`], and one that was kept. Three of these are in each
/// thread's block, whose memory counts.
const MOST: usize = NEVER_BLOCKED.count_ones() as usize + 1;

/// Standard signals that somebody sent, with their siginfo.
#[repr(C)] // each call looks at the set, which lies beside what else it looks at
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Their set, which a signal's handler may change at any moment.
    set: AtomicU64,
    waiting: [Option<Info>; MOST],
}

impl Pending {
    pub(super) const fn new() -> Pending {
        Pending {
            waiting: [None; MOST],
            set: AtomicU64::new(0),
        }
    }
    pub(super) fn add(&mut self, info: Info) {
        if self.set() & bit(info.number()) != 0 {
            return; // a standard signal is pending once
        }
        // A signal that comes meanwhile could take the same place.
        let mask = kernel::set_mask(u64::MAX);
        let is_forgotten = |one: &mut Info| one.number() == info.number();
        for one in &mut self.waiting {
            one.take_if(is_forgotten);
        }
        if let Some(free) = self.waiting.iter_mut().find(|one| one.is_none()) {
            *free = Some(info);
            self.set.fetch_or(bit(info.number()), Ordering::Relaxed);
        }
        kernel::set_mask(mask);
    }
    pub(super) fn take(&mut self, blocked: u64) -> Option<Info> {
        let number = 1 + (self.set() & !blocked).trailing_zeros(); // as the kernel, the lowest first
        let is_it = |one: &&mut Option<Info>| one.is_some_and(|info| info.number() == number);
        let info = self.waiting.iter_mut().find(is_it)?.take();
        self.set.fetch_and(!bit(number), Ordering::Relaxed);
        info
    }
    /// Those that were sent to the thread, not to the process, as far as can be told.
    fn for_thread(&self) -> u64 {
        let all = self.waiting.iter().flatten();
        let own = all.filter(|info| is_for_thread(info));
        own.fold(0, |set, info| set | bit(info.number()))
    }
    /// The others.
    pub(super) fn for_process(&self) -> u64 {
        match self.set() {
            0 => 0,
            set => set & !self.for_thread(),
        }
    }
    /// The one that the kernel would deliver first.
    pub(super) fn take_first(&mut self, blocked: u64) -> Option<Info> {
        let own = self.for_thread();
        self.take(blocked | !own).or_else(|| self.take(blocked))
    }
    /// One that was sent to the process.
    pub(super) fn take_for_process(&mut self, blocked: u64) -> Option<Info> {
        match self.set() & !blocked {
            0 => None,
            _ => self.take(blocked | self.for_thread()),
        }
    }
    /// Forgets a signal. Another thread may do that.
    pub(super) fn discard(&self, signal: u32) {
        self.set.fetch_and(!bit(signal), Ordering::Relaxed);
    }
    fn take_one(&mut self, signal: u32) -> Option<Info> {
        self.take(!bit(signal))
    }
    /// What the kernel would deliver before `info`, if both wait: what was sent to the thread comes first, and
    /// of each kind what is synchronous (`dequeue_signal` and `next_signal` in kernel/signal.c).
    pub(super) fn take_before(&mut self, info: &Info, blocked: u64) -> Option<Info> {
        let later = match SYNCHRONOUS & bit(info.number()) {
            0 => 0,
            own => !(SYNCHRONOUS & (own - 1)),
        };
        let own = self.for_thread();
        let (own_later, others_later) = match is_for_thread(info) {
            true => (later, u64::MAX),
            false => (0, later),
        };
        self.take(blocked | own_later | !own)
            .or_else(|| self.take(blocked | others_later | own))
    }
    /// The set of what waits.
    #[inline(always)]
    pub(crate) fn set(&self) -> u64 {
        self.set.load(Ordering::Relaxed)
    }
}

/// Has a signal wait that has come to this thread: with it, or for the process.
pub(super) fn wait(thread: &mut Thread, info: Info) {
    match is_for_thread(&info) {
        true => thread.pending.add(info),
        false => thread.passing.add(info),
    }
}

/// Blocks everything until a frame is returned to, and gives what came meanwhile, and can be delivered,
/// back to the kernel: it comes again as soon as that has happened.
pub(super) fn hand_back(thread: &mut Thread) {
    kernel::set_mask(u64::MAX);
    hand_back_open(thread);
}

/// [`hand_back`], where everything is blocked.
pub(super) fn hand_back_open(thread: &mut Thread) {
    exchange(thread);
    while let Some(info) = thread.pending.take(thread.hidden_mask) {
        let _ = give_first(thread, info);
    }
}

/// Gives the kernel a signal that has been here already. Where the user's signals have no room any more
/// (`RLIMIT_SIGPENDING`), it comes back [bare](Info::is_bare).
///
/// # Errors
/// `EAGAIN`, for a realtime signal without room.
pub(super) fn give(thread: &mut Thread, info: Info) -> Result<(), Errno> {
    if info.number() < SIGRTMIN {
        thread.given.take_one(info.number());
        thread.given.add(info);
    }
    // Where nobody else could take it, it goes to the queue that it was in.
    let for_process = !is_for_thread(&info) && is_alone(thread);
    undisturbed(thread, info.number(), |thread| match for_process {
        true => process::queue_signal_to_all(thread.pid(), info.number(), &info.0),
        false => process::queue_signal(thread.tid(), info.number(), &info.0),
    })
}

/// [`give`], while it is blocked, for one that came before all of its number that wait in the kernel.
pub(super) fn give_first(thread: &mut Thread, info: Info) -> Result<(), Errno> {
    let mut later = Vec::new();
    if info.number() >= SIGRTMIN {
        later.extend(iter::from_fn(|| kernel::take_pending(bit(info.number()))));
    }
    let given = give(thread, info);
    for info in later {
        let _ = give(thread, info);
    }
    given
}

/// A signal as it was before it was [given](give) to the kernel.
pub(super) fn as_it_was(thread: &mut Thread, info: Info) -> Info {
    if thread.given.set() & bit(info.number()) == 0 || info.is_fault() {
        return info;
    }
    match thread.given.take_one(info.number()) {
        Some(given) if info.is_bare() || pretends(&info) => given,
        _ => info,
    }
}

/// Whether something waits that the thread lets through.
pub(super) fn open(thread: &Thread) -> bool {
    (thread.pending.set() | shared::waiting(thread)) & !thread.hidden_mask != 0
}

/// Makes the thread look again at signals that waited for `hidden_mask` to change.
pub(crate) fn recheck(thread: &mut Thread) {
    if open(thread) {
        thread.call_attention(attention::SIGNAL);
    }
}

/// The same for what waits for this very thread.
pub(crate) fn recheck_pending(thread: &mut Thread) {
    if thread.pending.set() & !thread.hidden_mask != 0 {
        thread.call_attention(attention::SIGNAL);
    }
}

/// Raises a signal in the program's name; it is delivered at the next window.
pub(crate) fn force(thread: &mut Thread, info: Info) {
    thread.forced = info.is_fault();
    // The signal's handler is not seen by the compiler: it changes the thread before this returns.
    let thread = core::hint::black_box(thread);
    let _ = give(thread, info);
}

/// The same, for one that the program can do nothing about (`force_exit_sig`).
pub(crate) fn force_exit(thread: &mut Thread, number: u32) {
    *thread.signals.table.lock().entry(number) = Disposition::DEFAULT;
    force(thread, Info::new(number, SI_KERNEL as i32, 0));
}

/// A call is about to wait under a mask that lets through what waits with us: lends that to the kernel,
/// which alone knows whether the call ends with it. Until the call is over everything else is blocked,
/// so that nothing of it comes before.
pub(crate) fn lend(thread: &mut Thread) {
    let Some(mask) = thread.scratch.awaited else {
        return;
    };
    if thread.deferred.is_some() {
        return; // the call will not be made
    }
    exchange_under(thread, mask);
    if thread.pending.set() & !mask == 0 {
        return; // nothing concerns it
    }
    let before = kernel::set_mask(u64::MAX);
    thread.scratch.lent.get_or_insert(before);
    while let Some(info) = thread.pending.take(mask) {
        let _ = give(thread, info);
    }
}

/// Another program is about to be executed: lends the kernel all that it keeps for that, which is what
/// waits, and what of [`NEVER_BLOCKED`] the program has blocked. [`super::begin`] takes it over.
pub(crate) fn lend_to_next(thread: &mut Thread) {
    if thread.hidden_mask == 0 {
        return; // what waits is on its way to a handler
    }
    let before = kernel::set_mask(u64::MAX);
    thread.scratch.lent.get_or_insert(before);
    take_up(thread, !thread.hidden_mask);
    while let Some(info) = thread.pending.take(!thread.hidden_mask) {
        let _ = give(thread, info);
    }
    kernel::set_mask(before | thread.hidden_mask);
}

/// The call is over: takes back what it has not used of what was lent.
pub(crate) fn take_back(thread: &mut Thread) {
    if let Some(mask) = thread.scratch.lent.take() {
        take_over(thread);
        set_mask(thread, mask);
        exchange(thread);
        recheck(thread);
    }
}

/// The call is over, and so is what it has used of what was lent, once its result [is](as_it_was) as it was
/// sent.
pub(crate) fn forget_used(thread: &mut Thread) {
    while thread.given.take(!NEVER_BLOCKED).is_some() {}
}

/// Takes what waits in the kernel of [`NEVER_BLOCKED`].
pub(super) fn take_over(thread: &mut Thread) {
    while let Some(info) = kernel::take_pending(NEVER_BLOCKED) {
        let info = as_it_was(thread, info);
        if !is_call_to_look(thread, &info) {
            wait(thread, info);
        }
    }
}

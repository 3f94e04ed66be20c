//! Code that runs as it is at first: most programs end before patching them has paid.
//!
//! While nobody but one thread runs in this memory, what is mapped to be run waits here, and the seal
//! leads each of its calls to the gate. After so many calls, or before anybody else can run the code, all
//! of it is instrumented at once, and the seal is let go unless something else wants it.

use crate::instrument::{self, Effort, Source};
use crate::kept::Directory;
use crate::memory::lock::Lock;
use crate::patched;
use crate::process::attention;
use crate::process::thread::Thread;
use crate::seal;
use crate::sys::Errno;
use crate::view::View;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use ld_systrap_core::address::{first_within, overlap};

/// After so many calls a process is patched, if no option says otherwise. A trap costs some 2.4 µs more
/// than a jump, the patches of a C library and all else some 270 µs: worth some hundred traps. Most programs
/// make far more calls than that, or, without those of ld.so, no more than 10 to 30.
pub(crate) const USUAL: Patching = Patching::After(40);

/// When code is patched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Patching {
    /// After so many calls of it.
    After(u32),
    /// It stays as it is, and the seal with it.
    Never,
}

/// A mapping that waits.
struct Postponed {
    range: Range<u64>,
    protection: u32,
    /// What it shows, from `offset` on.
    view: Arc<View>,
    offset: u64,
}

static WAITING: Lock<Vec<Postponed>> = Lock::new(Vec::new());
/// What is mapped from now on waits.
static POSTPONES: AtomicBool = AtomicBool::new(false);
/// Nothing is patched.
static NEVER: AtomicBool = AtomicBool::new(false);
/// How many calls may still come through the seal.
static LEFT: AtomicU32 = AtomicU32::new(0);

/// Says when code is patched: at once where the kernel has no seal. Before anything is mapped.
pub(crate) fn begin(patching: Patching) {
    if patching == Patching::After(0) || !seal::stand_in() {
        return;
    }
    match patching {
        Patching::After(calls) => {
            LEFT.store(calls, Ordering::Relaxed);
            POSTPONES.store(true, Ordering::Relaxed);
        }
        Patching::Never => {
            seal::arm();
            NEVER.store(true, Ordering::Relaxed);
        }
    }
}

/// Takes care of `range`, which has just been mapped from `view` and is not run by anybody yet.
///
/// # Errors
/// As [`instrument::mapped`].
pub(crate) fn mapped(
    range: Range<u64>,
    protection: u32,
    view: &Arc<View>,
    offset: u64,
) -> Result<(), Errno> {
    if NEVER.load(Ordering::Relaxed) {
        return Ok(());
    }
    if !POSTPONES.load(Ordering::Relaxed) {
        let source = Source { view, offset };
        let directory = Directory::new();
        return instrument::mapped(range, protection, &source, &directory, Effort::Any).map(drop);
    }
    forget(&range);
    WAITING.lock().push(Postponed {
        range,
        protection,
        view: view.clone(),
        offset,
    });
    Ok(())
}

/// Takes care of an interpreter's `range`, as [`mapped`]. What a program calls before it begins is nearly
/// all its interpreter's: if that can be patched quickly, that pays at once.
///
/// # Errors
/// As [`instrument::mapped`].
pub(crate) fn interpreter_mapped(
    range: Range<u64>,
    protection: u32,
    view: &Arc<View>,
    offset: u64,
) -> Result<(), Errno> {
    if POSTPONES.load(Ordering::Relaxed) {
        let source = Source { view, offset };
        let (there, directory) = (range.clone(), Directory::new());
        if instrument::mapped(there, protection, &source, &directory, Effort::Little)? {
            return Ok(());
        }
    }
    mapped(range, protection, view, offset)
}

/// Counts a call that came through the seal. After the last one code is patched: `thread` will see to it
/// at its next window.
///
/// In a signal handler: takes no lock.
pub(crate) fn count(thread: &Thread) {
    if POSTPONES.load(Ordering::Relaxed) && LEFT.fetch_sub(1, Ordering::Relaxed) == 1 {
        thread.call_attention(attention::SETTLE);
    }
}

/// Instruments all that waits. Nobody but this thread may run in this memory.
pub(crate) fn settle() {
    if !POSTPONES.swap(false, Ordering::SeqCst) {
        return;
    }
    let waiting = core::mem::take(&mut *WAITING.lock());
    let directory = Directory::opened();
    for one in waiting {
        let source = Source {
            view: &one.view,
            offset: one.offset,
        };
        let (range, protection) = (one.range, one.protection);
        if instrument::mapped(range, protection, &source, &directory, Effort::Any).is_err() {
            seal::arm(); // it stays as it is, and the seal with it
        }
    }
    // The call under way goes on behind its site, which may be within a patch now.
    let context = &mut Thread::current().context;
    context.resume = patched::runs_at(context.resume);
    seal::stand_down();
}

/// What is in `range` is about to be changed. If it is replaced, what waits there is forgotten
/// afterwards ([`forget`]); otherwise its patches must be known first.
pub(crate) fn disturbed(range: &Range<u64>, replaced: bool) {
    let within = |it: &Range<u64>| range.start <= it.start && it.end <= range.end;
    let matters = WAITING
        .lock()
        .iter()
        .any(|it| overlap(&it.range, range) && !(replaced && within(&it.range)));
    if matters {
        settle();
    }
}

/// Something else is in `range` now, or nothing.
pub(crate) fn forget(range: &Range<u64>) {
    WAITING.lock().retain(|it| !overlap(&it.range, range));
}

/// The first view of a file that waits in `range`.
pub(crate) fn first(range: &Range<u64>) -> Option<Range<u64>> {
    let waiting = WAITING.lock();
    first_within(range, waiting.iter().map(|it| it.view.range()))
}

/// The lock, to be held across fork.
pub(crate) fn lock_for_fork() {
    core::mem::forget(WAITING.lock());
}

/// Gives back what [`lock_for_fork`] took.
///
/// # Safety
/// It was taken by this thread, or by the one that this is a copy of.
#[expect(unsafe_code, reason = "a lock that a forgotten guard holds")]
pub(crate) unsafe fn unlock_after_fork() {
    // SAFETY: the caller answers for it.
    unsafe { WAITING.force_unlock() }
}

//! Pages with bytes that may be system call instructions, which nothing proves: not to be run, until the
//! program does. Most such bytes are tables between functions, and nobody ever runs them; the seal, which
//! all calls pay for, waits for the fault that says otherwise.
#![expect(unsafe_code, reason = "changes the protection of code")]

use crate::apply;
use crate::memory::lock::Lock;
use crate::process::thread::Thread;
use crate::seal;
use crate::sys::memory::{self, EXECUTE, READ, WRITE};
use crate::sys::signal::{self as kernel, Info, Registers};
use alloc::vec::Vec;
use core::ops::Range;
use ld_systrap_core::address::{PAGE, overlap};

/// A page that the program may run, and the kernel has as one that may not be.
struct Guarded {
    page: Range<u64>,
    protection: u32,
    /// It may be run, after all.
    is_open: bool,
}

static GUARDED: Lock<Vec<Guarded>> = Lock::new(Vec::new());

/// More pages of a mapping are not worth their calls, and the parts that the mapping comes to consist of.
const MOST: usize = 32;

/// Guards the pages that `pairs` begin on, in a mapping of this protection that nobody runs yet. False if
/// it must be sealed instead.
pub(crate) fn begin(protection: u32, pairs: &[u64]) -> bool {
    let mut pages: Vec<u64> = pairs.iter().map(|pair| pair & !(PAGE - 1)).collect();
    pages.dedup();
    if protection & (READ | WRITE | EXECUTE) != READ | EXECUTE || pages.len() > MOST {
        return false;
    }
    if !seal::can_be_armed() {
        return true;
    }
    if !pages.is_empty() && !apply::can_patch() {
        return false; // what cannot be run now never could
    }
    pages.into_iter().all(|page| {
        let page = page..page + PAGE;
        // SAFETY: the program reads it as before, and a fault tells when it runs it.
        let done = unsafe { memory::protect(page.clone(), protection & !EXECUTE) }.is_ok();
        GUARDED.lock().push(Guarded {
            page,
            protection,
            is_open: !done,
        });
        done
    })
}

/// If a fault says that the program runs a guarded page, arms the seal and lets it.
///
/// In a signal handler that has interrupted the program's own code: no lock is held by this thread.
pub(crate) fn fault(thread: &mut Thread, info: &Info, registers: &Registers) -> bool {
    const FETCH: u64 = 1 << 4; // X86_PF_INSTR
    let is_fetch = info.number() == kernel::SEGV && info.is_fault() && registers.error & FETCH != 0;
    if !is_fetch || !meets(&(info.address()..info.address() + 1)) {
        return false;
    }
    open();
    seal::arm_thread(thread); // another may have begun to arm all
    true
}

/// The program is about to protect or move what is in `range`: guards are in the way.
pub(crate) fn disturbed(range: &Range<u64>) {
    if meets(range) {
        open();
        forget(range);
    }
}

/// Something else is in `range` now, or nothing.
pub(crate) fn forget(range: &Range<u64>) {
    GUARDED.lock().retain(|it| !overlap(&it.page, range));
}

fn meets(range: &Range<u64>) -> bool {
    GUARDED.lock().iter().any(|it| overlap(&it.page, range))
}

/// Arms the seal, and lets all pages be run. They stay in the list, for threads that fault meanwhile.
fn open() {
    seal::arm();
    for one in GUARDED.lock().iter_mut().filter(|it| !it.is_open) {
        // SAFETY: as the program has mapped it, and sealed.
        one.is_open = unsafe { memory::protect(one.page.clone(), one.protection) }.is_ok();
    }
}

/// The lock, to be held across fork.
pub(crate) fn lock_for_fork() {
    core::mem::forget(GUARDED.lock());
}

/// Gives back what [`lock_for_fork`] took.
///
/// # Safety
/// It was taken by this thread, or by the one that this is a copy of.
pub(crate) unsafe fn unlock_after_fork() {
    // SAFETY: the caller answers for it.
    unsafe { GUARDED.force_unlock() }
}

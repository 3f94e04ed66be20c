//! The list of the threads that use our memory: for the seal, for signals, for locks whose holder may be
//! gone, and for the reuse of [regions](region).
#![expect(unsafe_code, reason = "looks at the blocks of other threads")]

use crate::memory::lock::Lock;
use crate::process::descriptor::Files;
use crate::process::region::{self, Space};
use crate::process::signal::Signals;
use crate::process::thread::{BEGUN, Thread};
use crate::sys::{Errno, process};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicU32, Ordering};

/// How many regions are looked at for one that can be used again: with thousands of threads, a look at all of
/// them would take longer than all else. Where more than one in as many is free, one is found as a rule.
const SEARCHED: usize = 64;

struct Threads {
    regions: Vec<Region>,
    /// Where among them the next search begins.
    next: usize,
    space: Space,
}

impl Threads {
    /// A region whose thread is gone.
    fn find(&mut self) -> Option<Region> {
        let count = self.regions.len();
        let searched = count.min(SEARCHED);
        let (before, from) = self.regions.split_at(self.next);
        let mut regions = from.iter().chain(before).copied().take(searched);
        if searched != 0 {
            self.next = (self.next + searched) % count;
        }
        // SAFETY: regions in the list are mapped.
        let free = regions.clone().find(|region| unsafe { !region.used() });
        // SAFETY: as above.
        free.or_else(|| regions.find(|region| unsafe { region.forsaken() }))
    }
}

static THREADS: Lock<Threads> = Lock::new(Threads {
    regions: Vec::new(),
    next: 0,
    space: Space::new(),
});

/// The base of a thread's region, which is also its block's address.
#[derive(Clone, Copy)]
struct Region(u64);

impl Region {
    fn thread(self) -> *mut Thread {
        self.0 as *mut Thread
    }
    /// # Safety
    /// The region is in the list.
    unsafe fn used(self) -> bool {
        // SAFETY: blocks in the list stay mapped and begin with a valid `used`.
        unsafe { (*self.thread()).used.load(Ordering::Acquire) != 0 }
    }
    /// Whether it belonged to a process in our memory that is gone without having told us: one that was
    /// killed or has executed something else (clone(2) without CLONE_THREAD). In doubt it did not.
    ///
    /// # Safety
    /// The region is in the list.
    unsafe fn forsaken(self) -> bool {
        let block = self.thread();
        // SAFETY: as above. The numbers are written once, by the thread itself.
        let (tid, pid, numbering) = unsafe {
            let call = &raw const (*block).call;
            ((*call).thread, (*call).process, (*block).numbering)
        };
        let current = Thread::current();
        tid != 0
            && pid != current.pid()
            && numbering == current.numbering
            && !process::shares_memory(tid)
    }
}

/// Makes the block of a thread that shares `signals`.
///
/// # Errors
/// `ENOMEM`.
pub(crate) fn create(signals: Arc<Signals>, files: Arc<Lock<Files>>) -> Result<*mut Thread, Errno> {
    let mut threads = THREADS.lock();
    let region = match threads.find() {
        Some(region) => {
            // SAFETY: its thread is gone for good.
            let changing = unsafe { &(*region.thread()).changing };
            if !changing.swap(true, Ordering::SeqCst) {
                // SAFETY: it had left the block whole. Otherwise what it owned is lost.
                unsafe { core::ptr::drop_in_place(region.thread()) };
            }
            region
        }
        None => {
            let region = Region(threads.space.take()?);
            threads.regions.push(region);
            region
        }
    };
    let thread = Thread::new(region.thread(), next_use(), signals, files);
    // SAFETY: the region is ours, mapped, aligned and large enough.
    unsafe {
        region.thread().write(thread);
        (*region.thread()).changing.store(false, Ordering::SeqCst);
    }
    Ok(region.thread())
}

/// The number of a new use of a region: not zero, and none that is remembered.
fn next_use() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    loop {
        match LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1) {
            0 => {}
            number => return number,
        }
    }
}

/// Gives a block back whose thread never ran, or is known to be gone; unless it has been given back, and
/// may be another thread's: [`create`] finds out for itself that a vfork's child has gone elsewhere, and a
/// thread that exits says so. `number` is which use of the region it was.
///
/// # Safety
/// The block's thread does not use it, nor will.
pub(crate) unsafe fn release(thread: *mut Thread, number: u32) {
    // SAFETY: the block is in the list and stays valid.
    let used = unsafe { &(*thread).used };
    let _ = used.compare_exchange(number, 0, Ordering::Release, Ordering::Relaxed);
}

/// Forgets all threads but the current one: after fork there are no others.
pub(crate) fn keep_only_current() {
    let current = Thread::current().itself as u64;
    for region in &THREADS.lock().regions {
        if region.0 != current {
            // SAFETY: the block's memory is a copy, whose thread does not exist here.
            unsafe { (*region.thread()).used.store(0, Ordering::Release) };
        }
    }
}

/// Calls `act` for every other thread that is alive.
pub(crate) fn each_other(mut act: impl FnMut(*mut Thread)) {
    let current = Thread::current().itself as u64;
    for region in &THREADS.lock().regions {
        // SAFETY: regions in the list are mapped.
        if region.0 != current && unsafe { region.used() } {
            act(region.thread());
        }
    }
}

/// The first memory for threads in `range`.
pub(crate) fn first(range: &Range<u64>) -> Option<Range<u64>> {
    THREADS.lock().space.first(range)
}

/// The list's lock, to be held across fork.
pub(crate) fn lock_list() -> impl Drop {
    THREADS.lock()
}

/// Gives the list back in spite of its guard.
///
/// # Safety
/// [`lock_list`]'s guard was forgotten by this thread, or by the one that it is a copy of.
pub(crate) unsafe fn unlock_list() {
    // SAFETY: the caller answers for it.
    unsafe { THREADS.force_unlock() }
}

/// Who the current thread is, for a lock: its region, and which use of it, in the bits below. Not zero.
#[inline]
pub(crate) fn holder() -> u64 {
    if !BEGUN.load(Ordering::Relaxed) {
        return 1;
    }
    let thread = Thread::current();
    thread.itself as u64 | u64::from(thread.used.load(Ordering::Relaxed)) & (region::SIZE - 1)
}

/// Whether the thread that [`holder`] named is no more. In doubt it lives.
pub(crate) fn is_gone(holder: u64) -> bool {
    let region = Region(holder & !(region::SIZE - 1));
    if region.0 == 0 {
        return false;
    }
    // SAFETY: regions stay mapped.
    unsafe {
        let used = (*region.thread()).used.load(Ordering::Acquire);
        u64::from(used) & (region::SIZE - 1) != holder & (region::SIZE - 1) || region.forsaken()
    }
}

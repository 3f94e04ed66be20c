//! The list of the threads that use our memory: for the seal, for signals, for locks whose holder may be
//! gone, and for the reuse of [regions](region).
#![expect(unsafe_code, reason = "looks at the blocks of other threads")]

use crate::memory::lock::Lock;
use crate::process::descriptor::Files;
use crate::process::region::{self, Space};
use crate::process::signal::Signals;
use crate::process::thread::{BEGUN, Thread};
use crate::sys::{Errno, memory, process};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// How many regions are looked at for one that can be used again: with thousands of threads, a look at all of
/// them would take longer than all else. Where more than one in as many is free, one is found as a rule.
const SEARCHED: usize = 64;

/// How many regions of threads that have ended keep their memory, some three pages each, for the next.
const KEPT: usize = 64;

/// How many threads have ended whose regions have their memory still.
static ENDED: AtomicUsize = AtomicUsize::new(0);

struct Threads {
    regions: Vec<Region>,
    /// Where among them the next search begins.
    next: usize,
    /// Regions without a thread, whose memory has been given back.
    empty: Vec<Region>,
    space: Space,
}

impl Threads {
    /// Where among the regions one is whose thread is gone.
    fn find(&mut self) -> Option<usize> {
        let count = self.regions.len();
        let begin = self.next;
        let mut places = (0..count.min(SEARCHED)).map(|step| (begin + step) % count);
        self.next = places.clone().next_back()? + 1;
        let regions = &self.regions;
        // SAFETY: regions in the list are mapped.
        let free = places.clone().find(|at| unsafe { !regions[*at].used() });
        // SAFETY: as above.
        free.or_else(|| places.find(|at| unsafe { regions[*at].forsaken() }))
    }

    /// One that can be used, in the list.
    fn take(&mut self) -> Result<Region, Errno> {
        if let Some(at) = self.find() {
            uncount();
            let region = self.regions[at];
            // SAFETY: its thread is gone for good.
            unsafe { region.drop_block() };
            return Ok(region);
        }
        let region = match self.empty.pop() {
            Some(region) => region,
            None => Region(self.space.take()?),
        };
        self.regions.push(region);
        Ok(region)
    }

    /// Gives the memory of one back whose thread is gone.
    fn give_back(&mut self) {
        let Some(at) = self.find() else {
            return;
        };
        let region = self.regions[at];
        // SAFETY: its thread is gone for good, and what it owned as well.
        let given_back = unsafe {
            region.drop_block();
            memory::empty(region.0..region.0 + region::SIZE)
        };
        if given_back.is_ok() {
            uncount();
            self.regions.swap_remove(at);
            self.empty.push(region);
        }
    }
}

fn uncount() {
    let less = |ended: usize| ended.checked_sub(1);
    let _ = ENDED.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
}

static THREADS: Lock<Threads> = Lock::new(Threads {
    regions: Vec::new(),
    next: 0,
    empty: Vec::new(),
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
    /// Drops the block, if its thread has left it whole. Otherwise what it owned is lost.
    ///
    /// # Safety
    /// The region is in the list, and its thread is gone for good.
    unsafe fn drop_block(self) {
        // SAFETY: the caller answers for it.
        unsafe {
            if !(*self.thread()).changing.swap(true, Ordering::SeqCst) {
                core::ptr::drop_in_place(self.thread());
            }
        }
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
    let region = threads.take()?;
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
    let released = used.compare_exchange(number, 0, Ordering::Release, Ordering::Relaxed);
    if released.is_ok() {
        ENDED.fetch_add(1, Ordering::Relaxed);
    }
}

/// The current thread is about to end. Where many have, the memory of others is given back: more than its own, since
/// those that end at the same moment may not be found.
pub(crate) fn end() {
    if ENDED.fetch_add(1, Ordering::Relaxed) >= KEPT {
        let mut threads = THREADS.lock();
        threads.give_back();
        threads.give_back();
    }
}

/// Forgets all threads but the current one: after fork there are no others.
pub(crate) fn keep_only_current() {
    let mut ended = 0;
    each_other(|other| {
        // SAFETY: the block's memory is a copy, whose thread does not exist here.
        unsafe { (*other).used.store(0, Ordering::Release) };
        ended += 1;
    });
    ENDED.fetch_add(ended, Ordering::Relaxed);
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

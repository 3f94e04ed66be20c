//! The heap: linked_list_allocator over reserved mappings, behind a lock.
//!
//! One mapping does for nearly every program; where it is used up, another is made, twice as large: the first is small,
//! as mlockall(2) locks all of it, and counts it before. Only address space
//! that has run out, or is limited, makes an allocation fail, and nothing can be done about that where
//! it happens: who is about to need much asks first ([`ensure`]).
//!
//! Whoever is killed in here ([`super::lock`]) leaves a list of free blocks that may not be whole. Its
//! mapping is *lost* then: nothing of it is handed out any more or taken back; what was, stays valid.
#![expect(unsafe_code, reason = "is the global allocator")]

use super::lock::Lock;
use crate::sys::memory::{self, Content, Place, READ, WRITE};
use crate::sys::{Errno, process};
use core::alloc::{GlobalAlloc, Layout};
use core::ops::Range;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};
use ld_systrap_core::address::first_within;
use linked_list_allocator::Heap;

/// What is reserved first, in bytes: enough to plan the patches of a C library.
const FIRST: usize = 3 << 20;
/// How many times that is doubled: to 96 MiB.
const DOUBLED: usize = 5;
/// What is reserved where address space is limited: it is the program's.
const LEAST: usize = 1 << 20;
/// How many mappings there can be: at least 64 MiB.
const MOST: usize = 64;

/// No heap is being changed.
const NONE: usize = usize::MAX;

/// The mappings, in the order in which they were made; the rest is empty.
struct Heaps {
    all: [Heap; MOST],
    lost: [bool; MOST],
    /// Which one is being changed, or [`NONE`]. An atomic, since the order of stores is what tells.
    changing: AtomicUsize,
}

struct Shared(Lock<Heaps>);

#[global_allocator]
static HEAP: Shared = Shared(Lock::new(Heaps {
    all: [const { Heap::empty() }; MOST],
    lost: [false; MOST],
    changing: AtomicUsize::new(NONE),
}));

// SAFETY: the heap hands out disjoint blocks of its own mappings, under a lock.
unsafe impl GlobalAlloc for Shared {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0
            .lock()
            .allocate(layout)
            .map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(block) = NonNull::new(block) {
            // SAFETY: the caller got it from `alloc` with this layout.
            unsafe { self.0.lock().deallocate(block, layout) };
        }
    }
}

impl Heaps {
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.give_up_lost();
        for index in 0..MOST {
            if self.all[index].size() != 0
                && !self.lost[index]
                && let Ok(block) = self.change(index, |heap| heap.allocate_first_fit(layout))
            {
                return Some(block);
            }
        }
        // Alignment, and what the list of free blocks needs.
        let needed = layout.size().checked_add(layout.align() + 4096)?;
        let index = self.reserve(needed)?;
        self.change(index, |heap| heap.allocate_first_fit(layout).ok())
    }

    /// # Safety
    /// The block is from `allocate` with this layout.
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        self.give_up_lost();
        let address = block.as_ptr() as u64;
        let index = self.all.iter().position(|it| range(it).contains(&address));
        if let Some(index) = index.filter(|&index| !self.lost[index]) {
            // SAFETY: the caller answers for it.
            self.change(index, |heap| unsafe { heap.deallocate(block, layout) });
        }
    }

    /// Changes a heap, which is lost if it does not come to an end.
    fn change<R>(&mut self, index: usize, act: impl FnOnce(&mut Heap) -> R) -> R {
        self.changing.store(index, Ordering::SeqCst);
        let done = act(&mut self.all[index]);
        self.changing.store(NONE, Ordering::SeqCst);
        done
    }

    /// Whoever held the lock before has been killed if it was still changing a heap.
    fn give_up_lost(&mut self) {
        if let Some(lost) = self.lost.get_mut(*self.changing.get_mut()) {
            *lost = true;
            *self.changing.get_mut() = NONE;
        }
    }

    /// Makes a mapping with at least `needed` bytes; better more. Gives its index.
    fn reserve(&mut self, needed: usize) -> Option<usize> {
        let index = (0..MOST).find(|&index| self.all[index].size() == 0 && !self.lost[index])?;
        let needed = needed.max(LEAST).checked_next_multiple_of(4096)?;
        let usual = match process::address_space_is_limited() {
            true => LEAST,
            false => FIRST << index.min(DOUBLED),
        };
        let mut size = needed.max(usual);
        loop {
            // SAFETY: new memory, for the heap alone, for ever.
            let made = unsafe {
                memory::map(
                    Place::Anywhere,
                    size as u64,
                    READ | WRITE,
                    Content::Reserved,
                )
            };
            match made {
                Ok(start) => {
                    // Little of it is used, which a huge page would make 2 MiB, to be cleared first.
                    let range = start..start + size as u64;
                    memory::keep_small(&range);
                    memory::keep_apart(&range); // gdb leaves out of a core file what is behind a region's guards
                    // SAFETY: as above.
                    self.change(index, |heap| unsafe { heap.init(start as *mut u8, size) });
                    return Some(index);
                }
                Err(_) if size == needed => return None,
                Err(_) => size = needed.max(size / 2),
            }
        }
    }
}

/// Where a heap lies; nowhere if it is empty.
fn range(heap: &Heap) -> Range<u64> {
    let start = heap.bottom() as u64;
    start..start + heap.size() as u64
}

/// Sees to it that `needed` bytes can be allocated, in pieces.
///
/// # Errors
/// `ENOMEM`.
pub(crate) fn ensure(needed: usize) -> Result<(), Errno> {
    let mut heaps = HEAP.0.lock();
    heaps.give_up_lost();
    let mut all = heaps.all.iter().zip(&heaps.lost);
    if all.any(|(heap, lost)| !lost && heap.free() >= needed) {
        return Ok(());
    }
    heaps.reserve(needed).map(drop).ok_or(Errno::ENOMEM)
}

/// The first mapping of the heap's in `within`.
pub(crate) fn first(within: &Range<u64>) -> Option<Range<u64>> {
    let heaps = HEAP.0.lock();
    let there = heaps.all.iter().filter(|heap| heap.size() != 0);
    first_within(within, there.map(range))
}

/// The heap's lock, to be held across fork.
pub(crate) fn lock_heap() -> impl Drop {
    HEAP.0.lock()
}

/// Gives the heap back in spite of its guard.
///
/// # Safety
/// [`lock_heap`]'s guard was forgotten by this thread, or by the one that it is a copy of.
pub(crate) unsafe fn unlock_heap() {
    // SAFETY: the caller answers for it.
    unsafe { HEAP.0.force_unlock() }
}

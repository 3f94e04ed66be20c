//! The heap: linked_list_allocator over reserved mappings, behind a lock.
//!
//! One mapping does for nearly every program; where it is used up, another is made. Only address space
//! that has run out, or is limited, makes an allocation fail, and nothing can be done about that where
//! it happens: who is about to need much asks first ([`ensure`]).
#![expect(unsafe_code, reason = "is the global allocator")]

use super::lock::Lock;
use crate::sys::memory::{self, Content, Place, READ, WRITE};
use crate::sys::{Errno, process};
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use ld_systrap_core::address::overlap;
use linked_list_allocator::Heap;

/// What is reserved at a time, in bytes.
const RESERVED: usize = 64 << 20;
/// What is reserved where address space is limited: it is the program's.
const LEAST: usize = 1 << 20;
/// How many mappings there can be: at least 64 MiB, and more where much is asked for at once.
const MOST: usize = 64;

/// The mappings, in the order in which they were made; the rest is empty.
struct Heaps([Heap; MOST]);

struct Shared(Lock<Heaps>);

#[global_allocator]
static HEAP: Shared = Shared(Lock::new(Heaps([const { Heap::empty() }; MOST])));

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
        for heap in self.0.iter_mut().filter(|heap| heap.size() != 0) {
            if let Ok(block) = heap.allocate_first_fit(layout) {
                return Some(block);
            }
        }
        // Alignment, and what the list of free blocks needs.
        let needed = layout.size().checked_add(layout.align() + 4096)?;
        self.reserve(needed)?.allocate_first_fit(layout).ok()
    }

    /// # Safety
    /// The block is from `allocate` with this layout.
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        let address = block.as_ptr() as u64;
        if let Some(heap) = self.0.iter_mut().find(|it| range(it).contains(&address)) {
            // SAFETY: the caller answers for it.
            unsafe { heap.deallocate(block, layout) };
        }
    }

    /// Makes a mapping with at least `needed` bytes; better more.
    fn reserve(&mut self, needed: usize) -> Option<&mut Heap> {
        let heap = self.0.iter_mut().find(|heap| heap.size() == 0)?;
        let needed = needed.max(LEAST).checked_next_multiple_of(4096)?;
        let usual = match process::address_space_is_limited() {
            true => LEAST,
            false => RESERVED,
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
                    // SAFETY: as above.
                    unsafe { heap.init(start as *mut u8, size) };
                    return Some(heap);
                }
                Err(_) if size == needed => return None,
                Err(_) => size = needed.max(size / 2),
            }
        }
    }
}

/// Where a heap lies; nowhere if it is empty.
fn range(heap: &Heap) -> core::ops::Range<u64> {
    let start = heap.bottom() as u64;
    start..start + heap.size() as u64
}

/// Sees to it that `needed` bytes can be allocated, in pieces.
///
/// # Errors
/// `ENOMEM`.
pub(crate) fn ensure(needed: usize) -> Result<(), Errno> {
    let mut heaps = HEAP.0.lock();
    if heaps.0.iter().any(|heap| heap.free() >= needed) {
        return Ok(());
    }
    heaps.reserve(needed).map(drop).ok_or(Errno::ENOMEM)
}

/// Whether a mapping of the heap's meets `range`.
pub(crate) fn meets(other: &core::ops::Range<u64>) -> bool {
    let heaps = HEAP.0.lock();
    let mut all = heaps.0.iter().filter(|heap| heap.size() != 0);
    all.any(|heap| overlap(&range(heap), other))
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

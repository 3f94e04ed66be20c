//! The heap: reserved mappings, handed out in granules (core's `granules`), behind a lock.
//!
//! One mapping does for nearly every program; where it is used up, another is made. Only address space
//! that has run out, or is limited, makes an allocation fail, and nothing can be done about that where
//! it happens: who is about to need much asks first ([`ensure`]).
//!
//! Whoever is killed in here loses a block at most ([`super::lock`]).
#![expect(unsafe_code, reason = "is the global allocator")]

use super::lock::Lock;
use crate::sys::memory::{self, Content, Place, READ, WRITE};
use crate::sys::{Errno, process};
use core::alloc::{GlobalAlloc, Layout};
use core::ops::Range;
use core::ptr;
use core::sync::atomic::{Ordering, compiler_fence};
use ld_systrap_core::address::first_within;
use ld_systrap_core::granules::Granules;

/// What is reserved at a time, in bytes.
const RESERVED: usize = 64 << 20;
/// What is reserved where address space is limited: it is the program's.
const LEAST: usize = 1 << 20;
/// How many mappings there can be: at least 64 MiB, and more where much is asked for at once.
const MOST: usize = 64;

/// The unit of the heap, in bytes: no block is smaller, or aligned to less.
const GRANULE: usize = 16;
const PAGE: usize = 4096;

/// A mapping: bits, and the granules that they stand for. Empty if its range is.
struct Heap {
    range: Range<u64>,
    /// No granule before this one is free.
    first: usize,
    /// How many granules are taken, or more: what a killed process was about to take counts.
    taken: usize,
}

/// The mappings, in the order in which they were made; the rest is empty.
struct Heaps([Heap; MOST]);

struct Shared(Lock<Heaps>);

#[global_allocator]
static HEAP: Shared = Shared(Lock::new(Heaps([const { Heap::empty() }; MOST])));

// SAFETY: the heap hands out disjoint blocks of its own mappings, under a lock.
unsafe impl GlobalAlloc for Shared {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = self.0.lock().allocate(layout);
        block.map_or(ptr::null_mut(), |address| address as *mut u8)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.0.lock().deallocate(block as u64, layout);
    }
}

impl Heap {
    const fn empty() -> Heap {
        Heap {
            range: 0..0,
            first: 0,
            taken: 0,
        }
    }

    /// Where the granules begin: behind a bit for each.
    fn granules_start(&self) -> u64 {
        let size = (self.range.end - self.range.start) as usize;
        self.range.start + (size / (GRANULE * 8)).next_multiple_of(PAGE) as u64
    }

    fn granules(&mut self) -> Granules<'_> {
        let length = (self.range.end - self.granules_start()) as usize / GRANULE / 64;
        // SAFETY: the mapping is ours alone, and begins with the bits: zero at first.
        let words =
            unsafe { core::slice::from_raw_parts_mut(self.range.start as *mut u64, length) };
        Granules::new(words, &mut self.first)
    }

    /// How many bytes are free.
    fn free(&self) -> usize {
        let size = (self.range.end - self.granules_start()) as usize;
        size.saturating_sub(self.taken * GRANULE)
    }

    fn allocate(&mut self, layout: Layout) -> Option<u64> {
        let count = layout.size().div_ceil(GRANULE);
        if self.free() < layout.size() || layout.align() > PAGE {
            return None;
        }
        self.taken += count;
        compiler_fence(Ordering::SeqCst); // never less than there are, whoever dies here
        let start = self.granules_start();
        match self
            .granules()
            .take(count, layout.align().div_ceil(GRANULE))
        {
            Some(at) => Some(start + (at * GRANULE) as u64),
            None => {
                self.taken -= count;
                None
            }
        }
    }

    fn deallocate(&mut self, block: u64, layout: Layout) {
        let count = layout.size().div_ceil(GRANULE);
        let at = (block - self.granules_start()) as usize / GRANULE;
        self.granules().give(at..at + count);
        compiler_fence(Ordering::SeqCst);
        self.taken = self.taken.saturating_sub(count);
    }
}

impl Heaps {
    /// Those that are there.
    fn all(&mut self) -> impl Iterator<Item = &mut Heap> {
        self.0.iter_mut().take_while(|heap| !heap.range.is_empty())
    }

    fn allocate(&mut self, layout: Layout) -> Option<u64> {
        if let Some(block) = self.all().find_map(|heap| heap.allocate(layout)) {
            return Some(block);
        }
        self.reserve(layout.size())?.allocate(layout)
    }

    fn deallocate(&mut self, block: u64, layout: Layout) {
        if let Some(heap) = self.all().find(|heap| heap.range.contains(&block)) {
            heap.deallocate(block, layout);
        }
    }

    /// Makes a mapping with room for at least `needed` bytes; better more.
    fn reserve(&mut self, needed: usize) -> Option<&mut Heap> {
        let heap = self.0.iter_mut().find(|heap| heap.range.is_empty())?;
        let with_bits = needed.checked_add(needed / 64 + 2 * PAGE)?;
        let needed = with_bits.max(LEAST).checked_next_multiple_of(PAGE)?;
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
                    heap.range.start = start;
                    compiler_fence(Ordering::SeqCst); // empty until both are there
                    heap.range.end = start + size as u64;
                    return Some(heap);
                }
                Err(_) if size == needed => return None,
                Err(_) => size = needed.max((size / 2).next_multiple_of(PAGE)),
            }
        }
    }
}

/// Sees to it that `needed` bytes can be allocated, in pieces.
///
/// # Errors
/// `ENOMEM`.
pub(crate) fn ensure(needed: usize) -> Result<(), Errno> {
    let mut heaps = HEAP.0.lock();
    if heaps.all().any(|heap| heap.free() >= needed) {
        return Ok(());
    }
    heaps.reserve(needed).map(drop).ok_or(Errno::ENOMEM)
}

/// The first mapping of the heap's in `range`.
pub(crate) fn first(range: &Range<u64>) -> Option<Range<u64>> {
    let mut heaps = HEAP.0.lock();
    first_within(range, heaps.all().map(|heap| heap.range.clone()))
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

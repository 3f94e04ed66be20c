//! The heap: linked_list_allocator over one reserved mapping, behind a lock.
#![expect(unsafe_code, reason = "is the global allocator")]

use super::lock::Lock;
use crate::sys::memory::{self, Content, Place, READ, WRITE};
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use linked_list_allocator::Heap;

/// What is reserved at first use, in bytes; when memory is limited, half of it, and so on.
const RESERVED: u64 = 64 << 20;
const LEAST: u64 = 1 << 20;

struct Shared(Lock<Heap>);

#[global_allocator]
static HEAP: Shared = Shared(Lock::new(Heap::empty()));

// SAFETY: the heap hands out disjoint blocks of its own mapping, under a lock.
unsafe impl GlobalAlloc for Shared {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut heap = self.0.lock();
        if heap.size() == 0 {
            reserve(&mut heap);
        }
        heap.allocate_first_fit(layout)
            .map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(block) = NonNull::new(block) {
            // SAFETY: the caller got it from `alloc` with this layout.
            unsafe { self.0.lock().deallocate(block, layout) };
        }
    }
}

/// Gives the heap its mapping. Without one, allocation fails.
fn reserve(heap: &mut Heap) {
    let mut size = RESERVED;
    while size >= LEAST {
        // SAFETY: new memory, for the heap alone, for ever.
        match unsafe { memory::map(Place::Anywhere, size, READ | WRITE, Content::Reserved) } {
            Ok(start) => {
                // SAFETY: as above.
                unsafe { heap.init(start as *mut u8, size as usize) };
                return;
            }
            Err(_) => size /= 2,
        }
    }
}

/// Whether the heap's mapping meets `range`.
pub(crate) fn meets(range: &core::ops::Range<u64>) -> bool {
    let heap = HEAP.0.lock();
    let start = heap.bottom() as u64;
    heap.size() != 0 && start < range.end && range.start < start + heap.size() as u64
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

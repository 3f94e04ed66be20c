//! Memory for what the runtime keeps per thread, in regions at multiples of their size.
//!
//! | offset | what |
//! |---|---|
//! | 0 | the thread's block |
//! | 16 KiB | room for a kernel's signal frame that waits to be delivered |
//! | 48 KiB | guard page, then the signal stack |
//! | 112 KiB | guard page, then the private stack, to the end at 256 KiB |
//!
//! Many are reserved at a time: what is never touched costs address space only, while a mapping of its own
//! for each, and cutting off what lies before the multiple and behind it, costs more than the rest of a
//! thread's beginning.
#![expect(unsafe_code, reason = "maps memory of our own")]

use crate::gate;
use crate::memory::heap_first;
use crate::sys::memory::{self, Content, Place, READ, WRITE};
use crate::sys::{Errno, process};
use alloc::vec::Vec;
use core::ops::Range;
use ld_systrap_core::address::{PAGE, first_within};

/// The size of a region, and what its address is a multiple of.
pub(super) const SIZE: u64 = 256 << 10;
/// Where a signal's frame may wait.
pub(super) const FRAME: u64 = 16 << 10;
/// The page below the signal stack.
pub(super) const SIGNAL_GUARD: u64 = 48 << 10;
/// The page below the private stack.
pub(super) const PRIVATE_GUARD: u64 = 112 << 10;

/// How many regions are reserved at a time at most.
const MOST: u64 = 16;

/// The address space of all regions.
pub(super) struct Space {
    reserved: Vec<Range<u64>>,
    /// What nobody has taken yet of the last one.
    rest: Range<u64>,
}

impl Space {
    pub(super) const fn new() -> Space {
        Space {
            reserved: Vec::new(),
            rest: 0..0,
        }
    }

    /// The address of a region that nobody has had.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(super) fn take(&mut self) -> Result<u64, Errno> {
        if self.rest.is_empty() {
            let reserved = self.reserve()?;
            // Two pages of a region are touched as a rule. And of a mapping with others in it gdb would
            // leave out of a core file what is behind the first guard page.
            memory::keep_small(&reserved);
            self.rest = reserved.start.next_multiple_of(SIZE)..reserved.end & !(SIZE - 1);
            self.reserved.push(reserved);
        }
        let base = self.rest.start;
        for guard in [base + SIGNAL_GUARD, base + PRIVATE_GUARD] {
            // SAFETY: nobody has the region yet.
            unsafe { memory::guard(guard..guard + PAGE)? };
        }
        self.rest.start += SIZE;
        Ok(base)
    }

    /// Reserves room for one region at first, then for as many again as there are.
    fn reserve(&self) -> Result<Range<u64>, Errno> {
        if self.reserved.is_empty() {
            // Mappings are made from above: below the last there is room for one that lies as it must.
            let last = heap_first(&(0..u64::MAX)).unwrap_or(gate::image());
            let below = (last.start & !(SIZE - 1)) - SIZE;
            let range = map(Place::Near(below), SIZE)?;
            if range.start.is_multiple_of(SIZE) {
                return Ok(range);
            }
            // SAFETY: just mapped.
            unsafe { memory::unmap(range)? };
            return one();
        }
        if process::address_space_is_limited() {
            return one();
        }
        let so_far: u64 = self
            .reserved
            .iter()
            .map(|it| (it.end - it.start) / SIZE)
            .sum();
        map(Place::Anywhere, (so_far.min(MOST) + 1) * SIZE).or_else(|_| one())
    }

    /// The first memory for regions in `range`.
    pub(super) fn first(&self, range: &Range<u64>) -> Option<Range<u64>> {
        first_within(range, self.reserved.iter().cloned())
    }
}

fn map(place: Place, length: u64) -> Result<Range<u64>, Errno> {
    // SAFETY: new memory.
    let start = unsafe { memory::map(place, length, READ | WRITE, Content::Reserved)? };
    Ok(start..start + length)
}

/// Room for one region, and for nothing else.
fn one() -> Result<Range<u64>, Errno> {
    let all = map(Place::Anywhere, 2 * SIZE)?;
    let base = all.start.next_multiple_of(SIZE);
    // SAFETY: just mapped, and unused.
    unsafe {
        if base > all.start {
            memory::unmap(all.start..base)?;
        }
        memory::unmap(base + SIZE..all.end)?;
    }
    Ok(base..base + SIZE)
}

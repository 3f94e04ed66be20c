//! Address space for trampolines, within a jump's reach of the code that jumps there. Each mapping has
//! its own, so that the trampolines of one are never written while another's are run.
#![expect(unsafe_code, reason = "reserves address space")]

use crate::sys::memory::{self, Content, Place};
use core::ops::Range;
use ld_systrap_core::patch::BEST_DISTANCES;

/// How far a `jmp rel32` reaches.
const REACH: u64 = 1 << 31;
/// What a mapping gets: any constraint on one byte of a displacement can be met in 4 MiB.
pub(crate) const SIZE: u64 = 4 << 20;

/// The distance at which the zone of a mapping is tried first, the same for a file each time, so that
/// what is kept of it can be used again: where core likes it best, below the code if there is room,
/// else above, behind the heap's first 1.5 GiB.
fn usual_distance(code: &Range<u64>) -> u64 {
    let [below, above] = BEST_DISTANCES;
    if code.start.wrapping_add(below) < code.start {
        below
    } else {
        above
    }
}

/// Reserves address space for the trampolines of `code`; nobody can touch it yet.
pub(crate) fn reserve_near(code: &Range<u64>) -> Option<Range<u64>> {
    // Far enough below the vDSO for the stack to grow. The highest byte of a displacement traps here,
    // too (`ce` and `3f`).
    const FAR_BELOW: u64 = 0x3180_0000;
    const FAR_ABOVE: u64 = 0x3f80_0000;
    let distances = [
        usual_distance(code),
        0u64.wrapping_sub(FAR_BELOW),
        FAR_ABOVE,
    ];
    distances
        .iter()
        .find_map(|distance| reserve_at(code, *distance, SIZE, 0))
        .or_else(|| {
            // SAFETY: new address space.
            let start = unsafe { memory::map(Place::Anywhere, SIZE, 0, Content::Reserved) }.ok()?;
            let zone = start..start + SIZE;
            if !in_reach(&zone, code) {
                release(&zone);
                return None;
            }
            Some(zone)
        })
}

/// Reserves `length` bytes of address space at `distance` from the start of `code`, if they are free and in
/// reach.
pub(crate) fn reserve_at(
    code: &Range<u64>,
    distance: u64,
    length: u64,
    protection: u32,
) -> Option<Range<u64>> {
    let start = code.start.wrapping_add(distance);
    let zone = start..start.checked_add(length)?;
    if !start.is_multiple_of(4096) || !in_reach(&zone, code) {
        return None;
    }
    // SAFETY: only where nothing is.
    unsafe { memory::map(Place::Free(start), length, protection, Content::Reserved) }.ok()?;
    Some(zone)
}

/// Gives back what is behind `used` bytes of a zone; gives what is left.
pub(crate) fn trim(zone: &Range<u64>, used: u64) -> Range<u64> {
    let end = (zone.start + used).clamp(zone.start, zone.end);
    if end < zone.end {
        release(&(end..zone.end));
    }
    zone.start..end
}

/// Gives address space back, whose trampolines nobody runs.
pub(crate) fn release(zone: &Range<u64>) {
    // SAFETY: what jumped there is gone, or never was.
    let _ = unsafe { memory::unmap(zone.clone()) };
}

fn in_reach(zone: &Range<u64>, code: &Range<u64>) -> bool {
    zone.end.max(code.end) - zone.start.min(code.start) < REACH
}

//! Counts the byte pairs in memory that may be system call instructions, where nothing else is known of it.

use crate::memory::copy;
use alloc::vec;
use core::ops::Range;
use ld_systrap_core::address::PAGE;
use ld_systrap_core::site;

/// Counts the byte pairs in `range` that may be system call instructions.
pub(crate) fn count(range: &Range<u64>) -> usize {
    const STEP: u64 = 64 << 10;
    let mut buffer = vec![0; STEP as usize + 1];
    let mut count = 0;
    let mut at = range.start;
    while at < range.end {
        // One byte more than a step, so that a pair across its end is seen.
        let length = (range.end - at).min(STEP + 1) as usize;
        let chunk = &mut buffer[..length];
        if copy::read_bytes(at, chunk).is_err() {
            count += count_by_page(at..at + length as u64);
        } else {
            count += site::pairs(chunk).count();
        }
        at += STEP;
    }
    count
}

/// As [`count`], where some page cannot be read: past the end of a file, where nothing can run either.
fn count_by_page(range: Range<u64>) -> usize {
    let mut page = [0; PAGE as usize + 1];
    let mut count = 0;
    let mut at = range.start;
    while at < range.end {
        let longest = (range.end - at).min(PAGE + 1) as usize;
        let readable = [longest, longest.min(PAGE as usize)]
            .into_iter()
            .find(|length| copy::read_bytes(at, &mut page[..*length]).is_ok());
        count += readable.map_or(0, |length| site::pairs(&page[..length]).count());
        at += PAGE;
    }
    count
}

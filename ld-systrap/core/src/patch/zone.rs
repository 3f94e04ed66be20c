//! Address space for trampolines, and what has been placed there.

use super::displacement::Targets;
use crate::address::PAGE;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

const SIZE: usize = PAGE as usize;
/// `int3`: what is between trampolines.
const FILLING: u8 = 0xcc;
/// How far from the start of code its zone is best, below it and above it: the highest byte of each
/// displacement then traps by itself (`ea`, and `60` or `61`), so that patches of four bytes before
/// the next boundary are possible too. True for 8 MiB of code and more, and for a zone of 4 MiB.
pub const BEST_DISTANCES: [u64; 2] = [0u64.wrapping_sub(0x1580_0000), 0x6100_0000];

/// The most addresses that are offered for one trampoline.
const MOST_OFFERS: usize = 64;

/// The most that are offered in one gap.
const MOST_OFFERS_HERE: usize = 8;
/// The most new pages that are compared.
const MOST_PAGES: usize = 64;
/// How many pages further the next is compared, where any in 64 KiB will do.
const WIDE_STRIDE: u64 = 4;
/// The length of the gate's address.
const SLOT: u64 = 8;

/// Free address space that trampolines may be placed in, and what has been placed there. Never hands
/// out a byte twice.
///
/// Once there is anything, its first word is the gate's address, through which all trampolines jump:
/// the gate may be out of a jump's reach, and elsewhere when trampolines are used again.
#[derive(Clone, Debug)]
pub struct Zone {
    range: Range<u64>,
    gate: u64,
    pages: BTreeMap<u64, Page>,
}

#[derive(Clone, Debug)]
struct Page {
    bytes: Box<[u8; SIZE]>,
    /// Addresses that are free, in order.
    gaps: Vec<Range<u64>>,
}

impl Zone {
    /// The whole pages of `range`, which is free. Trampolines in it lead to the gate at `gate`.
    #[must_use]
    pub fn new(range: Range<u64>, gate: u64) -> Zone {
        let start = range.start.checked_next_multiple_of(PAGE);
        let end = range.end & !(PAGE - 1);
        Zone {
            range: start.unwrap_or(end)..end,
            gate,
            pages: BTreeMap::new(),
        }
    }

    /// The address space it was made for.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// The address of the gate.
    #[must_use]
    pub fn gate(&self) -> u64 {
        self.gate
    }

    /// The address of the word that holds the gate's.
    #[must_use]
    pub fn slot(&self) -> u64 {
        self.range.start
    }

    /// The ranges of pages that hold anything, in order, adjacent ones as one.
    #[must_use]
    pub fn used(&self) -> Vec<Range<u64>> {
        let mut used: Vec<Range<u64>> = Vec::new();
        for page in self.pages.keys() {
            match used.last_mut() {
                Some(last) if last.end == *page => last.end += PAGE,
                _ => used.push(*page..page + PAGE),
            }
        }
        used
    }

    /// The address and the content of each page that holds anything, in order.
    pub fn pages(&self) -> impl Iterator<Item = (u64, &[u8; SIZE])> {
        self.pages
            .iter()
            .map(|(address, page)| (*address, &*page.bytes))
    }

    /// Places what `make` makes for an address among `targets`: `length` bytes, in a page that holds
    /// something already if there is room, else in one that suits many of `others`, which are to be
    /// placed too. `make` may refuse an address.
    pub(crate) fn place(
        &mut self,
        targets: &Targets,
        length: usize,
        others: &[Targets],
        mut make: impl FnMut(u64) -> Option<Vec<u8>>,
    ) -> Option<u64> {
        let length = length as u64;
        let mut offers = MOST_OFFERS;
        let mut make = |address| {
            offers = offers.checked_sub(1)?;
            make(address)
        };
        for page in self.pages.values() {
            for gap in &page.gaps {
                if let Some((address, bytes)) = offer(gap, targets, length, &mut make) {
                    self.fill(address, &bytes);
                    return Some(address);
                }
            }
        }
        let made = self
            .best_page(targets, length, others)
            .and_then(|page| offer(&page, targets, length, &mut make))
            .or_else(|| {
                let mut pages = self.new_pages(targets, length, 1);
                pages.find_map(|page| offer(&page, targets, length, &mut make))
            });
        let (address, bytes) = made?;
        self.fill(address, &bytes);
        Some(address)
    }

    /// What is free of the pages that hold nothing yet and suit `targets`, of each `stride` one.
    fn new_pages(
        &self,
        targets: &Targets,
        length: u64,
        stride: u64,
    ) -> impl Iterator<Item = Range<u64>> {
        let mut from = self.range.start.saturating_add(SLOT);
        let last = self.range.end.checked_sub(length);
        core::iter::from_fn(move || {
            loop {
                let found = targets.next(from, last?)?;
                let start = found & !(PAGE - 1);
                from = start.checked_add(stride * PAGE)?;
                if !self.pages.contains_key(&start) {
                    return Some(start.max(self.range.start + SLOT)..start + PAGE);
                }
            }
        })
    }

    /// The new page for `targets` that suits most of `others`.
    fn best_page(&self, targets: &Targets, length: u64, others: &[Targets]) -> Option<Range<u64>> {
        if others.is_empty() {
            return None;
        }
        let stride = match targets.is_wide() {
            true => WIDE_STRIDE,
            false => 1,
        };
        let suits = |page: &Range<u64>| {
            let last = page.end.saturating_sub(2 * length);
            let suited = |other: &&Targets| other.next(page.start, last).is_some();
            others.iter().filter(suited).count()
        };
        let pages = self.new_pages(targets, length, stride).take(MOST_PAGES);
        // The first of those that are equally good.
        pages.min_by_key(|page| core::cmp::Reverse(suits(page)))
    }

    /// Writes `bytes`, which stay inside one page, and before them the slot.
    fn fill(&mut self, address: u64, bytes: &[u8]) {
        if self.pages.is_empty() {
            self.write(self.range.start, &self.gate.to_le_bytes());
        }
        self.write(address, bytes);
    }

    fn write(&mut self, address: u64, bytes: &[u8]) {
        let start = address & !(PAGE - 1);
        let page = self.pages.entry(start).or_insert_with(|| Page {
            bytes: Box::new([FILLING; SIZE]),
            gaps: core::iter::once(start..start + PAGE).collect(),
        });
        let end = address + bytes.len() as u64;
        if let Some(index) = page.gaps.iter().position(|gap| gap.contains(&address)) {
            let gap = page.gaps.remove(index);
            let rest = [gap.start..address, end..gap.end];
            page.gaps
                .splice(index..index, rest.into_iter().filter(|gap| !gap.is_empty()));
        }
        let at = (address - start) as usize;
        if let Some(place) = page.bytes.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
}

/// The first place in `gap` that is allowed and that `make` accepts.
fn offer(
    gap: &Range<u64>,
    targets: &Targets,
    length: u64,
    make: &mut impl FnMut(u64) -> Option<Vec<u8>>,
) -> Option<(u64, Vec<u8>)> {
    let last = gap.end.checked_sub(length)?;
    let mut from = gap.start;
    // A trampoline that displeases, as its bytes look like a system call, pleases a little further on.
    for _ in 0..MOST_OFFERS_HERE {
        let address = targets.next(from, last)?;
        if let Some(bytes) = make(address) {
            return Some((address, bytes));
        }
        from = address + 1;
    }
    None
}

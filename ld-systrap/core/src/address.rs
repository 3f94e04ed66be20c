//! Addresses of the program that is being interposed, and how its memory is read.

use core::fmt;
use core::ops::Range;

/// The size of a page on x86-64, in bytes.
pub const PAGE: u64 = 4096;

/// An address in the program: a claim, not a pointer. Only a copy that may fault turns it into bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Address(pub u64);

impl Address {
    /// The address `bytes` further on, modulo 2^64 as the processor computes it.
    #[must_use]
    pub const fn add(self, bytes: u64) -> Address {
        Address(self.0.wrapping_add(bytes))
    }

    /// The start of the page that holds this address.
    #[must_use]
    pub const fn page(self) -> Address {
        Address(self.0 & !(PAGE - 1))
    }

    /// The first page boundary that is not below this address, or `None` past the last page.
    #[must_use]
    pub const fn next_page(self) -> Option<Address> {
        match self.0.checked_add(PAGE - 1) {
            Some(end) => Some(Address(end & !(PAGE - 1))),
            None => None,
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:#x}", self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, to)
    }
}

/// The pages that `range` touches.
#[must_use]
pub fn pages(range: &Range<u64>) -> Range<u64> {
    range.start & !(PAGE - 1)..range.end.saturating_add(PAGE - 1) & !(PAGE - 1)
}

/// The first of `ranges` that has an address in common with `range`.
pub fn first_within(
    range: &Range<u64>,
    ranges: impl IntoIterator<Item = Range<u64>>,
) -> Option<Range<u64>> {
    let within = ranges.into_iter().filter(|one| overlap(one, range));
    within.min_by_key(|one| one.start)
}

/// Whether two ranges have an address in common.
#[must_use]
pub fn overlap(one: &Range<u64>, other: &Range<u64>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Memory of the program could not be read or written: what the kernel reports as `EFAULT`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault;

/// Memory of the program, as something that may fault.
pub trait Memory {
    /// Copies `into.len()` bytes that start at `from`.
    ///
    /// # Errors
    /// [`Fault`] when any of them cannot be read; `into` may then be partly written.
    fn read(&self, from: Address, into: &mut [u8]) -> Result<(), Fault>;
}

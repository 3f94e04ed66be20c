//! mmap(2) and its relatives.
#![expect(unsafe_code, reason = "changes the address space")]

use super::{Errno, raw};
use core::ops::Range;
use linux_raw_sys::general::*;

pub(crate) const READ: u32 = PROT_READ;
pub(crate) const WRITE: u32 = PROT_WRITE;
pub(crate) const EXECUTE: u32 = PROT_EXEC;

/// Where a mapping shall lie.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// Where the kernel likes.
    Anywhere,
    /// Here, if nothing is here yet; otherwise anywhere.
    Near(u64),
    /// Here, or nowhere: fails with `EEXIST` when something is there already.
    Free(u64),
    /// Here, over whatever is there.
    Over(u64),
}

/// What a mapping shall show.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    /// Zeros.
    Zeros,
    /// Zeros that are not accounted for until touched.
    Reserved,
    /// A private copy of a file from this offset on.
    File { descriptor: i32, offset: u64 },
}

/// Maps `length` bytes.
///
/// # Safety
/// `Place::Over` replaces what is there: nothing of ours may be.
pub(crate) unsafe fn map(
    place: Place,
    length: u64,
    protection: u32,
    content: Content,
) -> Result<u64, Errno> {
    let (address, mut flags) = match place {
        Place::Anywhere => (0, MAP_PRIVATE),
        Place::Near(address) => (address, MAP_PRIVATE),
        Place::Free(address) => (address, MAP_PRIVATE | MAP_FIXED_NOREPLACE),
        Place::Over(address) => (address, MAP_PRIVATE | MAP_FIXED),
    };
    let (descriptor, offset) = match content {
        Content::Zeros => (-1, 0),
        Content::Reserved => (-1, 0),
        Content::File { descriptor, offset } => (descriptor, offset),
    };
    if !matches!(content, Content::File { .. }) {
        flags |= MAP_ANONYMOUS;
    }
    if matches!(content, Content::Reserved) {
        flags |= MAP_NORESERVE;
    }
    // SAFETY: the caller answers for what is replaced.
    unsafe {
        raw::call!(
            __NR_mmap,
            address,
            length,
            protection,
            flags,
            descriptor as i64,
            offset
        )
    }
}

/// Unmaps `range`.
///
/// # Safety
/// Nothing in `range` may be used afterwards.
pub(crate) unsafe fn unmap(range: Range<u64>) -> Result<(), Errno> {
    // SAFETY: the caller answers for it.
    unsafe { raw::call!(__NR_munmap, range.start, range.end - range.start) }.map(drop)
}

/// Makes every access to `range` fault, without a mapping of its own where the kernel can: their number
/// is limited (`vm.max_map_count`), and threads may be many.
///
/// # Safety
/// Nothing may rely on an access to it.
pub(crate) unsafe fn guard(range: Range<u64>) -> Result<(), Errno> {
    // SAFETY: the caller answers for it.
    unsafe {
        // Since Linux 6.13.
        advise(&range, MADV_GUARD_INSTALL).or_else(|_| protect(range, 0))
    }
}

/// Gives the content of `range` back: zeros are there from now on.
///
/// # Safety
/// Nothing may rely on what was there.
pub(crate) unsafe fn empty(range: Range<u64>) -> Result<(), Errno> {
    // SAFETY: the caller answers for it.
    unsafe { advise(&range, MADV_DONTNEED) }
}

/// madvise(2).
///
/// # Safety
/// Nothing may rely on what the advice takes away.
unsafe fn advise(range: &Range<u64>, advice: u32) -> Result<(), Errno> {
    // SAFETY: the caller answers for it.
    unsafe { raw::call!(__NR_madvise, range.start, range.end - range.start, advice) }.map(drop)
}

/// Has `range` never be of huge pages, and so a mapping of its own beside memory that may be. A kernel without
/// them goes on as it is.
pub(crate) fn keep_small(range: &Range<u64>) {
    // SAFETY: changes no content.
    let _ = unsafe { advise(range, MADV_NOHUGEPAGE) };
}

/// Has `range` be a mapping of its own beside others that are kept small: as memory that is not read ahead.
pub(crate) fn keep_apart(range: &Range<u64>) {
    // SAFETY: changes no content.
    let _ = unsafe { advise(range, MADV_RANDOM) };
}

/// Changes the protection of `range`.
///
/// # Safety
/// Nothing may rely on an access that this takes away.
pub(crate) unsafe fn protect(range: Range<u64>, protection: u32) -> Result<(), Errno> {
    // SAFETY: the caller answers for it.
    unsafe {
        raw::call!(
            __NR_mprotect,
            range.start,
            range.end - range.start,
            protection
        )
    }
    .map(drop)
}

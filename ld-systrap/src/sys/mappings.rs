//! What the kernel knows of this process's mappings: PROCMAP_QUERY of /proc/PID/maps, since Linux 6.11.
#![expect(unsafe_code, reason = "has the kernel fill in a structure")]

use super::{Errno, file, raw};
use core::ops::Range;
use linux_raw_sys::general::*;

/// `struct procmap_query` of linux/fs.h.
#[repr(C)]
#[derive(Default)]
struct Query {
    size: u64,
    flags: u64,
    address: u64,
    start: u64,
    end: u64,
    vma_flags: u64,
    page_size: u64,
    offset: u64,
    inode: u64,
    device: [u32; 2],
    name_size: u32,
    build_id_size: u32,
    name: u64,
    build_id: u64,
}

const PROCMAP_QUERY: u32 = 0xc068_6611;
const COVERING_OR_NEXT: u64 = 0x10;
const EXECUTABLE: u64 = 4;
const SHARED: u64 = 8;

/// Whether all that is mapped in `range` is private and of no file, as far as the kernel tells.
pub(crate) fn are_own(range: &Range<u64>) -> bool {
    let Ok(maps) = file::open(c"/proc/thread-self/maps", O_RDONLY | O_CLOEXEC) else {
        return false;
    };
    let mut at = range.start;
    let are_own = loop {
        match query(maps, at) {
            Ok(found) if found.start >= range.end => break true,
            Ok(found) if found.inode != 0 || found.vma_flags & SHARED != 0 => break false,
            Ok(found) if found.end >= range.end => break true,
            Ok(found) => at = found.end,
            Err(error) => break error == Errno::ENOENT, // nothing is behind it
        }
    };
    file::close(maps);
    are_own
}

/// Whether what is mapped at an address may be executable, as far as the kernel tells.
pub(crate) fn may_be_executable(address: u64) -> bool {
    let Ok(maps) = file::open(c"/proc/thread-self/maps", O_RDONLY | O_CLOEXEC) else {
        return true;
    };
    let found = query(maps, address);
    file::close(maps);
    match found {
        Ok(found) => found.start <= address && found.vma_flags & EXECUTABLE != 0,
        Err(error) => error != Errno::ENOENT,
    }
}

/// The mapping at an address, or the first behind it.
fn query(maps: i32, address: u64) -> Result<Query, Errno> {
    let mut query = Query {
        size: size_of::<Query>() as u64,
        flags: COVERING_OR_NEXT,
        address,
        ..Query::default()
    };
    // SAFETY: the kernel writes one `struct procmap_query`, of the size that it says.
    unsafe { raw::call!(__NR_ioctl, maps as i64, PROCMAP_QUERY, &raw mut query) }?;
    Ok(query)
}

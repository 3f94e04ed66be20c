//! Carries a table of patches out: trampolines first, then the code that jumps to them.
#![expect(unsafe_code, reason = "changes code that is mapped but not running")]

use crate::debugger::Library;
use crate::kept::Key;
use crate::memory::{arena, copy};
use crate::patched::{self, Bytes, Mapping};
use crate::sys::Errno;
use crate::sys::memory::{self, Content, EXECUTE, Place, READ, WRITE};
use crate::trap;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicU8, Ordering};
use ld_systrap_core::address::PAGE;
use ld_systrap_core::frames;
use ld_systrap_core::table::{self, Table, Unproved};

/// What is known of [`can_patch`].
static CAN_PATCH: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = 0;
const YES: u8 = 1;
const NO: u8 = 2;

/// Whether memory that was written to may be run: not under PR_SET_MDWE, prctl(2), nor under filters to the same end.
pub(crate) fn can_patch() -> bool {
    if CAN_PATCH.load(Ordering::Relaxed) == UNKNOWN {
        let content = Content::Zeros;
        // SAFETY: a page of our own.
        let page = unsafe { memory::map(Place::Anywhere, PAGE, READ | WRITE, content) };
        if let Ok(page) = page {
            let _ = make_executable(&(page..page + PAGE));
            // SAFETY: as above.
            let _ = unsafe { memory::unmap(page..page + PAGE) };
        }
    }
    CAN_PATCH.load(Ordering::Relaxed) != NO
}

/// The program is about to forbid it.
pub(crate) fn cannot_from_now_on() {
    CAN_PATCH.store(NO, Ordering::Relaxed);
}

/// Makes memory of ours executable that has been written to.
fn make_executable(range: &Range<u64>) -> Result<(), Errno> {
    // SAFETY: nobody runs it yet.
    let done = unsafe { memory::protect(range.clone(), READ | EXECUTE) };
    let can = match done {
        Ok(()) => YES,
        Err(Errno::EACCES | Errno::EPERM) => NO,
        Err(_) => UNKNOWN,
    };
    CAN_PATCH.store(can, Ordering::Relaxed);
    done
}

/// The number of sites, and the unproved pairs.
pub(crate) type Found = (usize, Unproved);

/// Applies a table that an earlier process has made, if there is one for these very bytes, with no more
/// than `most` sites, and its zone is free.
pub(crate) fn kept(
    range: &Range<u64>,
    protection: u32,
    key: &Key<'_>,
    most: usize,
) -> Result<Option<Found>, Errno> {
    let Some(view) = key.find() else {
        return Ok(None);
    };
    // SAFETY: the bytes live as long as the view, which is kept with the table.
    let bytes = unsafe { core::slice::from_raw_parts(view.bytes().as_ptr(), view.bytes().len()) };
    let Some(table) = frames::table(bytes).and_then(Table::parse) else {
        return Ok(None);
    };
    if !fits(range, &table) || table.site_count() > most {
        return Ok(None);
    }
    let zone = match u64::from(table.zone_length()) {
        0 => None,
        length => match arena::reserve_at(range, table.distance(), length, READ | WRITE) {
            Some(zone) => Some(zone),
            None => return Ok(None),
        },
    };
    let found = (table.site_count(), table.unproved(range.start));
    let library = library(range, &table, key);
    let mapping = Mapping {
        range: range.clone(),
        gone: Vec::new(),
        zone,
        table,
        bytes: Bytes::Kept(view),
        library,
    };
    Ok(match apply(mapping, protection)? {
        Outcome::Applied => Some(found),
        Outcome::OtherBytes => None,
    })
}

/// The file of a kept table, for debuggers.
pub(crate) fn library(range: &Range<u64>, table: &Table<'_>, key: &Key<'_>) -> Option<Library> {
    table.pages().next()?;
    Some(Library::new(frames::base(table, range.start), key.path()?))
}

/// Whether a table's writes lie in the mapping, and its pages in a zone.
fn fits(range: &Range<u64>, table: &Table<'_>) -> bool {
    let length = range.end - range.start;
    table
        .writes()
        .all(|write| u64::from(write.offset) + write.new.len() as u64 <= length)
        && table
            .pages()
            .all(|(offset, _)| u64::from(offset) + PAGE <= arena::SIZE)
}

/// Applies a table of our own.
pub(crate) fn own(
    range: &Range<u64>,
    protection: u32,
    bytes: Vec<u8>,
    zone: Option<Range<u64>>,
    library: Option<Library>,
) -> Result<(), Errno> {
    // SAFETY: the bytes are on the heap for as long as the vector lives, which is kept with the table.
    let slice = unsafe { core::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
    let table = Table::parse(slice).ok_or(Errno::ENOMEM)?;
    let bytes = Bytes::Own(bytes);
    let zone = zone.map(|zone| arena::trim(&zone, u64::from(table.zone_length())));
    if let Some(zone) = &zone {
        // SAFETY: address space of ours that nobody runs yet.
        unsafe { memory::protect(zone.clone(), READ | WRITE)? };
    }
    let mapping = Mapping {
        range: range.clone(),
        gone: Vec::new(),
        zone,
        table,
        bytes,
        library,
    };
    match apply(mapping, protection)? {
        Outcome::Applied => Ok(()),
        // The code changed between two looks at it.
        Outcome::OtherBytes => Err(Errno::ENOMEM),
    }
}

/// What became of a table.
enum Outcome {
    /// The code is patched.
    Applied,
    /// It is for other code; nothing has changed.
    OtherBytes,
}

/// Writes first the trampolines, then the patches that jump there, and remembers both.
fn apply(mapping: Mapping, protection: u32) -> Result<Outcome, Errno> {
    let range = &mapping.range;
    let place = |offset: u32| range.start + u64::from(offset);
    let writes = || mapping.table.writes();
    let give_up = || mapping.zone.as_ref().map(arena::release);
    if writes().next().is_some() {
        let prepared = match &mapping.zone {
            Some(zone) => write_trampolines(zone, &mapping.table),
            None if can_patch() => Ok(()),
            None => Err(Errno::EACCES),
        };
        if let Err(error) = prepared {
            give_up();
            return Err(error);
        }
        // The mapping as a whole: memory that has been writable once counts as such for ever
        // (`VM_ACCOUNT`), so that the kernel would not make one mapping of its parts again.
        // SAFETY: nobody runs it yet, and it is executable again when the program gets it.
        unsafe { memory::protect(range.clone(), READ | WRITE)? };
        // Touched for writing before it is read, a page faults once.
        let expected = writes().all(|write| {
            let mut there = [0; table::LARGEST];
            let there = &mut there[..write.old.len()];
            copy::touch(place(write.offset)).is_ok()
                && copy::read_bytes(place(write.offset), there).is_ok()
                && there == write.old
        });
        if expected {
            for write in writes() {
                copy::write_bytes(place(write.offset), write.new).map_err(|_| Errno::ENOMEM)?;
            }
        }
        // SAFETY: as before.
        unsafe { memory::protect(range.clone(), protection)? };
        if !expected {
            give_up();
            return Ok(Outcome::OtherBytes);
        }
    }
    if mapping.table.site_count() != 0 {
        patched::add(mapping);
    }
    Ok(Outcome::Applied)
}

/// Writes the pages of a zone that hold something, and makes all of it executable: what lies between them
/// has never been touched. The zone is writable.
fn write_trampolines(zone: &Range<u64>, table: &Table<'_>) -> Result<(), Errno> {
    for (offset, content) in table.pages() {
        let page = zone.start + u64::from(offset);
        copy::write_bytes(page, content).map_err(|_| Errno::ENOMEM)?;
    }
    // The gate is elsewhere in every process.
    copy::write_value(zone.start, &trap::gate()).map_err(|_| Errno::ENOMEM)?;
    make_executable(zone)
}

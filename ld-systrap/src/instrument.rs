//! Carries out core's plans: what has become executable leads to the gate before anybody runs it.
#![expect(unsafe_code, reason = "changes code that is mapped but not running")]

use crate::debugger::Library;
use crate::dispatch;
use crate::guarded;
use crate::handler::ImageEvent;
use crate::kept::{Directory, Key};
use crate::memory::{arena, copy, ensure_heap};
use crate::pairs;
use crate::patched::{self, Bytes, Mapping};
use crate::seal;
use crate::sys::Errno;
use crate::sys::memory::{self, EXECUTE, READ, WRITE};
use crate::trap;
use alloc::vec::Vec;
use core::ops::Range;
use ld_systrap_core::address::{PAGE, pages};
use ld_systrap_core::frames;
use ld_systrap_core::image::Image;
use ld_systrap_core::patch::{self, Code, Located, Zone};
use ld_systrap_core::site::{Finding, Survey, Verdict};
use ld_systrap_core::table::{self, Table, Unproved};

/// A file, or a part of memory laid out as one, that a mapping shows.
pub(crate) struct Source<'a> {
    /// All of it.
    pub(crate) bytes: &'a [u8],
    /// Where in it the mapping begins.
    pub(crate) offset: u64,
}

/// What planning takes of the heap at most, in bytes, and half of the code's length: node's 45 MB take 6.
const PLANNING: usize = 4 << 20;
/// What remembering a mapping takes of the heap at most, in bytes.
const REMEMBERING: usize = 256 << 10;

/// Instruments `range`, which has just been mapped from `source` and is not run by anybody yet.
///
/// # Errors
/// `ENOMEM`, from mprotect(2): nothing may run there.
pub(crate) fn mapped(
    range: Range<u64>,
    protection: u32,
    source: &Source<'_>,
    directory: &Directory,
) -> Result<(), Errno> {
    ensure_heap(REMEMBERING)?;
    patched::forget(&range);
    let image = Image::parse(source.bytes).ok();
    let key = image
        .as_ref()
        .and_then(|image| directory.key(image, source.offset, &range));
    let done = match &key {
        Some(key) => apply_kept(&range, protection, key, usize::MAX)?,
        None => None,
    };
    let found = match done {
        Some(found) => found,
        None => plan_and_apply(&range, protection, source, image.as_ref(), key.as_ref())?,
    };
    conclude(range, protection, found);
    Ok(())
}

/// As [`mapped`], if that is quick: with a table that an earlier process has made, and for a few sites.
/// Otherwise nothing is done.
///
/// # Errors
/// As [`mapped`].
pub(crate) fn mapped_if_quick(
    range: &Range<u64>,
    protection: u32,
    source: &Source<'_>,
) -> Result<bool, Errno> {
    const FEW: usize = 100; // glibc's ld.so has 46
    ensure_heap(REMEMBERING)?;
    let directory = Directory::new();
    let key = Image::parse(source.bytes)
        .ok()
        .and_then(|image| directory.key(&image, source.offset, range));
    let done = match &key {
        Some(key) => apply_kept(range, protection, key, FEW)?,
        None => None,
    };
    let Some(found) = done else {
        return Ok(false);
    };
    conclude(range.clone(), protection, found);
    Ok(true)
}

/// Watches what is not proved, and tells the handler.
fn conclude(range: Range<u64>, protection: u32, (sites, unproved): Found) {
    let (unproved, is_guarded) = match unproved {
        Unproved::At(places) => (places.len(), guarded::begin(protection, &places)),
        Unproved::Many(count) => (count, false),
    };
    if unproved != 0 && !is_guarded || protection & WRITE != 0 {
        seal::arm();
    }
    dispatch::events().image(&ImageEvent {
        range,
        sites,
        unproved,
    });
}

/// The number of sites, and the unproved pairs.
type Found = (usize, Unproved);

/// Applies a table that an earlier process has made, if there is one for these very bytes, with no more
/// than `most` sites, and its zone is free.
fn apply_kept(
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
fn library(range: &Range<u64>, table: &Table<'_>, key: &Key<'_>) -> Option<Library> {
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

/// Finds the sites of a mapping, plans their patches, and applies them.
fn plan_and_apply(
    range: &Range<u64>,
    protection: u32,
    source: &Source<'_>,
    image: Option<&Image<'_>>,
    key: Option<&Key<'_>>,
) -> Result<Found, Errno> {
    ensure_heap(PLANNING + (range.end - range.start) as usize / 2)?;
    let within = source.offset..source.offset + (range.end - range.start);
    let findings = image.map_or_else(Vec::new, |it| Survey::new(it).findings(within.clone()));
    // What the survey does not cover can be run, too.
    let unproved = match image.is_some_and(|image| covers(image, &within)) {
        true => unproved(&findings, range, source.offset),
        false => Unproved::Many(pairs::count(range)),
    };
    let sites = located(&findings, range, source.offset);
    let shown = usize::try_from(source.offset).unwrap_or(usize::MAX);
    let code = Code {
        bytes: source.bytes.get(shown..).unwrap_or_default(),
        address: range.start,
    };
    let bytes = make_table(range, &code, &sites, &unproved, true)
        .or_else(|| make_table(range, &code, &sites, &unproved, false));
    let Some((bytes, zone)) = bytes else {
        return Err(Errno::ENOMEM);
    };
    // Small images without a pair are looked through faster than a file is made.
    const SMALL: u64 = 128 << 10;
    // Traps for want of address space are this process's, not the image's.
    let is_typical = zone.is_some() || sites.is_empty();
    let is_dear = !findings.is_empty() || range.end - range.start > SMALL;
    let kept = key.filter(|_| is_typical && is_dear).and_then(|key| {
        let table = Table::parse(&bytes)?;
        key.keep(&frames::file(&table))?;
        library(range, &table, key)
    });
    if !sites.is_empty() {
        apply_own(range, protection, bytes, zone, kept)?;
    }
    Ok((sites.len(), unproved))
}

/// Plans the patches of a mapping. `None` if that is impossible with (or without) trampolines.
fn make_table(
    range: &Range<u64>,
    code: &Code<'_>,
    sites: &[Located],
    unproved: &Unproved,
    with_zone: bool,
) -> Option<(Vec<u8>, Option<Range<u64>>)> {
    let reserved = match with_zone && !sites.is_empty() {
        true => arena::reserve_near(range),
        false => None,
    };
    let mut zone = reserved
        .clone()
        .map(|reserved| Zone::new(reserved, trap::gate()));
    let patches = patch::plan(code, sites, zone.as_mut());
    let old = |address: u64, into: &mut [u8]| copy::read_bytes(address, into).is_ok();
    let bytes = table::build(range, unproved, &patches, zone.as_ref(), old);
    let empty = zone.is_none_or(|zone| zone.pages().next().is_none());
    match reserved {
        Some(reserved) if bytes.is_none() || empty => {
            arena::release(&reserved);
            bytes.map(|bytes| (bytes, None))
        }
        reserved => bytes.map(|bytes| (bytes, reserved)),
    }
}

/// Applies a table of our own.
fn apply_own(
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
    if let Some(zone) = &mapping.zone {
        write_trampolines(zone, &mapping.table)?;
    }
    let range = &mapping.range;
    let place = |offset: u32| range.start + u64::from(offset);
    let writes = || mapping.table.writes();
    if writes().next().is_some() {
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
            if let Some(zone) = &mapping.zone {
                arena::release(zone);
            }
            return Ok(Outcome::OtherBytes);
        }
    }
    if mapping.table.site_count() != 0 {
        patched::add(mapping);
    }
    Ok(Outcome::Applied)
}

/// Writes the pages of a zone that hold something, and makes them executable. The zone is writable.
fn write_trampolines(zone: &Range<u64>, table: &Table<'_>) -> Result<(), Errno> {
    let mut runs: Vec<Range<u64>> = Vec::new();
    for (offset, content) in table.pages() {
        let page = zone.start + u64::from(offset);
        copy::write_bytes(page, content).map_err(|_| Errno::ENOMEM)?;
        match runs.last_mut() {
            Some(run) if run.end == page => run.end += PAGE,
            _ => runs.push(page..page + PAGE),
        }
    }
    // The gate is elsewhere in every process.
    copy::write_value(zone.start, &trap::gate()).map_err(|_| Errno::ENOMEM)?;
    for run in runs {
        // SAFETY: memory of ours that nobody runs yet.
        unsafe { memory::protect(run, READ | EXECUTE)? };
    }
    Ok(())
}

/// Whether a part of a file is code as its headers have it, up to the file's end.
fn covers(image: &Image<'_>, within: &Range<u64>) -> bool {
    let end = within.end.min(image.bytes().len() as u64);
    image
        .segments()
        .filter(|segment| segment.executable)
        .any(|segment| {
            let shown = pages(&(segment.offset..segment.offset + segment.file_size));
            shown.start <= within.start && end <= shown.end
        })
}

/// The unproved pairs, where they are in memory.
fn unproved(findings: &[Finding], range: &Range<u64>, offset: u64) -> Unproved {
    const MOST: usize = 256;
    let unproved = findings
        .iter()
        .filter(|one| one.verdict == Verdict::Unproved);
    let places = unproved.map(|one| range.start + (one.offset - offset));
    match places.clone().count() {
        0..=MOST => Unproved::At(places.collect()),
        many => Unproved::Many(many),
    }
}

/// The proved sites, where they are in memory, if they are there as in the file.
fn located(findings: &[Finding], range: &Range<u64>, offset: u64) -> Vec<Located> {
    let mut sites = Vec::new();
    for finding in findings.iter().filter(|one| one.verdict == Verdict::Site) {
        let address = range.start + (finding.offset - offset);
        let mut there = [0; 2];
        // The mapping is as young as the file: a difference means that it changes under us.
        if copy::read_bytes(address, &mut there).is_ok() && there == finding.opcode.bytes() {
            sites.push(Located::new(finding, address.wrapping_sub(finding.address)));
        }
    }
    sites
}

/// Instruments `range`, of which nothing is known but its bytes: it was written at run time.
pub(crate) fn unknown(range: Range<u64>, protection: u32) {
    forget_overwritten(&range);
    if protection & WRITE != 0 || pairs::count(&range) != 0 {
        seal::arm();
    }
}

/// Forgets the pages in `range` whose patches the program has written over.
fn forget_overwritten(range: &Range<u64>) {
    let mut gone = Vec::new();
    patched::each_write(range, |address, _, new| {
        let mut there = [0; table::LARGEST];
        let there = &mut there[..new.len()];
        if copy::read_bytes(address, there).is_err() || there != new {
            gone.push(address..address + 1);
        }
    });
    for byte in gone {
        patched::forget(&byte);
    }
}

/// Code has moved from `from` to `to`: jumps out of it do not lead where they did. Its sites become
/// traps.
///
/// # Errors
/// As mprotect(2): nothing may run there.
pub(crate) fn moved(from: &Range<u64>, to: u64) -> Result<(), Errno> {
    let sites = patched::sites(from);
    if sites.is_empty() {
        return Ok(());
    }
    let there = |address: u64| address - from.start + to;
    let mut restored = Vec::new();
    patched::each_write(from, |address, old, _| {
        restored.push((there(address), old.to_vec()))
    });
    patched::forget(from);
    let range = to..there(from.end);
    // SAFETY: the program asked for the code to be moved and has not been told where it is.
    unsafe { memory::protect(range.clone(), READ | WRITE)? };
    for (address, original) in restored {
        copy::write_bytes(address, &original).map_err(|_| Errno::ENOMEM)?;
    }
    // SAFETY: as before.
    unsafe { memory::protect(range.clone(), READ | EXECUTE)? };
    let sites: Vec<Located> = sites
        .into_iter()
        .map(|(address, opcode)| {
            let address = there(address);
            Located {
                address,
                opcode,
                function: address..address,
            }
        })
        .collect();
    let code = Code {
        bytes: &[],
        address: to,
    };
    let made = make_table(&range, &code, &sites, &Unproved::Many(0), false);
    let (bytes, zone) = made.ok_or(Errno::ENOMEM)?;
    apply_own(&range, READ | EXECUTE, bytes, zone, None)
}

//! What has become executable leads to the gate before anybody runs it: core finds its sites and plans, or a
//! kept table has it all, and [`apply`] carries it out.
#![expect(unsafe_code, reason = "changes code that is mapped but not running")]

use crate::apply::{self, Found};
use crate::dispatch;
use crate::guarded;
use crate::handler::ImageEvent;
use crate::kept::{Directory, Key};
use crate::memory::{arena, copy, ensure_heap};
use crate::pairs;
use crate::patched;
use crate::process::filter;
use crate::seal;
use crate::sys::Errno;
use crate::sys::mappings;
use crate::sys::memory::{self, EXECUTE, READ, WRITE};
use crate::trap;
use crate::view::View;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_systrap_core::address::pages;
use ld_systrap_core::frames;
use ld_systrap_core::image::Image;
use ld_systrap_core::patch::{Code, Located, Zone, plan};
use ld_systrap_core::site::{Finding, Survey, Verdict};
use ld_systrap_core::table::{self, Table, Unproved};

/// A file, or a part of memory laid out as one, that a mapping shows.
pub(crate) struct Source<'a> {
    /// All of it.
    pub(crate) view: &'a View,
    /// Where in it the mapping begins.
    pub(crate) offset: u64,
}

/// What planning takes of the heap at most, in bytes, and half of the code's length: little code takes 0.7 MB, libc's 1.4
/// MB take 1.9, node's 45 MB take 6.
const PLANNING: usize = 5 << 18;
/// What remembering a mapping takes of the heap at most, in bytes.
const REMEMBERING: usize = 256 << 10;

/// What instrumenting a mapping may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effort {
    /// All that it does.
    Any,
    /// Little: with a table that an earlier process has made, and for a few sites.
    Little,
}

/// Instruments `range`, which has just been mapped from `source` and is not run by anybody yet, or leaves it to the
/// seal. False if that takes more than it may: then nothing is done.
///
/// # Errors
/// From mprotect(2): nothing may run there.
pub(crate) fn mapped(
    range: Range<u64>,
    protection: u32,
    source: &Source<'_>,
    directory: &Directory,
    effort: Effort,
) -> Result<bool, Errno> {
    match patch(range, protection, source, directory, effort) {
        // As it was, which is what who forbids writing to code wants.
        Err(Errno::EACCES | Errno::EPERM) if !apply::can_patch() && seal::arms() => Ok(true),
        other => other,
    }
}

/// Finds the patches of a mapping, or knows them already, and applies them.
fn patch(
    range: Range<u64>,
    protection: u32,
    source: &Source<'_>,
    directory: &Directory,
    effort: Effort,
) -> Result<bool, Errno> {
    const FEW: usize = 100; // glibc's ld.so has 46
    ensure_heap(REMEMBERING)?;
    patched::forget(&range);
    let image = Image::parse(source.view.bytes()).ok();
    let key = image
        .as_ref()
        .and_then(|image| directory.key(image, source, &range));
    let most = match effort {
        Effort::Any => usize::MAX,
        Effort::Little => FEW,
    };
    let kept = match &key {
        Some(key) => apply::kept(&range, protection, key, most)?,
        None => None,
    };
    let found = match (kept, effort) {
        (Some(found), _) => found,
        (None, Effort::Little) => return Ok(false),
        (None, Effort::Any) => {
            plan_and_apply(&range, protection, source, image.as_ref(), key.as_ref())?
        }
    };
    conclude(range, protection, found);
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
    if sites == 0 {
        patched::add_plain(range.clone());
    }
    dispatch::events().image(&ImageEvent {
        range,
        sites,
        unproved,
    });
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
        bytes: source.view.bytes().get(shown..).unwrap_or_default(),
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
        apply::library(range, &table, key)
    });
    if !sites.is_empty() {
        apply::own(range, protection, bytes, zone, kept)?;
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
    let patches = plan(code, sites, zone.as_mut());
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

/// How much memory that was written at run time is looked through, in bytes, in all: some milliseconds. Who makes more
/// of it executable, or does so again and again, is sealed.
static WORTH_LOOKING: AtomicU64 = AtomicU64::new(4 << 20);

/// Instruments `range`, of which nothing is known but its bytes: it was written at run time. What is not this process's
/// alone may be written to in another way later.
pub(crate) fn unknown(range: Range<u64>, protection: u32) {
    forget_overwritten(&range);
    if !seal::can_be_armed() {
        return;
    }
    let length = range.end - range.start;
    let is_worth = || {
        let less = |left: u64| left.checked_sub(length);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        WORTH_LOOKING.fetch_update(set, fetch, less).is_ok()
    };
    // Under a filter of the program's, nobody may be asked.
    let is_own = || !filter::is_installed() && mappings::are_own(&range);
    if protection & WRITE == 0 && is_worth() && is_own() && pairs::count(&range) == 0 {
        patched::add_plain(range);
    } else {
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
    let there = |address: u64| address - from.start + to;
    if sites.is_empty() {
        if patched::is_plain(from) {
            patched::add_plain(to..there(from.end));
        }
        return Ok(());
    }
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
    apply::own(&range, READ | EXECUTE, bytes, zone, None)
}

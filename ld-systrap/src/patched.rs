//! What has been patched, and where displaced code is: the way from an address in the program to its
//! trampoline, and back.
//!
//! Looked at by the signal handler, but only when it interrupted the program's own code or a
//! trampoline, so that its lock is not held by the same thread.

use crate::debugger::{self, Library};
use crate::memory::arena;
use crate::memory::lock::Lock;
use alloc::vec::Vec;
use core::ops::Range;
use ld_systrap_core::address::{first_within, overlap};
use ld_systrap_core::site::Opcode;
use ld_systrap_core::table::Table;

/// The patches of one mapping.
pub(crate) struct Mapping {
    /// Where it lies. What is unmapped of it counts no more.
    pub(crate) range: Range<u64>,
    /// Parts of it that something else lies in now.
    pub(crate) gone: Vec<Range<u64>>,
    /// The address space of its trampolines.
    pub(crate) zone: Option<Range<u64>>,
    /// The patches.
    pub(crate) table: Table<'static>,
    /// Who keeps the table's bytes.
    pub(crate) bytes: Bytes,
    /// What tells debuggers of the trampolines, if there is a file that can.
    pub(crate) library: Option<Library>,
}

/// The bytes of a table.
pub(crate) enum Bytes {
    /// Made by this process; given back with the mapping.
    Own(#[expect(dead_code, reason = "the table refers to it")] Vec<u8>),
    /// A file's, mapped.
    Kept(crate::view::View),
}

static MAPPINGS: Lock<Vec<Mapping>> = Lock::new(Vec::new());
/// Where code is, or was, that has no site.
static PLAIN: Lock<Vec<Range<u64>>> = Lock::new(Vec::new());

/// What a trap in the program's code means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    /// A system call, without a trampoline.
    Call(Opcode),
    /// An instruction that is elsewhere now: at this address.
    Displaced(u64),
}

impl Mapping {
    /// The offset of an address, if it is patched code of this mapping.
    fn offset(&self, address: u64) -> Option<u32> {
        let there = self.range.contains(&address)
            && !self.gone.iter().any(|range| range.contains(&address));
        if there {
            u32::try_from(address - self.range.start).ok()
        } else {
            None
        }
    }

    fn in_zone(&self, offset: u32) -> u64 {
        self.zone
            .as_ref()
            .map_or(0, |zone| zone.start + u64::from(offset))
    }

    fn meaning(&self, address: u64) -> Option<Meaning> {
        let offset = self.offset(address)?;
        if let Some(to) = self.table.resumption(offset) {
            return Some(Meaning::Displaced(self.in_zone(to)));
        }
        Some(match self.table.site(offset)? {
            (opcode, None) => Meaning::Call(opcode),
            (_, Some(entry)) => Meaning::Displaced(self.in_zone(entry)),
        })
    }
}

/// Remembers the patches of a mapping.
pub(crate) fn add(mapping: Mapping) {
    let mut mappings = MAPPINGS.lock();
    if let Some(library) = &mapping.library {
        library.list();
    }
    mappings.push(mapping);
    drop(mappings);
    debugger::changed();
}

/// Remembers code that has no site.
pub(crate) fn add_plain(range: Range<u64>) {
    let mut plain = PLAIN.lock();
    let covers = |it: &Range<u64>| it.start <= range.start && range.end <= it.end;
    if !plain.iter().any(covers) {
        plain.push(range);
    }
}

/// Whether `range` meets code that has no site.
pub(crate) fn is_plain(range: &Range<u64>) -> bool {
    PLAIN.lock().iter().any(|it| overlap(it, range))
}

/// Whether `range` meets code, with or without sites.
pub(crate) fn is_code(range: &Range<u64>) -> bool {
    MAPPINGS.lock().iter().any(|it| overlap(&it.range, range)) || is_plain(range)
}

/// What a trap at `address` means, if it is one of ours.
pub(crate) fn meaning(address: u64) -> Option<Meaning> {
    MAPPINGS
        .lock()
        .iter()
        .find_map(|mapping| mapping.meaning(address))
}

/// Where the instruction at `address` is run: in a trampoline, if a trap there would lead to one.
pub(crate) fn runs_at(address: u64) -> u64 {
    match meaning(address) {
        Some(Meaning::Displaced(to)) => to,
        _ => address,
    }
}

/// The address in the program that an address in a trampoline, or on the way there, is equivalent to.
pub(crate) fn origin(address: u64) -> Option<u64> {
    let mappings = MAPPINGS.lock();
    mappings.iter().find_map(|mapping| {
        let origin = match mapping.zone.as_ref().filter(|zone| zone.contains(&address)) {
            Some(zone) => mapping
                .table
                .origin(u32::try_from(address - zone.start).ok()?)?,
            None => mapping.table.springboard(mapping.offset(address)?)?,
        };
        Some(mapping.range.start + u64::from(origin))
    })
}

/// What is at an address, for who steps through the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// An instruction of the program, or one that stands for it.
    Instruction,
    /// What stands for the second half of a system call instruction.
    Call,
    /// A jump to a trampoline or back, and where it leads.
    Jump,
}

/// What is at `address`, in the program or in a trampoline.
pub(crate) fn place(address: u64) -> Place {
    let mappings = MAPPINGS.lock();
    let place = mappings.iter().find_map(|mapping| {
        let Some(zone) = mapping.zone.as_ref().filter(|zone| zone.contains(&address)) else {
            let offset = mapping.offset(address)?;
            return mapping.table.springboard(offset).map(|_| Place::Jump);
        };
        let offset = u32::try_from(address - zone.start).ok()?;
        let (piece, origin) = mapping.table.piece(offset)?;
        Some(match mapping.table.resumption(origin) {
            _ if piece != offset => Place::Call,
            Some(resumed) if resumed == offset => Place::Instruction,
            _ => Place::Jump,
        })
    });
    place.unwrap_or(Place::Instruction)
}

/// Whether a system call instruction was at `address`.
pub(crate) fn is_site(address: u64) -> bool {
    MAPPINGS.lock().iter().any(|mapping| {
        let offset = mapping.offset(address);
        offset.is_some_and(|offset| mapping.table.site(offset).is_some())
    })
}

/// The first address space of some trampolines, or table that a file shows, in `range`.
pub(crate) fn first(range: &Range<u64>) -> Option<Range<u64>> {
    let mappings = MAPPINGS.lock();
    let ours = mappings.iter().flat_map(|mapping| {
        let table = match &mapping.bytes {
            Bytes::Kept(view) => Some(view.range()),
            Bytes::Own(_) => None,
        };
        mapping.zone.clone().into_iter().chain(table)
    });
    first_within(range, ours)
}

/// Forgets what was in `range`: something else is there now, or nothing.
pub(crate) fn forget(range: &Range<u64>) {
    PLAIN
        .lock()
        .retain(|it| it.start < range.start || range.end < it.end);
    MAPPINGS.lock().retain_mut(|mapping| {
        if !overlap(&mapping.range, range) {
            return true;
        }
        lose(&mut mapping.gone, range);
        let Mapping {
            range: all, gone, ..
        } = mapping;
        let left = |at: u32| {
            let address = all.start + u64::from(at);
            !gone.iter().any(|range| range.contains(&address))
        };
        if mapping.table.sites().any(|(at, _, _)| left(at)) {
            return true;
        }
        if let Some(zone) = &mapping.zone {
            arena::release(zone);
        }
        false
    });
}

/// Adds a range to those that are gone, which meet nowhere: their number is limited by the mapping's size.
fn lose(gone: &mut Vec<Range<u64>>, range: &Range<u64>) {
    let mut all = range.clone();
    gone.retain(|one| {
        let meets = one.start <= all.end && all.start <= one.end;
        if meets {
            all = all.start.min(one.start)..all.end.max(one.end);
        }
        !meets
    });
    gone.push(all);
}

/// Calls `act` with each patch in `range`: its address, what was there and what is.
pub(crate) fn each_write(range: &Range<u64>, mut act: impl FnMut(u64, &[u8], &[u8])) {
    for mapping in MAPPINGS
        .lock()
        .iter()
        .filter(|mapping| overlap(&mapping.range, range))
    {
        for write in mapping.table.writes() {
            let address = mapping.range.start + u64::from(write.offset);
            if range.contains(&address) && mapping.offset(address).is_some() {
                act(address, write.old, write.new);
            }
        }
    }
}

/// The sites in `range`.
pub(crate) fn sites(range: &Range<u64>) -> Vec<(u64, Opcode)> {
    let mut sites = Vec::new();
    for mapping in MAPPINGS
        .lock()
        .iter()
        .filter(|mapping| overlap(&mapping.range, range))
    {
        for (offset, opcode, _) in mapping.table.sites() {
            let address = mapping.range.start + u64::from(offset);
            if range.contains(&address) && mapping.offset(address).is_some() {
                sites.push((address, opcode));
            }
        }
    }
    sites
}

/// The lock, to be held across fork.
pub(crate) fn lock_for_fork() {
    core::mem::forget((MAPPINGS.lock(), PLAIN.lock()));
}

/// Gives back what [`lock_for_fork`] took.
///
/// # Safety
/// It was taken by this thread, or by the one that this is a copy of.
#[expect(unsafe_code, reason = "a lock that a forgotten guard holds")]
pub(crate) unsafe fn unlock_after_fork() {
    // SAFETY: the caller answers for it.
    unsafe {
        MAPPINGS.force_unlock();
        PLAIN.force_unlock();
    }
}

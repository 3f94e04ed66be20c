//! The patches of a mapping as one block of bytes: what to write, and the way from addresses in the
//! code to trampolines and back.
//!
//! All addresses are relative to the mapping and to the zone of its trampolines, so that the block can
//! be kept and used again wherever both lie at the same distance. Reading one that somebody else has
//! written never panics: what does not fit together is no table.

use crate::address::PAGE;
use crate::patch::{Patch, Zone};
use crate::site::Opcode;
use alloc::vec::Vec;
use core::ops::Range;

/// The largest patch, in bytes.
pub const LARGEST: usize = crate::patch::LONGEST as usize;
/// Stands for a site that traps.
const NO_ENTRY: u32 = u32::MAX;

const HEADER: usize = 11;
const SITE: usize = 3;
const PAIR: usize = 2;
const WRITE: usize = 2 + 2 * LARGEST / 4;
const PAGE_WORDS: usize = 1 + PAGE as usize / 4;

/// The number that begins a table of this layout.
const MAGIC: u32 = 0x5354_0007;

/// A table: 32-bit words, little-endian.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    words: &'a [u8],
    sites: usize,
    resumptions: usize,
    origins: usize,
    springboards: usize,
    unproved: usize,
    writes: usize,
    pages: usize,
}

/// The pairs of a mapping that could not be proved to be instructions or data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unproved {
    /// Their addresses.
    At(Vec<u64>),
    /// Only their number is known, or worth to be known.
    Many(usize),
}

/// Bytes to be changed, and what they are before.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    /// Where, from the start of the mapping.
    pub offset: u32,
    /// What is to be there.
    pub new: &'a [u8],
    /// What is there.
    pub old: &'a [u8],
}

/// Makes the table for `patches` of the mapping at `code`, whose trampolines are in `zone`. `old` gives
/// the bytes that a patch is written over. `None` if an address or a number does not fit.
#[must_use]
pub fn build(
    code: &Range<u64>,
    unproved: &Unproved,
    patches: &[Patch],
    zone: Option<&Zone>,
    mut old: impl FnMut(u64, &mut [u8]) -> bool,
) -> Option<Vec<u8>> {
    let base = zone.map_or(code.start, |zone| zone.range().start);
    let in_code = |address: u64| u32::try_from(address.checked_sub(code.start)?).ok();
    let in_zone = |address: u64| u32::try_from(address.checked_sub(base)?).ok();
    let trampolines = || patches.iter().filter_map(|patch| patch.trampoline.as_ref());

    let mut resumptions = Vec::new();
    let mut origins = Vec::new();
    for trampoline in trampolines() {
        for (boundary, to) in &trampoline.resumptions {
            resumptions.push([in_code(*boundary)?, in_zone(*to)?]);
        }
        for (piece, from) in &trampoline.origins {
            origins.push([in_zone(*piece)?, in_code(*from)?]);
        }
    }
    let mut springboards = Vec::new();
    for patch in patches {
        if let Some(board) = &patch.springboard {
            springboards.push([in_code(board.address)?, in_code(patch.site)?]);
        }
    }
    let (unproved_count, places) = match unproved {
        Unproved::At(places) => (places.len(), &places[..]),
        Unproved::Many(count) => (*count, &[][..]),
    };
    let places: Vec<u32> = places
        .iter()
        .map(|it| in_code(*it))
        .collect::<Option<_>>()?;
    resumptions.sort_unstable();
    origins.sort_unstable();
    springboards.sort_unstable();
    let writes: Vec<(u64, &[u8])> = patches.iter().flat_map(Patch::writes).collect();
    let pages = zone.map_or(0, |zone| zone.pages().count());
    let count = |length: usize| u32::try_from(length).ok();

    let distance = base.wrapping_sub(code.start);
    let mut words: Vec<u32> = alloc::vec![
        MAGIC,
        distance as u32,
        (distance >> 32) as u32,
        count(patches.len())?,
        count(resumptions.len())?,
        count(origins.len())?,
        count(writes.len())?,
        count(pages)?,
        count(springboards.len())?,
        count(unproved_count)?,
        count(places.len())?,
    ];
    for patch in patches {
        let opcode = Opcode::ALL.iter().position(|one| *one == patch.opcode)?;
        let entry = match &patch.trampoline {
            Some(trampoline) => in_zone(trampoline.entry)?,
            None => NO_ENTRY,
        };
        words.extend([in_code(patch.site)?, count(opcode)?, entry]);
    }
    words.extend(
        resumptions
            .iter()
            .chain(&origins)
            .chain(&springboards)
            .flatten(),
    );
    words.extend(places);
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    for (address, new) in writes {
        let mut was = [0; LARGEST];
        if new.len() > LARGEST || !old(address, &mut was[..new.len()]) {
            return None;
        }
        bytes.extend(in_code(address)?.to_le_bytes());
        bytes.extend(count(new.len())?.to_le_bytes());
        let start = bytes.len();
        bytes.extend_from_slice(new);
        bytes.resize(start + LARGEST, 0);
        bytes.extend_from_slice(&was);
    }
    for (address, content) in zone.iter().flat_map(|zone| zone.pages()) {
        bytes.extend(in_zone(address)?.to_le_bytes());
        bytes.extend_from_slice(content);
    }
    Some(bytes)
}

impl<'a> Table<'a> {
    /// Reads a table. `None` if its numbers do not fit together.
    #[must_use]
    pub fn parse(words: &'a [u8]) -> Option<Table<'a>> {
        let word = |index: usize| -> Option<u32> {
            let bytes = words.get(4 * index..4 * index + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let count = |index: usize| Some(word(index)? as usize);
        let table = Table {
            words,
            sites: count(3)?,
            resumptions: count(4)?,
            origins: count(5)?,
            springboards: count(8)?,
            unproved: count(10)?,
            writes: count(6)?,
            pages: count(7)?,
        };
        let all = [
            table.sites,
            table.resumptions,
            table.origins,
            table.springboards,
            table.unproved,
            table.writes,
            table.pages,
        ];
        let sane = word(0)? == MAGIC && all.iter().all(|count| *count < 1 << 24);
        (sane && words.len() == 4 * table.end()).then_some(table)
    }

    fn resumptions_start(&self) -> usize {
        HEADER + SITE * self.sites
    }
    fn origins_start(&self) -> usize {
        self.resumptions_start() + PAIR * self.resumptions
    }
    fn springboards_start(&self) -> usize {
        self.origins_start() + PAIR * self.origins
    }
    fn unproved_start(&self) -> usize {
        self.springboards_start() + PAIR * self.springboards
    }
    fn writes_start(&self) -> usize {
        self.unproved_start() + self.unproved
    }
    fn pages_start(&self) -> usize {
        self.writes_start() + WRITE * self.writes
    }
    fn end(&self) -> usize {
        self.pages_start() + PAGE_WORDS * self.pages
    }

    fn word(&self, index: usize) -> u32 {
        match self.words.get(4 * index..4 * index + 4) {
            Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
            _ => 0,
        }
    }

    /// All of it.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.words
    }

    /// How far the zone is from the mapping, modulo 2^64.
    #[must_use]
    pub fn distance(&self) -> u64 {
        u64::from(self.word(1)) | u64::from(self.word(2)) << 32
    }

    /// The unproved pairs of the mapping, which is at `code`.
    #[must_use]
    pub fn unproved(&self, code: u64) -> Unproved {
        let count = self.word(9) as usize;
        if count != self.unproved {
            return Unproved::Many(count);
        }
        let words = self.unproved_start()..self.unproved_start() + count;
        let place = |at| code.wrapping_add(u64::from(self.word(at)));
        Unproved::At(words.map(place).collect())
    }

    /// How many sites there are.
    #[must_use]
    pub fn site_count(&self) -> usize {
        self.sites
    }

    /// All sites, in order: offset in the mapping, instruction, offset of the trampoline in the zone.
    pub fn sites(&self) -> impl Iterator<Item = (u32, Opcode, Option<u32>)> + '_ {
        (0..self.sites).map(|index| self.site_number(index))
    }

    fn site_number(&self, index: usize) -> (u32, Opcode, Option<u32>) {
        let at = HEADER + SITE * index;
        let opcode = Opcode::ALL[self.word(at + 1) as usize % Opcode::ALL.len()];
        let entry = self.word(at + 2);
        (self.word(at), opcode, (entry != NO_ENTRY).then_some(entry))
    }

    /// The site at an offset of the mapping.
    #[must_use]
    pub fn site(&self, offset: u32) -> Option<(Opcode, Option<u32>)> {
        let index = self.first(HEADER, SITE, self.sites, offset)?;
        let (at, opcode, entry) = self.site_number(index);
        (at == offset).then_some((opcode, entry))
    }

    /// Where in the zone a thread goes on that has trapped at an offset of the mapping.
    #[must_use]
    pub fn resumption(&self, offset: u32) -> Option<u32> {
        let start = self.resumptions_start();
        let index = self.first(start, PAIR, self.resumptions, offset)?;
        (self.word(start + PAIR * index) == offset).then(|| self.word(start + PAIR * index + 1))
    }

    /// The offset in the mapping that an offset in the zone is equivalent to.
    #[must_use]
    pub fn origin(&self, offset: u32) -> Option<u32> {
        self.piece(offset).map(|(_, origin)| origin)
    }

    /// The pieces of all trampolines, in order: where each begins in the zone, and the offset in the mapping
    /// that it is equivalent to.
    pub fn origins(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.pairs(self.origins_start(), self.origins)
    }

    /// The jumps on the way from a site to the zone, in order, and their sites: offsets in the mapping.
    pub fn springboards(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.pairs(self.springboards_start(), self.springboards)
    }

    fn pairs(&self, start: usize, count: usize) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..count).map(move |index| {
            let at = start + PAIR * index;
            (self.word(at), self.word(at + 1))
        })
    }

    /// The piece of a trampoline that is at an offset in the zone: where it begins, and the offset in the
    /// mapping that it is equivalent to.
    #[must_use]
    pub fn piece(&self, offset: u32) -> Option<(u32, u32)> {
        let start = self.origins_start();
        let index = self.first(start, PAIR, self.origins, offset)?;
        let at = start + PAIR * index;
        Some((self.word(at), self.word(at + 1)))
    }

    /// The offset of the site, if a jump on its way from a site to the zone is at this offset of the
    /// mapping.
    #[must_use]
    pub fn springboard(&self, offset: u32) -> Option<u32> {
        let start = self.springboards_start();
        let index = self.first(start, PAIR, self.springboards, offset)?;
        (self.word(start + PAIR * index) == offset).then(|| self.word(start + PAIR * index + 1))
    }

    /// The last of `count` records at `start` whose first word is not above `key`.
    fn first(&self, start: usize, size: usize, count: usize, key: u32) -> Option<usize> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.word(start + size * middle) <= key {
                low = middle + 1
            } else {
                high = middle
            }
        }
        low.checked_sub(1)
    }

    /// All that is to be changed in the mapping.
    pub fn writes(&self) -> impl Iterator<Item = Write<'a>> + '_ {
        (0..self.writes).filter_map(|index| {
            let at = self.writes_start() + WRITE * index;
            let length = self.word(at + 1) as usize;
            let bytes = self.words.get(4 * (at + 2)..4 * (at + WRITE))?;
            let (new, old) = bytes.split_at(LARGEST);
            Some(Write {
                offset: self.word(at),
                new: new.get(..length)?,
                old: old.get(..length)?,
            })
        })
    }

    /// How much of the zone is used: the offset behind its last page that holds anything.
    #[must_use]
    pub fn zone_length(&self) -> u32 {
        let ends = self.pages().map(|(at, _)| at.saturating_add(PAGE as u32));
        ends.max().unwrap_or(0)
    }

    /// The pages of the zone that hold anything: offset and content.
    pub fn pages(&self) -> impl Iterator<Item = (u32, &'a [u8])> + '_ {
        (0..self.pages).filter_map(|index| {
            let at = self.pages_start() + PAGE_WORDS * index;
            Some((
                self.word(at),
                self.words.get(4 * (at + 1)..4 * (at + PAGE_WORDS))?,
            ))
        })
    }
}

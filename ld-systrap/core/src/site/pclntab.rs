//! Functions from the table by which Go's runtime finds them (`runtime.pclntab`).
//!
//! It is in every Go program, stripped or not. The formats are those that Go's own
//! `debug/gosym/pclntab.go` reads: of Go 1.2, 1.16, 1.18 and 1.20.

use super::function::{Function, Source};
use crate::image::{Image, read, slice};
use core::ops::Range;
use memchr::memmem;

/// What follows the magic on x86-64: two zeros, the least size of an instruction, that of a pointer.
const AFTER_MAGIC: [u8; 4] = [0, 0, 1, 8];
/// The last byte of the magic `fffffffb`, `fffffffa`, `fffffff0`, `fffffff1`, and what it means.
const FORMATS: [(u8, Format); 4] = [
    (0xfb, Format::Addresses { table: 16 }),
    (0xfa, Format::AddressesAt { field: 56 }),
    (0xf0, Format::Offsets),
    (0xf1, Format::Offsets),
];

/// How functions are listed.
#[derive(Clone, Copy)]
enum Format {
    /// Pairs of 64-bit words, of which the first is an address; from here on.
    Addresses { table: u64 },
    /// The same, but this word of the header says where.
    AddressesAt { field: u64 },
    /// Pairs of 32-bit words, of which the first is a distance from a word of the header.
    Offsets,
}

/// Go's list of functions.
pub(crate) struct Pclntab<'a> {
    /// Entries sorted by address, and a last one that is only an end.
    table: &'a [u8],
    count: u64,
    width: Width,
}

#[derive(Clone, Copy)]
enum Width {
    Words,
    HalfWords { text: u64 },
}

impl<'a> Pclntab<'a> {
    /// Looks for the table by the names of sections, then in what is only read.
    pub(crate) fn find(image: &Image<'a>) -> Option<Pclntab<'a>> {
        [&b".gopclntab"[..], b".data.rel.ro.gopclntab"]
            .iter()
            .find_map(|name| {
                let (address, bytes) = image.section(name)?;
                Pclntab::parse(image, address, bytes)
            })
            .or_else(|| Pclntab::search(image))
    }

    fn search(image: &Image<'a>) -> Option<Pclntab<'a>> {
        image
            .segments()
            .filter(|segment| !segment.executable)
            .find_map(|segment| {
                let bytes = image.bytes_from(segment.address)?;
                FORMATS.iter().find_map(|(last, _)| {
                    let [a, b, c, d] = AFTER_MAGIC;
                    let magic = [*last, 0xff, 0xff, 0xff, a, b, c, d];
                    memmem::find_iter(bytes, &magic).find_map(|at| {
                        Pclntab::parse(image, segment.address + at as u64, &bytes[at..])
                    })
                })
            })
    }

    /// Reads the header in `bytes`, which are mapped at `address`.
    fn parse(image: &Image<'a>, address: u64, bytes: &'a [u8]) -> Option<Pclntab<'a>> {
        let [last, 0xff, 0xff, 0xff] = bytes.get(..4)? else {
            return None;
        };
        if bytes.get(4..8)? != AFTER_MAGIC {
            return None;
        }
        let (_, format) = FORMATS.iter().find(|(magic, _)| magic == last)?;
        let count = read::<u64>(bytes, 8)?;
        let (at, width) = match *format {
            Format::Addresses { table } => (table, Width::Words),
            Format::AddressesAt { field } => (read::<u64>(bytes, field)?, Width::Words),
            Format::Offsets => {
                let text = text_start(image, address.checked_add(24)?, read(bytes, 24)?)?;
                (read::<u64>(bytes, 64)?, Width::HalfWords { text })
            }
        };
        let size = count.checked_add(1)?.checked_mul(width.entry())? - width.entry() / 2;
        let table = Pclntab {
            table: slice(bytes, at, size)?,
            count,
            width,
        };
        (0 < count && table.start(0)? < table.start(count)?).then_some(table)
    }

    /// The function that holds `address`.
    pub(crate) fn around(&self, address: u64) -> Option<Function> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.start(middle)? <= address {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        let range = self.range(low.checked_sub(1)?)?;
        range.contains(&address).then_some(Function {
            range,
            source: Source::Pclntab,
            exception_table: None,
        })
    }

    /// Every start of a function.
    pub(crate) fn for_each_start(&self, act: &mut impl FnMut(u64)) {
        (0..self.count)
            .filter_map(|index| self.start(index))
            .for_each(act);
    }

    fn range(&self, index: u64) -> Option<Range<u64>> {
        Some(self.start(index)?..self.start(index + 1)?)
    }

    fn start(&self, index: u64) -> Option<u64> {
        let at = index.checked_mul(self.width.entry())?;
        match self.width {
            Width::Words => read::<u64>(self.table, at),
            Width::HalfWords { text } => text.checked_add(read::<u32>(self.table, at)?.into()),
        }
    }
}

impl Width {
    /// The bytes of an entry.
    fn entry(self) -> u64 {
        match self {
            Width::Words => 16,
            Width::HalfWords { .. } => 8,
        }
    }
}

/// The address that entries are relative to: `word`, which is mapped at `address`. In a
/// position-independent program it may be zero until it is relocated.
fn text_start(image: &Image<'_>, address: u64, word: u64) -> Option<u64> {
    if word != 0 {
        return Some(word);
    }
    image
        .relative_relocations()
        .find(|(at, _)| *at == address)
        .map(|(_, text)| text)
}

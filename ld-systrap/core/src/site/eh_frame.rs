//! Functions from `.eh_frame`, found through the sorted table of `.eh_frame_hdr`.
//!
//! The formats are those of the Linux Standard Base, "Exception Frames". The table is searched
//! here; `gimli` reads the frame descriptions that it leads to. Static programs may have no table:
//! then all frame descriptions are read and sorted, when first asked for.

use super::function::{Function, Source};
use crate::image::{Image, read};
use alloc::vec::Vec;
use core::cell::OnceCell;
use gimli::{BaseAddresses, CieOrFde, EndianSlice, LittleEndian, Pointer, UnwindSection};
use goblin::elf64::program_header::PT_GNU_EH_FRAME;

/// `DW_EH_PE_pcrel | DW_EH_PE_sdata4`: how every linker encodes the pointer to `.eh_frame`.
const RELATIVE_TO_ITSELF: u8 = 0x1b;
/// `DW_EH_PE_udata4`: how every linker encodes the number of entries.
const COUNT: u8 = 0x03;
/// `DW_EH_PE_datarel | DW_EH_PE_sdata4`: how every linker encodes the table.
const RELATIVE_TO_TABLE: u8 = 0x3b;
/// Where the table begins in `.eh_frame_hdr`: after four encodings, the pointer and the number.
const TABLE: usize = 12;
/// The bytes of an entry of the table: the start of a function and its frame description.
const ENTRY: usize = 8;

type Reader<'a> = EndianSlice<'a, LittleEndian>;

/// The frame descriptions of an image.
pub(crate) struct EhFrame<'a> {
    index: Index<'a>,
    frames_address: u64,
    frames: gimli::EhFrame<Reader<'a>>,
    bases: BaseAddresses,
}

/// Starts of functions, sorted, and where their frame descriptions are.
enum Index<'a> {
    /// `.eh_frame_hdr`: relative to its own `address`.
    Table { address: u64, table: &'a [u8] },
    /// What the frame descriptions say themselves.
    List(OnceCell<Vec<(u64, u64)>>),
}

impl<'a> EhFrame<'a> {
    /// Locates the frame descriptions. An image without them has none.
    pub(crate) fn new(image: &Image<'a>) -> EhFrame<'a> {
        EhFrame::from_header(image).unwrap_or_else(|| {
            let (address, frames) = image.section(b".eh_frame").unwrap_or_default();
            EhFrame::located(Index::List(OnceCell::new()), address, frames)
        })
    }

    fn from_header(image: &Image<'a>) -> Option<EhFrame<'a>> {
        let address = image.program_header(PT_GNU_EH_FRAME)?.p_vaddr;
        let header = image.content(PT_GNU_EH_FRAME)?;
        if header.get(..4)? != [1, RELATIVE_TO_ITSELF, COUNT, RELATIVE_TO_TABLE] {
            return None;
        }
        let frames_address = relative(address.checked_add(4)?, read::<i32>(header, 4)?);
        let count = usize::try_from(read::<u32>(header, 8)?).ok()?;
        let table = header.get(TABLE..)?;
        let table = &table[..table.len().min(count.checked_mul(ENTRY)?)];
        let frames = image.bytes_from(frames_address)?;
        Some(EhFrame::located(
            Index::Table { address, table },
            frames_address,
            frames,
        ))
    }

    fn located(index: Index<'a>, frames_address: u64, frames: &'a [u8]) -> EhFrame<'a> {
        EhFrame {
            index,
            frames_address,
            frames: gimli::EhFrame::new(frames, LittleEndian),
            bases: BaseAddresses::default().set_eh_frame(frames_address),
        }
    }

    /// The function that holds `address`.
    pub(crate) fn around(&self, address: u64) -> Option<Function> {
        self.at_or_before(address)
            .filter(|function| function.range.contains(&address))
    }

    /// The function before `address`, which no function holds, stretched to where the next begins.
    pub(crate) fn before(&self, address: u64) -> Option<Function> {
        let function = self.at_or_before(address)?;
        let next = self
            .entry(self.count_to(address)?)
            .map_or(u64::MAX, |(start, _)| start);
        Some(Function {
            range: function.range.start..next,
            ..function
        })
    }

    /// Whether a function starts at `address`.
    pub(crate) fn starts_at(&self, address: u64) -> bool {
        self.at_or_before(address)
            .is_some_and(|function| function.range.start == address)
    }

    fn at_or_before(&self, address: u64) -> Option<Function> {
        let (start, frame) = self.entry(self.count_to(address)?.checked_sub(1)?)?;
        // The frame description has the last word, but it must agree with the table.
        self.frame(frame)
            .filter(|function| function.range.start == start)
    }

    /// The number of entries that start at or before `address`.
    fn count_to(&self, address: u64) -> Option<usize> {
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.entry(middle)?.0 <= address {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Some(low)
    }

    /// Every start of a function.
    pub(crate) fn for_each_start(&self, act: &mut impl FnMut(u64)) {
        (0..self.count())
            .filter_map(|index| self.entry(index))
            .for_each(|(start, _)| act(start));
    }

    fn count(&self) -> usize {
        match &self.index {
            Index::Table { table, .. } => table.len() / ENTRY,
            Index::List(list) => self.list(list).len(),
        }
    }

    /// The start of a function and the address of its frame description.
    fn entry(&self, index: usize) -> Option<(u64, u64)> {
        match &self.index {
            Index::Table { address, table } => {
                let at = index.checked_mul(ENTRY)? as u64;
                let start = read::<i32>(table, at)?;
                let frame = read::<i32>(table, at + 4)?;
                Some((relative(*address, start), relative(*address, frame)))
            }
            Index::List(list) => self.list(list).get(index).copied(),
        }
    }

    fn list<'l>(&self, list: &'l OnceCell<Vec<(u64, u64)>>) -> &'l [(u64, u64)] {
        list.get_or_init(|| {
            let mut found = Vec::new();
            let mut entries = self.frames.entries(&self.bases);
            while let Ok(Some(entry)) = entries.next() {
                let CieOrFde::Fde(frame) = entry else {
                    continue;
                };
                let Ok(frame) = frame.parse(gimli::EhFrame::cie_from_offset) else {
                    continue;
                };
                let address = self.frames_address.saturating_add(frame.offset() as u64);
                found.push((frame.initial_address(), address));
            }
            found.sort_unstable();
            found
        })
    }

    fn frame(&self, address: u64) -> Option<Function> {
        let offset = usize::try_from(address.checked_sub(self.frames_address)?).ok()?;
        let frame = self
            .frames
            .fde_from_offset(&self.bases, offset.into(), gimli::EhFrame::cie_from_offset)
            .ok()?;
        let start = frame.initial_address();
        let exception_table = match frame.lsda() {
            Some(Pointer::Direct(address)) if address != 0 => Some(address),
            _ => None,
        };
        Some(Function {
            range: start..start.checked_add(frame.len())?,
            source: Source::EhFrame,
            exception_table,
        })
    }
}

fn relative(base: u64, distance: i32) -> u64 {
    base.wrapping_add_signed(i64::from(distance))
}

//! One loadable segment.

use super::ImageError;
use crate::address::{self, PAGE};
use core::ops::Range;
use goblin::elf64::program_header::{PF_R, PF_W, PF_X, ProgramHeader};

/// The end of what a program can map: `TASK_SIZE` with four levels of page tables.
const END_OF_ADDRESSES: u64 = (1 << 47) - PAGE;
/// The largest offset in a file: `loff_t` is signed.
const END_OF_OFFSETS: u64 = i64::MAX as u64;

/// A `PT_LOAD`, checked so that no sum of its numbers overflows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Where its bytes begin in the file.
    pub offset: u64,
    /// How many bytes it takes from the file. They may reach past the file's end: the kernel maps
    /// such a segment all the same, and touching what is not there raises `SIGBUS`.
    pub file_size: u64,
    /// Where it is mapped, before relocation; congruent to `offset` modulo a page.
    pub address: u64,
    /// How many bytes it takes in memory, at least `file_size`; the rest are zeros.
    pub memory_size: u64,
    /// The alignment it asks for. Any number: see [`super::Image::alignment`].
    pub alignment: u64,
    /// `PF_R`
    pub readable: bool,
    /// `PF_W`
    pub writable: bool,
    /// `PF_X`
    pub executable: bool,
}

impl Segment {
    /// Whether the byte at `address` comes from the file through this segment.
    pub(crate) fn holds(&self, address: u64) -> bool {
        address >= self.address && address - self.address < self.file_size
    }
}

impl From<ProgramHeader> for Segment {
    fn from(header: ProgramHeader) -> Segment {
        Segment {
            offset: header.p_offset,
            file_size: header.p_filesz,
            address: header.p_vaddr,
            memory_size: header.p_memsz,
            alignment: header.p_align,
            readable: header.p_flags & PF_R != 0,
            writable: header.p_flags & PF_W != 0,
            executable: header.p_flags & PF_X != 0,
        }
    }
}

/// The pages that a segment takes in memory, if the kernel could map it.
pub(super) fn pages(header: &ProgramHeader) -> Result<Range<u64>, ImageError> {
    if header.p_filesz > header.p_memsz {
        return Err(ImageError::SegmentSizes);
    }
    if header.p_offset % PAGE != header.p_vaddr % PAGE {
        return Err(ImageError::SegmentOffset);
    }
    let end = header.p_vaddr.checked_add(header.p_memsz);
    let file_end = header.p_offset.checked_add(header.p_filesz);
    match (end, file_end) {
        (Some(end), Some(file_end)) if end <= END_OF_ADDRESSES && file_end <= END_OF_OFFSETS => {
            Ok(address::pages(&(header.p_vaddr..end)))
        }
        _ => Err(ImageError::SegmentAddress),
    }
}

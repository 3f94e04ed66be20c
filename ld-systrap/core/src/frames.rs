//! A table as a file that debuggers read: an ELF library without code, with the call frame information
//! (DWARF 5, section 6.4) of the trampolines.
//!
//! A thread in a trampoline has, but for rcx and r11, the registers that it had at the original address.
//! So the caller of a trampoline is the very instruction that it stands for, all registers are as they
//! are, and nothing has been called: that is what the frame of a signal says of what it interrupted.
//!
//! Address 0 of the library is the start of the mapping or that of the trampolines' zone, whichever is
//! lower ([`base`]).

use crate::table::Table;
use alloc::vec::Vec;
use gimli::{
    DW_CFA_advance_loc, DW_CFA_advance_loc1, DW_CFA_advance_loc4, DW_CFA_def_cfa,
    DW_CFA_val_expression, DW_OP_addr,
};
use goblin::elf64::header::{EM_X86_64, ET_DYN, SIZEOF_EHDR};
use goblin::elf64::section_header::{
    SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, SHT_NULL, SHT_PROGBITS, SHT_STRTAB, SIZEOF_SHDR,
};

/// The sections' names, at their numbers.
const NAMES: &[u8] = b"\0.text\0.table\0.debug_frame\0.shstrtab\0";
const TEXT: u32 = 1;
const TABLE: u32 = 7;
const DEBUG_FRAME: u32 = 14;
const SHSTRTAB: u32 = 27;
/// How many section headers there are, with the empty one that is always first.
const SECTIONS: usize = 5;

/// Where in the file what says the length of the table is, the sections' names, and the table.
const LENGTH_AT: usize = SIZEOF_EHDR + 2 * SIZEOF_SHDR + 32;
const NAMES_AT: usize = SIZEOF_EHDR + SECTIONS * SIZEOF_SHDR;
const TABLE_AT: usize = (NAMES_AT + NAMES.len()).next_multiple_of(8);

/// DWARF's numbers of rsp and of the return address, which is rip.
const RSP: u8 = 7;
const RIP: u8 = 16;
/// What says that an entry of .debug_frame describes a kind of function.
const CIE_ID: u32 = u32::MAX;

/// The length of a jump that leads to a trampoline on behalf of a site elsewhere.
const SPRINGBOARD: u64 = 5;

/// The file for a table.
#[must_use]
pub fn file(table: &Table<'_>) -> Vec<u8> {
    let frames = frames(table);
    let content = table.bytes();
    let text = SectionHeader {
        name: TEXT,
        kind: SHT_NOBITS,
        flags: SHF_ALLOC | SHF_EXECINSTR,
        address: starts(table).zone,
        offset: TABLE_AT,
        length: table.zone_length() as usize,
    };
    let other = |name, kind, offset, length| SectionHeader {
        name,
        kind,
        flags: 0,
        address: 0,
        offset,
        length,
    };
    let sections: [SectionHeader; SECTIONS] = [
        other(0, SHT_NULL, 0, 0),
        text,
        other(TABLE, SHT_PROGBITS, TABLE_AT, content.len()),
        other(
            DEBUG_FRAME,
            SHT_PROGBITS,
            TABLE_AT + content.len(),
            frames.len(),
        ),
        other(SHSTRTAB, SHT_STRTAB, NAMES_AT, NAMES.len()),
    ];
    let mut file = elf_header();
    sections.iter().for_each(|one| one.write(&mut file));
    file.extend(NAMES);
    file.resize(TABLE_AT, 0);
    file.extend(content);
    file.extend(frames);
    file
}

/// The bytes of the table in a file. `None` if it is no such file.
#[must_use]
pub fn table(file: &[u8]) -> Option<&[u8]> {
    if !file.starts_with(&elf_header()) {
        return None;
    }
    let length = file.get(LENGTH_AT..)?.first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    file.get(TABLE_AT..)?.get(..length)
}

/// The address in memory of the library's address 0, if the mapping is at `code`.
#[must_use]
pub fn base(table: &Table<'_>, code: u64) -> u64 {
    code.wrapping_sub(starts(table).code)
}

/// Where the mapping and the zone of the trampolines begin, as addresses of the library.
struct Starts {
    code: u64,
    zone: u64,
}

fn starts(table: &Table<'_>) -> Starts {
    let distance = table.distance();
    match distance.cast_signed() {
        0.. => Starts {
            code: 0,
            zone: distance,
        },
        _ => Starts {
            code: distance.wrapping_neg(),
            zone: 0,
        },
    }
}

/// The content of .debug_frame: the trampolines as one function, and the jumps on the way there.
fn frames(table: &Table<'_>) -> Vec<u8> {
    let Starts { code, zone } = starts(table);
    let mut bytes = Vec::new();
    entry(&mut bytes, |to| {
        to.extend(CIE_ID.to_le_bytes());
        to.push(1); // the version; then: it has a length of such data, and is a signal's
        to.extend(b"zS\0");
        to.extend([1, 1, RIP, 0]); // both factors, the return address, no such data
        to.extend([DW_CFA_def_cfa.0, RSP, 0]);
    });
    let mut pieces = table
        .origins()
        .map(|(piece, origin)| (zone + u64::from(piece), code + u64::from(origin)))
        .peekable();
    if let Some(&(first, _)) = pieces.peek() {
        let end = zone + u64::from(table.zone_length());
        description(&mut bytes, first, end.saturating_sub(first), |to| {
            let mut at = first;
            for (piece, origin) in pieces {
                advance(to, piece.saturating_sub(at));
                caller(to, origin);
                at = piece;
            }
        });
    }
    for (board, site) in table.springboards() {
        description(&mut bytes, code + u64::from(board), SPRINGBOARD, |to| {
            caller(to, code + u64::from(site));
        });
    }
    bytes
}

/// One entry, padded with no operations.
fn entry(bytes: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.extend([0; 4]);
    content(bytes);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let length = (bytes.len() - start - 4) as u32;
    bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// The entry of a function, of the kind that begins the section.
fn description(
    bytes: &mut Vec<u8>,
    start: u64,
    length: u64,
    instructions: impl FnOnce(&mut Vec<u8>),
) {
    entry(bytes, |to| {
        to.extend(0u32.to_le_bytes()); // where the kind is described
        to.extend(start.to_le_bytes());
        to.extend(length.to_le_bytes());
        to.push(0);
        instructions(to);
    });
}

/// What follows holds from `distance` bytes further on.
fn advance(to: &mut Vec<u8>, distance: u64) {
    match distance {
        0 => {}
        1..0x40 => to.push(DW_CFA_advance_loc.0 | distance as u8),
        0x40..0x100 => to.extend([DW_CFA_advance_loc1.0, distance as u8]),
        _ => {
            to.push(DW_CFA_advance_loc4.0);
            to.extend((distance as u32).to_le_bytes());
        }
    }
}

/// The caller is at `address`.
fn caller(to: &mut Vec<u8>, address: u64) {
    to.extend([DW_CFA_val_expression.0, RIP, 9, DW_OP_addr.0]);
    to.extend(address.to_le_bytes());
}

struct SectionHeader {
    name: u32,
    kind: u32,
    flags: u32,
    address: u64,
    offset: usize,
    length: usize,
}

impl SectionHeader {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend(self.name.to_le_bytes());
        to.extend(self.kind.to_le_bytes());
        let place = [self.address, self.offset as u64, self.length as u64];
        let rest = [0, 1, 0]; // link and info, alignment, size of an entry
        for word in [u64::from(self.flags)].iter().chain(&place).chain(&rest) {
            to.extend(word.to_le_bytes());
        }
    }
}

/// The header of a little-endian library for x86-64 that has nothing but sections.
fn elf_header() -> Vec<u8> {
    let mut to = Vec::from(*b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    to.extend(ET_DYN.to_le_bytes());
    to.extend(EM_X86_64.to_le_bytes());
    to.extend(1u32.to_le_bytes()); // the version
    for word in [0, 0, SIZEOF_EHDR as u64] {
        to.extend(word.to_le_bytes()); // the entry, program headers, section headers
    }
    to.extend(0u32.to_le_bytes()); // flags
    let sections = SECTIONS as u16;
    let sizes = [SIZEOF_EHDR as u16, 0, 0, SIZEOF_SHDR as u16];
    for half in sizes.iter().chain(&[sections, sections - 1]) {
        to.extend(half.to_le_bytes());
    }
    to
}

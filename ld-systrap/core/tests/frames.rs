//! Debuggers find out, from the file that a table is kept in, which instruction a trampoline stands for.

mod common;
mod patch_common;

use common::installed;
use gimli::{
    BaseAddresses, CallFrameInstruction, DebugFrame, LittleEndian, Operation, Register,
    UnwindSection,
};
use goblin::elf64::header::{ET_DYN, Header};
use goblin::elf64::section_header::{SHT_NOBITS, SectionHeader};
use ld_systrap_core::frames;
use ld_systrap_core::image::Image;
use ld_systrap_core::table::{self, Table, Unproved};
use patch_common::{Planned, planned};

const RSP: Register = Register(7);
const RIP: Register = Register(16);

/// The sections of a file: names and headers.
fn sections(file: &[u8]) -> Vec<(&str, SectionHeader)> {
    let header = Header::from_bytes(file.first_chunk().expect("a header"));
    assert_eq!(
        (&header.e_ident[..4], header.e_type),
        (&b"\x7fELF"[..], ET_DYN)
    );
    let (at, count) = (header.e_shoff as usize, usize::from(header.e_shnum));
    let headers: &[SectionHeader] =
        plain::slice_from_bytes_len(&file[at..], count).expect("section headers");
    let names = &file[headers[usize::from(header.e_shstrndx)].sh_offset as usize..];
    let name = |at: u32| {
        let name = names[at as usize..].split(|byte| *byte == 0).next();
        core::str::from_utf8(name.expect("a name")).expect("text")
    };
    let named = headers.iter().map(|one| (name(one.sh_name), *one));
    named.collect()
}

/// Where the frames of a file say that the caller of code at `address` is.
fn caller(frames: &DebugFrame<gimli::EndianSlice<'_, LittleEndian>>, address: u64) -> u64 {
    let bases = BaseAddresses::default();
    let find = DebugFrame::cie_from_offset;
    let entry = frames
        .fde_for_address(&bases, address, find)
        .expect("an entry");
    let kind = entry.cie();
    assert!(kind.is_signal_trampoline() && kind.return_address_register() == RIP);
    let mut rules = kind.instructions(frames, &bases);
    let stays = CallFrameInstruction::DefCfa {
        register: RSP,
        offset: 0,
    };
    assert_eq!(rules.next(), Ok(Some(stays)));
    let (mut from, mut expression) = (entry.initial_address(), None);
    let mut rules = entry.instructions(frames, &bases);
    while let Some(rule) = rules.next().expect("a rule") {
        match rule {
            CallFrameInstruction::AdvanceLoc { delta } => from += u64::from(delta),
            CallFrameInstruction::ValExpression {
                register: RIP,
                expression: it,
            } if from <= address => expression = Some(it),
            CallFrameInstruction::ValExpression { register: RIP, .. }
            | CallFrameInstruction::Nop => {}
            other => panic!("{other:?}"),
        }
    }
    let expression = expression.expect("a rule for the address");
    let expression = expression.get(frames).expect("bytes");
    let mut operations = expression.operations(entry.cie().encoding());
    let Ok(Some(Operation::Address { address })) = operations.next() else {
        panic!("no address at {address:#x}");
    };
    assert_eq!(operations.next(), Ok(None));
    address
}

/// Checks the file for the patches of a mapping; gives how many places it tells of.
fn check(one: &Planned<'_>) -> usize {
    let code = one.code.address..one.code.address + one.code.bytes.len() as u64;
    let none = Unproved::At(Vec::new());
    let bytes = table::build(&code, &none, &one.patches, Some(&one.zone), |_, _| true);
    let bytes = bytes.expect("addresses that fit");
    let table = Table::parse(&bytes).expect("a table");
    let file = frames::file(&table);
    assert_eq!(frames::table(&file), Some(&bytes[..]));
    let base = frames::base(&table, code.start);
    let sections = sections(&file);
    let [_, text, kept, frames, names] = &sections[..] else {
        panic!("{sections:?}");
    };
    assert_eq!(
        [text.0, kept.0, frames.0, names.0],
        [".text", ".table", ".debug_frame", ".shstrtab"]
    );
    assert_eq!(text.1.sh_type, SHT_NOBITS);
    assert_eq!(text.1.sh_addr.wrapping_add(base), one.zone.range().start);
    let content = frames.1.sh_offset as usize..(frames.1.sh_offset + frames.1.sh_size) as usize;
    assert_eq!(content.end, file.len());
    let mut frames = DebugFrame::new(&file[content], LittleEndian);
    frames.set_address_size(8);
    let mut places = 0;
    let mut expect = |address: u64, origin: u64| {
        let found = caller(&frames, address.wrapping_sub(base));
        assert_eq!(found.wrapping_add(base), origin, "{address:#x}");
        places += 1;
    };
    for patch in &one.patches {
        for (piece, origin) in patch.trampoline.iter().flat_map(|it| &it.origins) {
            expect(*piece, *origin);
        }
        if let Some(board) = &patch.springboard {
            expect(board.address, patch.site);
            expect(board.address + board.bytes.len() as u64 - 1, patch.site);
        }
    }
    places
}

#[test]
fn every_trampoline_leads_to_what_it_stands_for() {
    for (path, package) in [
        ("/lib/x86_64-linux-gnu/libc.so.6", "libc6"),
        ("/usr/lib/x86_64-linux-musl/libc.so", "musl"),
        ("/usr/bin/go", "golang-go"),
    ] {
        let bytes = installed(path, package);
        let image = Image::parse(&bytes).expect("an image");
        let places: usize = planned(&image).iter().map(check).sum();
        assert!(places > 100, "{path}: {places}");
    }
}

#[test]
fn other_files_hold_no_table() {
    let bytes = installed("/lib/x86_64-linux-gnu/libc.so.6", "libc6");
    let image = Image::parse(&bytes).expect("an image");
    let (code, none) = (0..0x1000, Unproved::Many(0));
    let table = table::build(&code, &none, &[], None, |_, _| true).expect("an empty table");
    let file = frames::file(&Table::parse(&table).expect("a table"));
    assert_eq!(frames::table(image.bytes()), None);
    for length in 0..file.len() {
        let found = frames::table(&file[..length]);
        assert!(found.is_none() || length >= file.len() - 32, "{length}");
    }
}

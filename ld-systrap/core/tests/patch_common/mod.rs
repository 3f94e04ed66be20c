//! Holds patches to their promises by decoding everything again.
#![allow(dead_code, reason = "each test crate uses its own part")]

use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register};
use ld_systrap_core::address::PAGE;
use ld_systrap_core::audit;
use ld_systrap_core::image::Image;
use ld_systrap_core::patch::{
    Code, LONGEST, Located, Patch, RECOVERS_RCX, TRAP, TRAPPING, Tactic, Trampoline, Zone,
};
use ld_systrap_core::site::{Opcode, Survey, Verdict, pairs};
use std::collections::BTreeMap;

/// Code, its sites, and the patches that were planned for them.
pub(crate) struct Planned<'a> {
    pub(crate) code: Code<'a>,
    pub(crate) sites: Vec<Located>,
    pub(crate) patches: Vec<Patch>,
    pub(crate) zone: Zone,
}

/// The patches of every executable segment of an image.
pub(crate) fn planned<'a>(image: &Image<'a>) -> Vec<Planned<'a>> {
    let survey = Survey::new(image);
    let mut zone = audit::zone(image);
    let segments = image.segments().filter(|segment| segment.executable);
    segments
        .map(|segment| {
            let range = segment.offset..segment.offset + segment.file_size;
            let findings = survey.findings(range.clone());
            let patches = audit::patches(image, &segment, &findings, &mut zone);
            let proved = findings.iter().filter(|one| one.verdict == Verdict::Site);
            Planned {
                code: Code {
                    bytes: &image.bytes()[range.start as usize..range.end as usize],
                    address: segment.address,
                },
                sites: proved.map(|finding| Located::new(finding, 0)).collect(),
                patches,
                zone: zone.clone(),
            }
        })
        .collect()
}

/// How many patches use each tactic.
pub(crate) fn counts<'a>(patches: impl IntoIterator<Item = &'a Patch>) -> BTreeMap<Tactic, usize> {
    let mut counts = BTreeMap::new();
    for patch in patches {
        *counts.entry(patch.tactic).or_default() += 1;
    }
    counts
}

impl Planned<'_> {
    /// Panics if any promise is broken.
    pub(crate) fn check(&self) {
        assert_eq!(self.sites.len(), self.patches.len());
        for (site, patch) in self.sites.iter().zip(&self.patches) {
            assert_eq!((site.address, site.opcode), (patch.site, patch.opcode));
            assert_eq!(patch.trampoline.is_none(), patch.tactic == Tactic::Trap);
            assert_eq!(patch.springboard.is_some(), patch.tactic == Tactic::Short);
            let Some(trampoline) = &patch.trampoline else {
                assert_eq!((patch.address, &patch.bytes[..]), (patch.site, &TRAP[..]));
                continue;
            };
            assert_eq!(patch.opcode, Opcode::Syscall);
            assert!(patch.bytes.len() as u64 <= LONGEST);
            self.check_entry(patch, trampoline);
            self.check_springboard(patch);
            let displaced = self.check_trampoline(patch, trampoline);
            self.check_boundaries(site, patch, trampoline, &displaced);
        }
        self.check_writes();
        self.check_zone();
    }

    /// The code as it is once patched.
    pub(crate) fn patched(&self) -> Vec<u8> {
        let mut bytes = self.code.bytes.to_vec();
        for (address, new) in self.patches.iter().flat_map(Patch::writes) {
            let at = (address - self.code.address) as usize;
            bytes[at..at + new.len()].copy_from_slice(new);
        }
        bytes
    }

    fn original(&self, address: u64) -> Instruction {
        decode(self.code.bytes, self.code.address, address)
    }

    /// The patch begins with a jump to the trampoline, over the short jump's springboard if any.
    fn check_entry(&self, patch: &Patch, trampoline: &Trampoline) {
        let patched = self.patched_at(patch.address, 16);
        let jump = decode(&patched, patch.address, patch.address);
        assert_eq!(jump.mnemonic(), Mnemonic::Jmp);
        let mut target = jump.near_branch_target();
        if let Some(board) = &patch.springboard {
            assert_eq!((jump.len(), target), (2, board.address));
            target = decode(&board.bytes, board.address, board.address).near_branch_target();
        }
        assert_eq!(target, trampoline.address);
    }

    /// `length` bytes of patched code. Slow, but for what was patched at `address` alone.
    fn patched_at(&self, address: u64, length: usize) -> Vec<u8> {
        let at = (address - self.code.address) as usize;
        let end = (at + length).min(self.code.bytes.len());
        let mut bytes = self.code.bytes[at..end].to_vec();
        for (from, new) in self.patches.iter().flat_map(Patch::writes) {
            for (index, byte) in new.iter().enumerate() {
                let place = (from + index as u64).checked_sub(address);
                if let Some(there) = place.and_then(|place| bytes.get_mut(place as usize)) {
                    *there = *byte;
                }
            }
        }
        bytes
    }

    /// The instruction that holds the springboard is as long and does as little as before.
    fn check_springboard(&self, patch: &Patch) {
        let Some(board) = &patch.springboard else {
            return;
        };
        assert_eq!(board.bytes.len(), 5);
        let start = (3..=10).map(|before| board.address - before).find(|start| {
            let nop = self.original(*start);
            nop.mnemonic() == Mnemonic::Nop && nop.next_ip() == board.address + 5
        });
        let start = start.expect("a nop around the springboard");
        let after = decode(&self.patched_at(start, 16), start, start);
        assert_eq!(after.mnemonic(), Mnemonic::Nop);
        assert_eq!(after.next_ip(), board.address + 5);
    }

    /// The trampoline does what was displaced. Returns the original addresses of what was displaced.
    fn check_trampoline(&self, patch: &Patch, trampoline: &Trampoline) -> Vec<u64> {
        let end = trampoline.address + trampoline.bytes.len() as u64;
        let mut displaced = Vec::new();
        let mut at = trampoline.address;
        // Where control would go on in the original code, and whether it would.
        let mut original = patch.address;
        let mut goes_on = true;
        for (index, (start, origin)) in trampoline.origins.iter().copied().enumerate() {
            assert_eq!((at, original), (start, origin), "pieces follow each other");
            let next = trampoline
                .origins
                .get(index + 1)
                .map_or(end, |piece| piece.0);
            let first = decode(&trampoline.bytes, trampoline.address, start);
            if origin == patch.site {
                assert_eq!(start, trampoline.entry);
                self.check_way_to_gate(patch, trampoline, next);
                original += 2;
                displaced.push(origin);
            } else if index + 1 == trampoline.origins.len() && is_way_back(&first, origin) {
                assert!(original >= patch.address + patch.bytes.len() as u64);
                assert_eq!(first.next_ip(), end);
                return displaced;
            } else {
                let there = self.original(origin);
                assert_same(&there, &first);
                assert_eq!(first.next_ip(), next, "one instruction for one");
                original = there.next_ip();
                goes_on = there.mnemonic() != Mnemonic::Ret
                    && !there.is_jmp_short_or_near()
                    && !there.is_jmp_near_indirect();
                displaced.push(origin);
            }
            at = next;
        }
        assert_eq!(at, end);
        let last = *displaced.last().expect("at least the site");
        assert!(
            last == patch.site || !goes_on || is_end(&self.original(last)),
            "control comes back from {last:#x}"
        );
        displaced
    }

    /// rcx, r11 and the gate.
    fn check_way_to_gate(&self, patch: &Patch, trampoline: &Trampoline, next: u64) {
        let mut instructions = Vec::new();
        let mut at = trampoline.entry;
        while at < next {
            let instruction = decode(&trampoline.bytes, trampoline.address, at);
            at = instruction.next_ip();
            instructions.push(instruction);
        }
        assert_eq!(at, next);
        let [rcx, r11, jump] = instructions[..] else {
            panic!("{instructions:?}");
        };
        let after = patch.site + 2;
        assert_eq!(
            (rcx.mnemonic(), rcx.op0_register()),
            (Mnemonic::Lea, Register::RCX)
        );
        assert_eq!(rcx.ip_rel_memory_address(), after);
        assert_eq!(r11.op0_register(), Register::R11);
        assert_eq!(r11.mnemonic(), Mnemonic::Lea);
        assert_eq!(r11.ip_rel_memory_address(), next);
        assert_eq!(rcx.next_ip() + RECOVERS_RCX as u64, next);
        let slot = jump.ip_rel_memory_address();
        assert_eq!((jump.mnemonic(), slot), (Mnemonic::Jmp, self.zone.slot()));
        assert_eq!(self.word(slot), self.zone.gate());
    }

    fn word(&self, address: u64) -> u64 {
        let start = address & !(PAGE - 1);
        let (_, page) = self
            .zone
            .pages()
            .find(|(page, _)| *page == start)
            .expect("a page");
        let at = (address - start) as usize;
        u64::from_le_bytes(page[at..at + 8].try_into().expect("eight bytes"))
    }

    /// At every boundary is the original, the entry, or a trap that has a resumption.
    fn check_boundaries(
        &self,
        site: &Located,
        patch: &Patch,
        trampoline: &Trampoline,
        displaced: &[u64],
    ) {
        let end = patch.address + patch.bytes.len() as u64;
        let mut boundaries = Vec::new();
        let mut at = patch.address;
        while at < end {
            boundaries.push(at);
            at = self.original(at).next_ip();
        }
        assert!(boundaries.contains(&patch.site));
        let mut trapped = Vec::new();
        for boundary in &boundaries[1..] {
            let bytes = self.patched_at(*boundary, 2);
            assert!(
                bytes == TRAP || TRAPPING.contains(&bytes[0]),
                "{bytes:x?} at {boundary:#x}"
            );
            let resumption = trampoline.resumptions.iter().find(|one| one.0 == *boundary);
            let (_, elsewhere) = resumption.expect("a resumption");
            assert!(trampoline.origins.contains(&(*elsewhere, *boundary)));
            trapped.push(*boundary);
        }
        let listed: Vec<u64> = trampoline.resumptions.iter().map(|one| one.0).collect();
        assert_eq!(
            listed, trapped,
            "resumptions are those boundaries, in order"
        );
        assert!(displaced.starts_with(&boundaries) || boundaries.starts_with(displaced));
        assert!(trampoline.origins.is_sorted());
        // Decoding from the start of the function agrees, unless there is data in between.
        let mut at = match site.function.is_empty() {
            true => patch.address,
            false => site.function.start,
        };
        let mut stream = Vec::new();
        while at <= patch.address {
            stream.push(at);
            at = self.original(at).next_ip();
        }
        if !site.function.is_empty() && stream.last() != Some(&patch.address) {
            assert_eq!(patch.address, patch.site, "out of step with the function");
        }
    }

    fn check_writes(&self) {
        let mut writes: Vec<_> = self.patches.iter().flat_map(Patch::writes).collect();
        writes.sort_unstable();
        let apart = |two: &[(u64, &[u8])]| two[0].0 + two[0].1.len() as u64 <= two[1].0;
        assert!(writes.windows(2).all(apart), "patches overlap");
        let patched = self.patched();
        let sites = |at: usize| {
            let address = self.code.address + at as u64;
            self.sites.iter().any(|site| site.address == address)
        };
        let original: Vec<_> = pairs(self.code.bytes)
            .map(|pair| pair.0)
            .filter(|at| !sites(*at))
            .collect();
        let left: Vec<_> = pairs(&patched).map(|pair| pair.0).collect();
        assert_eq!(
            left, original,
            "pairs that are no sites stay, others are gone, none is new"
        );
    }

    /// The zone holds the trampolines, and they do not overlap.
    fn check_zone(&self) {
        let mut trampolines: Vec<_> = self
            .patches
            .iter()
            .filter_map(|patch| patch.trampoline.as_ref())
            .collect();
        trampolines.sort_by_key(|trampoline| trampoline.address);
        let end = |one: &Trampoline| one.address + one.bytes.len() as u64;
        assert!(
            trampolines
                .windows(2)
                .all(|two| end(two[0]) <= two[1].address)
        );
        let pages: BTreeMap<u64, _> = self.zone.pages().collect();
        for trampoline in trampolines {
            let range = self.zone.range();
            assert!(range.start <= trampoline.address && end(trampoline) <= range.end);
            for (index, byte) in trampoline.bytes.iter().enumerate() {
                let address = trampoline.address + index as u64;
                let page = pages.get(&(address & !(PAGE - 1))).expect("a page");
                assert_eq!(page[(address % PAGE) as usize], *byte);
            }
        }
        let used: u64 = self
            .zone
            .used()
            .iter()
            .map(|range| range.end - range.start)
            .sum();
        assert_eq!(used, pages.len() as u64 * PAGE);
    }
}

/// The instruction at `address` of `bytes`, which are at `start`.
pub(crate) fn decode(bytes: &[u8], start: u64, address: u64) -> Instruction {
    let bytes = &bytes[(address - start) as usize..];
    Decoder::with_ip(64, bytes, address, DecoderOptions::NONE).decode()
}

fn is_way_back(instruction: &Instruction, target: u64) -> bool {
    instruction.is_jmp_short_or_near() && instruction.near_branch_target() == target
}

fn is_end(instruction: &Instruction) -> bool {
    matches!(
        instruction.mnemonic(),
        Mnemonic::Ud2 | Mnemonic::Hlt | Mnemonic::Int3
    )
}

/// Both do the same, wherever they are.
fn assert_same(one: &Instruction, other: &Instruction) {
    let same = one.mnemonic() == other.mnemonic()
        && one.op_count() == other.op_count()
        && one.has_lock_prefix() == other.has_lock_prefix()
        && one.has_rep_prefix() == other.has_rep_prefix()
        && one.has_repne_prefix() == other.has_repne_prefix()
        && one.segment_prefix() == other.segment_prefix()
        && one.op_mask() == other.op_mask()
        && (0..one.op_count()).all(|operand| same_operand(one, other, operand));
    assert!(same, "{one} is not {other}");
}

fn same_operand(one: &Instruction, other: &Instruction, operand: u32) -> bool {
    let kind = one.op_kind(operand);
    match kind {
        OpKind::NearBranch64 => one.near_branch_target() == other.near_branch_target(),
        _ if kind != other.op_kind(operand) => false,
        OpKind::Register => one.op_register(operand) == other.op_register(operand),
        OpKind::Memory => {
            one.memory_base() == other.memory_base()
                && one.memory_index() == other.memory_index()
                && one.memory_index_scale() == other.memory_index_scale()
                && one.memory_displacement64() == other.memory_displacement64()
                && one.memory_size() == other.memory_size()
                && one.memory_segment() == other.memory_segment()
        }
        _ => match (one.try_immediate(operand), other.try_immediate(operand)) {
            (Ok(one), Ok(other)) => one == other,
            (one, other) => one.is_err() && other.is_err(),
        },
    }
}

//! What a patch jumps to.

use super::displace::displace;
use super::displacement::displacement;
use super::line::{Line, Step};
use super::span::Span;
use super::{Code, Trampoline};
use alloc::vec::Vec;

/// `lea rcx, [rip + …]`, `lea r11, [rip + …]`: no flag changes.
const LEA_RCX: [u8; 3] = [0x48, 0x8d, 0x0d];
const LEA_R11: [u8; 3] = [0x4c, 0x8d, 0x1d];
/// `jmp rel32`, and `jmp [rip + …]`.
const JUMP: [u8; 1] = [0xe9];
const JUMP_THROUGH: [u8; 2] = [0xff, 0x25];
/// The length of what follows any of these.
const DISTANCE: usize = 4;

/// How far before the place in r11, where a call returns to the trampoline, the end of the instruction
/// is that puts the address after the site into rcx, relative to itself. The gate needs a register
/// before it has a place to save one: it takes rcx, and reads from that instruction what was in it.
pub const RECOVERS_RCX: usize = LEA_R11.len() + DISTANCE + JUMP_THROUGH.len() + DISTANCE;

impl Trampoline {
    /// How long the trampoline for `span` is.
    pub(super) fn length(line: &Line, span: &Span) -> Option<usize> {
        let moved = |steps: &[Step]| -> usize {
            steps
                .iter()
                .map(|step| step.way.length(usize::from(step.length)))
                .sum()
        };
        let before = line.steps.get(span.first..span.site)?;
        let after = line.steps.get(span.site + 1..span.end)?;
        let back = match after.last() {
            Some(last) if last.ends => 0,
            _ => JUMP.len() + DISTANCE,
        };
        Some(moved(before) + LEA_RCX.len() + DISTANCE + RECOVERS_RCX + moved(after) + back)
    }

    /// The trampoline for `span` at `address`. The word at `slot` says where the gate is. `None` if something that it refers to is out of reach.
    pub(super) fn new(
        code: &Code<'_>,
        line: &Line,
        span: &Span,
        slot: u64,
        address: u64,
    ) -> Option<Trampoline> {
        let mut to = Assembly {
            address,
            bytes: Vec::with_capacity(64),
            origins: Vec::with_capacity(4),
        };
        let site = line.steps.get(span.site)?;
        for step in line.steps.get(span.first..span.site)? {
            to.displace(code, step)?;
        }
        let entry = to.piece(site.address);
        let after = line.steps.get(span.site + 1..span.end)?;
        to.relative(&LEA_RCX, site.end())?;
        let resume = to.here().wrapping_add(RECOVERS_RCX as u64);
        to.relative(&LEA_R11, resume)?;
        to.relative(&JUMP_THROUGH, slot)?;
        for step in after {
            to.displace(code, step)?;
        }
        let last = after.last().unwrap_or(site);
        if after.is_empty() || !last.ends {
            to.piece(last.end());
            to.relative(&JUMP, last.end())?;
        }
        let origins = &to.origins;
        let resumption = |step: &Step| {
            let (elsewhere, _) = origins.iter().find(|(_, origin)| *origin == step.address)?;
            Some((step.address, *elsewhere))
        };
        let resumptions = span
            .boundaries(line)
            .map(resumption)
            .collect::<Option<_>>()?;
        Some(Trampoline {
            address,
            bytes: to.bytes,
            entry,
            resumptions,
            origins: to.origins,
        })
    }
}

/// A trampoline that grows.
struct Assembly {
    address: u64,
    bytes: Vec<u8>,
    origins: Vec<(u64, u64)>,
}

impl Assembly {
    fn here(&self) -> u64 {
        self.address.wrapping_add(self.bytes.len() as u64)
    }

    /// Begins a piece that is equivalent to what was at `original`.
    fn piece(&mut self, original: u64) -> u64 {
        self.origins.push((self.here(), original));
        self.here()
    }

    fn displace(&mut self, code: &Code<'_>, step: &Step) -> Option<()> {
        let elsewhere = self.piece(step.address);
        displace(
            code.slice(step.address, step.end())?,
            step.address,
            elsewhere,
            &mut self.bytes,
        )
    }

    /// An instruction that ends in the distance to `target`.
    fn relative(&mut self, opcode: &[u8], target: u64) -> Option<()> {
        self.bytes.extend_from_slice(opcode);
        let distance = displacement(self.here().wrapping_add(DISTANCE as u64), target)?;
        self.bytes.extend_from_slice(&distance.to_le_bytes());
        Some(())
    }
}

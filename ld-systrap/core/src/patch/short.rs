//! The short tactic: two bytes at the site lead to a jump inside padding near by.
//!
//! A long nop such as `66 2e 0f 1f 84 00 00 00 00 00` names a memory operand that is never accessed:
//! its last five bytes, one that scales registers and four of displacement, may have any value, and
//! the instruction is as long and does as little as before. So they can be a jump, and control that
//! comes to the nop itself notices nothing.

use super::displace::Move;
use super::displacement::{Allowed, JUMP, Targets};
use super::line::{Line, Step};
use super::planner::{Claims, has_pair};
use super::span::Span;
use super::zone::Zone;
use super::{Code, Located, Patch, Springboard, Tactic, Trampoline};
use crate::site::pairs;

/// `nopl disp32(base,index,scale)` up to where its free bytes begin: mod 10, rm 100.
const LONG_NOP: [u8; 3] = [0x0f, 0x1f, 0x84];

/// Plans a short jump at `site`, if there is a nop in its reach that nobody has claimed.
pub(super) fn plan(
    code: &Code<'_>,
    line: &Line,
    site: &Located,
    zone: &mut Zone,
    claims: &mut Claims,
) -> Option<Patch> {
    let index = line.index(site.address)?;
    let end = site.address + 2;
    for nop in line.steps.iter().filter(|step| step.way == Move::Padding) {
        let Some(board) = free_bytes(code, nop) else {
            continue;
        };
        let distance = board.wrapping_sub(end).cast_signed();
        let Ok(distance) = i8::try_from(distance) else {
            continue;
        };
        let short = [0xeb, distance.to_le_bytes()[0]];
        if has_pair(code, site.address, &short) || !claims.take(nop.address..nop.end()) {
            continue;
        }
        let span = Span::alone(site.address, index, Tactic::Short);
        let targets = Targets {
            origin: board + JUMP,
            bytes: [Allowed::Any; 4],
        };
        let length = Trampoline::length(line, &span)?;
        let slot = zone.slot();
        let mut patch = None;
        zone.place(&targets, length, &[], |address| {
            let trampoline = Trampoline::new(code, line, &span, slot, address)?;
            let jump = super::displacement::jump(targets.origin, address)?;
            if has_pair(code, board, &jump) || pairs(&trampoline.bytes).next().is_some() {
                return None;
            }
            let made = trampoline.bytes.clone();
            let springboard = Springboard {
                address: board,
                bytes: jump.to_vec(),
            };
            patch = Some(Patch {
                site: site.address,
                opcode: site.opcode,
                tactic: Tactic::Short,
                address: site.address,
                bytes: short.to_vec(),
                springboard: Some(springboard),
                trampoline: Some(trampoline),
            });
            Some(made)
        });
        if patch.is_some() {
            return patch;
        }
    }
    None
}

/// The address of five bytes of `nop` that may have any value.
fn free_bytes(code: &Code<'_>, nop: &Step) -> Option<u64> {
    let at = usize::from(nop.length).checked_sub(LONG_NOP.len() + JUMP as usize)?;
    let bytes = code.slice(nop.address, nop.end())?;
    let opcode = bytes.get(at..at + LONG_NOP.len())?;
    (opcode == LONG_NOP).then(|| nop.end() - JUMP)
}

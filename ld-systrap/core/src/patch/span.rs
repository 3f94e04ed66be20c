//! What a patch may cover: the choices for one site, the best first.

use super::displace::Move;
use super::displacement::{Allowed, JUMP, TRAPPING, Targets, jump};
use super::line::{Line, Step};
use super::{Code, TRAP, Tactic};
use crate::site::pairs;
use alloc::vec::Vec;

/// The most bytes that a patch changes.
pub const LONGEST: u64 = 16;
/// The most instructions before a site that are displaced.
const MOST_BEFORE: usize = 5;

/// The instructions that a patch displaces, and what its jump may look like.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) tactic: Tactic,
    /// Indices of the first instruction, of the site, and behind the last instruction.
    pub(crate) first: usize,
    pub(crate) site: usize,
    pub(crate) end: usize,
    /// The address of the first byte that changes.
    pub(crate) address: u64,
    /// The address behind the last byte that changes.
    pub(crate) changed: u64,
    /// The address behind the last byte that no other patch may change.
    pub(crate) claimed: u64,
    /// Where the jump may lead.
    pub(crate) targets: Targets,
    /// The less the better.
    rank: u32,
}

impl Span {
    /// All ways to cover the site at index `site` of `line`, the best first.
    pub(crate) fn all(code: &Code<'_>, line: &Line, site: usize) -> Vec<Span> {
        let mut spans = Vec::new();
        for before in 0..=MOST_BEFORE {
            let Some(first) = site.checked_sub(before) else {
                break;
            };
            if before != 0 && !may_precede(line, first) {
                break;
            }
            spans.extend(Span::covering(code, line, first, site));
            spans.extend(Span::punned(code, line, first, site));
        }
        spans.sort_by_key(|span| span.rank);
        spans
    }

    /// Nothing but the site at `address`, the instruction at `index`.
    pub(crate) fn alone(address: u64, index: usize, tactic: Tactic) -> Span {
        Span {
            tactic,
            first: index,
            site: index,
            end: index + 1,
            address,
            changed: address + 2,
            claimed: address + 2,
            targets: Targets {
                origin: address + JUMP,
                bytes: [Allowed::Any; 4],
            },
            rank: 0,
        }
    }

    /// The less the better.
    pub(crate) fn rank(&self) -> u32 {
        self.rank
    }

    /// The jump and the site are covered whole.
    fn covering(code: &Code<'_>, line: &Line, first: usize, site: usize) -> Option<Span> {
        let address = line.steps.get(first)?.address;
        let changed = (address + JUMP).max(line.steps.get(site)?.end());
        let mut end = site + 1;
        let mut padding = 0;
        while line.steps.get(end - 1)?.end() < changed {
            let (last, next) = (line.steps.get(end - 1)?, line.steps.get(end)?);
            if next.address != last.end() || next.site || next.way == Move::Never {
                return None;
            }
            // Where control does not come there is nothing but padding to be sure of.
            if !next.certain {
                if next.way != Move::Padding {
                    return None;
                }
                padding += 1;
            }
            end += 1;
        }
        let mut bytes = [Allowed::Any; 4];
        for step in line.steps.get(first + 1..end)? {
            if let Some(byte) = bytes.get_mut((step.address - address - 1) as usize) {
                *byte = Allowed::Trapping;
            }
        }
        let tactic = match end == site + 1 {
            true => Tactic::Backward,
            false => Tactic::Forward,
        };
        let span = Span {
            tactic,
            first,
            site,
            end,
            address,
            changed,
            claimed: line.steps.get(end - 1)?.end(),
            targets: Targets {
                origin: address + JUMP,
                bytes,
            },
            rank: 50 * padding,
        };
        span.checked(code, line)
    }

    /// The displacement ends in the bytes behind the site, which stay.
    fn punned(code: &Code<'_>, line: &Line, first: usize, site: usize) -> Option<Span> {
        let address = line.steps.get(first)?.address;
        let changed = line.steps.get(site)?.end();
        let claimed = address + JUMP;
        if changed >= claimed {
            return None;
        }
        let mut bytes = [Allowed::Any; 4];
        for step in line.steps.get(first + 1..=site)? {
            *bytes.get_mut((step.address - address - 1) as usize)? = Allowed::Trapping;
        }
        for there in changed..claimed {
            let byte = code.slice(there, there + 1)?.first()?;
            *bytes.get_mut((there - address - 1) as usize)? = Allowed::Exactly(*byte);
        }
        let span = Span {
            tactic: Tactic::Punned,
            first,
            site,
            end: site + 1,
            address,
            changed,
            claimed,
            targets: Targets {
                origin: claimed,
                bytes,
            },
            rank: 300,
        };
        span.checked(code, line)
    }

    /// Ranks the span, unless something else leads into its instructions.
    fn checked(mut self, code: &Code<'_>, line: &Line) -> Option<Span> {
        let site = line.steps.get(self.site)?.address;
        // A pair that is no proved site may be one after all.
        let before = self.address.saturating_sub(1).max(code.address);
        let after = self.claimed.saturating_add(1).min(code.end());
        let around = code.slice(before, after)?;
        if pairs(around).any(|(at, _)| before + at as u64 != site) {
            return None;
        }
        if self.changed - self.address > LONGEST {
            return None;
        }
        let boundaries = line.steps.get(self.first..self.end)?;
        let mut trapped = 0;
        for target in line.targets_within(self.address + 1, self.changed) {
            match boundaries.binary_search_by_key(target, |step| step.address) {
                Ok(_) => trapped += 1,
                // Jumps come into the middle of an instruction, past its prefix perhaps.
                Err(_) => return None,
            }
        }
        let displaced = boundaries.len() as u32;
        self.rank += 60 * trapped + self.targets.constraints() + displaced;
        Some(self)
    }

    /// The instructions whose original boundaries are inside the patch, in order.
    pub(crate) fn boundaries<'a>(&self, line: &'a Line) -> impl Iterator<Item = &'a Step> {
        let changed = self.changed;
        let inside = line.steps.get(self.first + 1..self.end).unwrap_or_default();
        inside.iter().take_while(move |step| step.address < changed)
    }

    /// The bytes of the patch with a jump to `target`.
    pub(crate) fn bytes(&self, code: &Code<'_>, line: &Line, target: u64) -> Option<Vec<u8>> {
        let mut bytes = code.slice(self.address, self.changed)?.to_vec();
        let jump = jump(self.targets.origin, target)?;
        bytes
            .iter_mut()
            .zip(jump)
            .for_each(|(byte, jump)| *byte = jump);
        for step in self.boundaries(line) {
            let at = (step.address - self.address) as usize;
            if at < JUMP as usize {
                continue;
            }
            // An instruction of one byte leaves no room for more.
            match step.length {
                1 => *bytes.get_mut(at)? = TRAPPING[0],
                _ => bytes.get_mut(at..at + 2)?.copy_from_slice(&TRAP),
            }
        }
        Some(bytes)
    }
}

/// Whether the instruction at index `first` and all up to the site behind it run one after the other,
/// given that those behind it do.
fn may_precede(line: &Line, first: usize) -> bool {
    let (Some(step), Some(next)) = (line.steps.get(first), line.steps.get(first + 1)) else {
        return false;
    };
    step.certain
        && !step.ends
        && !step.site
        && step.way != Move::Never
        && step.end() == next.address
}

//! Chooses what each site's patch covers, and places the trampolines.
//!
//! Sites with the fewest restrictions choose first, so that nobody takes their bytes; those with the
//! most are placed first, so that the others fill the pages that they had to open.

use super::displacement::Targets;
use super::line::Line;
use super::short;
use super::span::Span;
use super::zone::Zone;
use super::{Code, Located, Patch, Trampoline};
use crate::site::{Opcode, pairs};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

/// A site, and what may be done about it.
struct Candidate {
    /// Its index among the sites.
    index: usize,
    /// The index of its function.
    line: usize,
    spans: Vec<Span>,
    /// The index of the span that has its bytes.
    chosen: Option<usize>,
}

impl Candidate {
    fn span(&self) -> Option<&Span> {
        self.spans.get(self.chosen?)
    }
}

/// The bytes that patches have to themselves: by start, the end.
#[derive(Default)]
pub(super) struct Claims(BTreeMap<u64, u64>);

impl Claims {
    /// Takes `range`, if nobody has any of it.
    pub(super) fn take(&mut self, range: Range<u64>) -> bool {
        let before = self.0.range(..range.end).next_back();
        let free = before.is_none_or(|(_, end)| *end <= range.start);
        if free {
            self.0.insert(range.start, range.end);
        }
        free
    }

    /// Gives back the range that starts at `start`.
    fn give_back(&mut self, start: u64) {
        self.0.remove(&start);
    }
}

/// See [`super::plan`].
pub(super) fn plan(code: &Code<'_>, sites: &[Located], zone: &mut Zone) -> Vec<Patch> {
    let mut patches: Vec<Patch> = sites.iter().map(Patch::trap).collect();
    let (lines, mut candidates) = candidates(code, sites);
    let mut claims = Claims::default();
    candidates.sort_by_key(|one| one.spans.first().map_or(u32::MAX, Span::rank));
    for candidate in &mut candidates {
        choose(candidate, 0, &mut claims);
    }

    let constraint = |one: &Candidate| one.span().map_or(0, |span| span.targets.constraints());
    candidates.sort_by_key(|one| core::cmp::Reverse(constraint(one)));
    let targets = |one: &Candidate| one.span().map(|span| span.targets);
    let constrained = candidates.iter().take_while(|one| constraint(one) != 0);
    let constrained: Vec<_> = constrained.filter_map(targets).collect();
    let mut left = Vec::new();
    for (index, candidate) in candidates.iter_mut().enumerate() {
        let others = constrained.get(index + 1..).unwrap_or_default();
        let Some(line) = lines.get(candidate.line) else {
            continue;
        };
        let patch = loop {
            let Some((chosen, span)) = candidate.chosen.zip(candidate.span()) else {
                break None;
            };
            if let Some(patch) = place(code, line, span, sites.get(candidate.index), others, zone) {
                break Some(patch);
            }
            claims.give_back(span.address);
            choose(candidate, chosen + 1, &mut claims);
        };
        match (patch, patches.get_mut(candidate.index)) {
            (Some(patch), Some(place)) => *place = patch,
            _ => left.push(candidate),
        }
    }

    for candidate in left {
        let (Some(site), Some(line)) = (sites.get(candidate.index), lines.get(candidate.line))
        else {
            continue;
        };
        let patch = short::plan(code, line, site, zone, &mut claims);
        if let (Some(patch), Some(place)) = (patch, patches.get_mut(candidate.index)) {
            *place = patch;
        }
    }
    patches
}

/// The functions of `sites`, and what may be done about each site.
fn candidates(code: &Code<'_>, sites: &[Located]) -> (Vec<Line>, Vec<Candidate>) {
    let mut lines = Vec::new();
    let mut candidates = Vec::with_capacity(sites.len());
    let mut index = 0;
    for same in sites.chunk_by(|one, next| one.function == next.function) {
        let line = Line::new(code, same);
        for site in same {
            let spans = match (site.opcode, line.index(site.address)) {
                (Opcode::Syscall, Some(at)) => Span::all(code, &line, at),
                // The gate of `int $0x80` gives back rcx and r11, so it cannot be told in them where
                // to go on; `sysenter` does not come back.
                _ => Vec::new(),
            };
            candidates.push(Candidate {
                index,
                line: lines.len(),
                spans,
                chosen: None,
            });
            index += 1;
        }
        lines.push(line);
    }
    candidates.retain(|one| {
        sites
            .get(one.index)
            .is_some_and(|site| site.opcode == Opcode::Syscall)
    });
    (lines, candidates)
}

/// Gives the candidate the first span from index `from` on whose bytes are free.
fn choose(candidate: &mut Candidate, from: usize, claims: &mut Claims) {
    let free = |span: &Span| claims.take(span.address..span.claimed);
    let rest = candidate.spans.get(from..).unwrap_or_default();
    candidate.chosen = rest.iter().position(free).map(|at| from + at);
}

/// Finds a place for the trampoline of `span`.
fn place(
    code: &Code<'_>,
    line: &Line,
    span: &Span,
    site: Option<&Located>,
    others: &[Targets],
    zone: &mut Zone,
) -> Option<Patch> {
    let site = site?;
    let length = Trampoline::length(line, span)?;
    let slot = zone.slot();
    let mut patch = None;
    zone.place(&span.targets, length, others, |address| {
        let bytes = span.bytes(code, line, address)?;
        let trampoline = Trampoline::new(code, line, span, slot, address)?;
        if trampoline.bytes.len() != length
            || has_pair(code, span.address, &bytes)
            || pairs(&trampoline.bytes).next().is_some()
        {
            return None;
        }
        let made = trampoline.bytes.clone();
        patch = Some(Patch {
            site: site.address,
            opcode: site.opcode,
            tactic: span.tactic,
            address: span.address,
            bytes,
            springboard: None,
            trampoline: Some(trampoline),
        });
        Some(made)
    })?;
    patch
}

/// Whether `bytes` at `address`, together with what is around them, hold what looks like a system call
/// instruction.
pub(super) fn has_pair(code: &Code<'_>, address: u64, bytes: &[u8]) -> bool {
    let end = address + bytes.len() as u64;
    let before = code
        .slice(address.wrapping_sub(1), address)
        .unwrap_or_default();
    let after = code.slice(end, end + 1).unwrap_or_default();
    let all: Vec<u8> = before.iter().chain(bytes).chain(after).copied().collect();
    pairs(&all).next().is_some()
}

//! Every pair of an image, with what it was proved to be.

use super::discovery;
use super::evidence::{Evidence, Stage};
use super::function::{Function, Functions};
use super::pair::{Opcode, pairs};
use super::symbols::Name;
use super::verdict::{Finding, Verdict};
use crate::image::Image;
use alloc::vec::Vec;
use core::cell::{Cell, OnceCell};
use core::ops::Range;

/// What it took to prove what was proved.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Effort {
    /// Functions that were followed.
    pub functions: usize,
    /// Instructions that were decoded.
    pub instructions: usize,
}

/// What an image says about its pairs.
pub struct Survey<'a> {
    evidence: Evidence<'a>,
    /// Offsets in the file of what is mapped but declared to be no code, by where it starts.
    declared_data: OnceCell<Vec<Range<u64>>>,
    effort: Cell<Effort>,
}

impl<'a> Survey<'a> {
    /// Prepares to survey `image`. Reads next to nothing.
    #[must_use]
    pub fn new(image: &Image<'a>) -> Survey<'a> {
        Survey {
            evidence: Evidence {
                image: *image,
                functions: Functions::new(*image),
            },
            declared_data: OnceCell::new(),
            effort: Cell::default(),
        }
    }

    /// Every pair that begins in `range` (offsets in the file), in order.
    ///
    /// Pairs that only share a page with an executable segment are mapped with it and are listed
    /// too. What no executable segment maps is unproved, with its offset in place of an address.
    #[must_use]
    pub fn findings(&self, range: Range<u64>) -> Vec<Finding> {
        let mut findings = self.pairs(range);
        let mut rest = &mut findings[..];
        while let Some(first) = rest.first() {
            let end = first
                .function
                .as_ref()
                .map_or(0, |function| function.range.end);
            let same = rest
                .iter()
                .take_while(|finding| finding.address < end)
                .count()
                .max(1);
            let (group, others) = rest.split_at_mut(same);
            self.prove(group);
            rest = others;
        }
        if findings
            .iter()
            .any(|finding| self.deserves_discovery(finding))
        {
            let mut open: Vec<Finding> = findings
                .extract_if(.., |finding| finding.verdict == Verdict::Unproved)
                .collect();
            self.count(0, discovery::prove(&self.evidence, &mut open));
            findings.append(&mut open);
            findings.sort_unstable_by_key(|finding| finding.offset);
        }
        findings
    }

    /// What the proofs have taken so far.
    #[must_use]
    pub fn effort(&self) -> Effort {
        self.effort.get()
    }

    /// The symbol at or before `address` (before relocation).
    #[must_use]
    pub fn name(&self, address: u64) -> Option<Name<'a>> {
        self.evidence.functions.name(address)
    }

    /// The pairs in `range`, with the functions around them.
    fn pairs(&self, range: Range<u64>) -> Vec<Finding> {
        let bytes = self.evidence.image.bytes();
        let end = usize::try_from(range.end)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(end);
        // One byte more, for a pair across the end.
        let searched = &bytes[start..end.saturating_add(1).min(bytes.len())];
        let mut function: Option<Function> = None;
        pairs(searched)
            .map(|(at, opcode)| {
                let offset = (start + at) as u64;
                let address = self.evidence.image.address_of_code(offset);
                let same = |function: &Function| {
                    address.is_some_and(|address| function.range.contains(&address))
                };
                if !function.as_ref().is_some_and(same) {
                    function = address.and_then(|address| self.function(address));
                }
                Finding {
                    address: address.unwrap_or(offset),
                    offset,
                    opcode,
                    verdict: Verdict::Unproved,
                    function: function.clone(),
                }
            })
            .filter(|finding| finding.offset < range.end)
            .collect()
    }

    fn function(&self, address: u64) -> Option<Function> {
        let functions = &self.evidence.functions;
        functions
            .around(address)
            .or_else(|| functions.before(address))
    }

    /// Proves what can be proved of findings in one function.
    fn prove(&self, findings: &mut [Finding]) {
        let function = findings
            .first()
            .and_then(|finding| finding.function.clone());
        if let Some(mut flow) = function.and_then(|function| self.evidence.flow(&function)) {
            let mut stage = Stage::Cases;
            loop {
                for finding in &mut *findings {
                    finding.verdict = flow.pair(finding.address).into();
                }
                let open = findings
                    .iter()
                    .any(|finding| finding.verdict == Verdict::Unproved);
                if !open || flow.astray || stage == Stage::Done {
                    break;
                }
                stage = self.evidence.advance(stage, &mut flow);
            }
            self.count(1, flow.decoded);
        }
        for finding in findings
            .iter_mut()
            .filter(|one| one.verdict == Verdict::Unproved)
        {
            if self.is_declared_data(finding.offset) {
                finding.verdict = Verdict::Data;
                finding.function = None;
            }
        }
    }

    /// Whether a section of the image that is no code holds the pair at `offset`.
    fn is_declared_data(&self, offset: u64) -> bool {
        let declared = self
            .declared_data
            .get_or_init(|| self.evidence.image.declared_data());
        let after = declared.partition_point(|range| range.start <= offset);
        let before = after.checked_sub(1).and_then(|index| declared.get(index));
        before.is_some_and(|range| offset + 1 < range.end)
    }

    /// Whether following the whole image is worth its time: the pair looks like an instruction, as
    /// what comes before it sets the number of a system call.
    fn deserves_discovery(&self, finding: &Finding) -> bool {
        let end = usize::try_from(finding.offset).unwrap_or(usize::MAX);
        let before = end
            .checked_sub(7)
            .and_then(|at| self.evidence.image.bytes().get(at..end));
        let sets_number = match before {
            Some([_, _, 0xb8, _, number, 0, 0]) => *number < 3,
            Some([0x48, 0xc7, 0xc0, _, number, 0, 0]) => *number < 3,
            Some([.., 0x31 | 0x33, 0xc0]) => true,
            _ => false,
        };
        finding.verdict == Verdict::Unproved && finding.opcode == Opcode::Syscall && sets_number
    }

    fn count(&self, functions: usize, instructions: usize) {
        let effort = self.effort.get();
        self.effort.set(Effort {
            functions: effort.functions + functions,
            instructions: effort.instructions + instructions,
        });
    }
}

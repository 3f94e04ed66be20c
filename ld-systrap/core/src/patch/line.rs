//! The instructions around the sites of one function, decoded once.

use super::displace::{Move, ends};
use super::{Code, Located};
use alloc::vec::Vec;
use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, OpKind};

/// How far behind the last site to look, in bytes: as far as short jumps come from.
const BEHIND: u64 = 144;

/// Calls that do not come back to the address after them: rt_sigreturn, exit and exit_group.
const NO_RETURN: [u64; 3] = [15, 60, 231];

/// An instruction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Where it is.
    pub(crate) address: u64,
    /// How long it is, in bytes.
    pub(crate) length: u8,
    /// What moving it takes.
    pub(crate) way: Move,
    /// Whether it is one of the sites.
    pub(crate) site: bool,
    /// Whether control does not go on behind it.
    pub(crate) ends: bool,
    /// Whether control is known to come here: then it is an instruction, and not data.
    pub(crate) certain: bool,
}

impl Step {
    /// The address behind it.
    pub(crate) fn end(&self) -> u64 {
        self.address.wrapping_add(u64::from(self.length))
    }
}

/// The instructions of a function up to a little behind its last site.
#[derive(Default, Debug)]
pub(crate) struct Line {
    /// Sorted by address. They may overlap nowhere, but leave gaps.
    pub(crate) steps: Vec<Step>,
    /// Where jumps and calls among them lead, sorted.
    pub(crate) targets: Vec<u64>,
}

impl Line {
    /// Decodes the function of `sites`, which are all in the same one.
    pub(crate) fn new(code: &Code<'_>, sites: &[Located]) -> Line {
        let mut line = Line::default();
        let (Some(first), Some(last)) = (sites.first(), sites.last()) else {
            return line;
        };
        let function = &first.function;
        let known = function.start <= first.address && last.address < function.end;
        let start = if known { function.start } else { first.address };
        let limit = last.address.saturating_add(BEHIND);
        line.decode(
            code,
            start,
            limit,
            if known { function.end } else { limit },
            sites,
        );
        line.targets.sort_unstable();
        line.targets.dedup();
        line.settle(start);
        line
    }

    /// The index of the instruction at `address`.
    pub(crate) fn index(&self, address: u64) -> Option<usize> {
        self.steps
            .binary_search_by_key(&address, |step| step.address)
            .ok()
    }

    /// The known targets from `start` on, before `end`.
    pub(crate) fn targets_within(&self, start: u64, end: u64) -> &[u64] {
        let from = self.targets.partition_point(|target| *target < start);
        let to = self.targets.partition_point(|target| *target < end);
        self.targets.get(from..to).unwrap_or_default()
    }

    /// Decodes from `start` on. Behind `end` there is nothing but padding.
    fn decode(&mut self, code: &Code<'_>, start: u64, limit: u64, end: u64, sites: &[Located]) {
        let Some(offset) = start
            .checked_sub(code.address)
            .and_then(|at| usize::try_from(at).ok())
        else {
            return;
        };
        let mut decoder = Decoder::with_ip(64, code.bytes, start, DecoderOptions::NONE);
        if decoder.set_position(offset).is_err() {
            return;
        }
        let mut sites = sites.iter().peekable();
        let mut instruction = Instruction::default();
        // Whether a constant that is the number of such a call was seen in this straight line.
        let mut leaving = false;
        while decoder.can_decode() && decoder.ip() < limit {
            decoder.decode_out(&mut instruction);
            let address = instruction.ip();
            while sites.next_if(|site| site.address < address).is_some() {}
            let site = sites.peek().map(|site| site.address);
            if let Some(site) = site.filter(|site| *site > address && *site < instruction.next_ip())
            {
                // Out of step with what was proved: what was decoded is no code.
                let position = site.wrapping_sub(code.address);
                if decoder
                    .set_position(usize::try_from(position).unwrap_or(usize::MAX))
                    .is_err()
                {
                    return;
                }
                decoder.set_ip(site);
                continue;
            }
            let site = site == Some(address);
            let way = Move::of(&instruction);
            if address >= end && way != Move::Padding {
                return;
            }
            if instruction.op0_kind() == OpKind::NearBranch64 {
                self.targets.push(instruction.near_branch_target());
            }
            self.steps.push(Step {
                address,
                length: instruction.len() as u8,
                way: if site { Move::Never } else { way },
                site,
                ends: (site && leaving) || ends(&instruction),
                certain: site,
            });
            leaving = instruction.flow_control() == FlowControl::Next
                && (leaving || mentions_no_return(&instruction));
        }
    }

    /// Finds out where control is known to come: to the start, to sites, to targets, and on from there.
    fn settle(&mut self, start: u64) {
        let mut reached = start;
        for step in &mut self.steps {
            step.certain |=
                step.address == reached || self.targets.binary_search(&step.address).is_ok();
            if step.certain && !step.ends {
                reached = step.end();
            }
        }
    }
}

/// Whether the number of a call that does not return is an operand.
fn mentions_no_return(instruction: &Instruction) -> bool {
    (0..instruction.op_count()).any(|operand| {
        instruction
            .try_immediate(operand)
            .is_ok_and(|number| NO_RETURN.contains(&number))
    })
}

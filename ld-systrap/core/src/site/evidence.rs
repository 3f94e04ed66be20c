//! Places inside a function that control is known to come to, from the surest and cheapest on.

use super::flow::Flow;
use super::function::{Function, Functions};
use super::{jump_table, landing_pads};
use crate::image::Image;

/// The largest function that is followed, in bytes. Larger ones are data that has a symbol.
const LARGEST: u64 = 1 << 20;
/// `jmp *slot(%rip)`, before its displacement: how stubs of the procedure linkage table begin.
const JUMP_THROUGH_SLOT: [u8; 2] = [0xff, 0x25];
/// The length of that instruction.
const JUMP_THROUGH_SLOT_LENGTH: u64 = 6;
/// `endbr64`, with which such stubs may begin.
const ENDBR64: [u8; 4] = [0xf3, 0x0f, 0x1e, 0xfa];

/// What is left to be tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// The cases of switches.
    Cases,
    /// Other symbols inside the function.
    Entries,
    /// Where other parts of the same function jump to.
    Neighbours,
    /// Code that shows itself as such by what it calls.
    Calls,
    /// The entries of a procedure linkage table.
    Stubs,
    /// Nothing.
    Done,
}

/// What an image says about control inside its functions.
pub(crate) struct Evidence<'a> {
    pub(crate) image: Image<'a>,
    pub(crate) functions: Functions<'a>,
}

impl<'a> Evidence<'a> {
    /// Follows control from the start of `function` and from its landing pads.
    pub(crate) fn flow(&self, function: &Function) -> Option<Flow<'a>> {
        let start = function.range.start;
        let length = function.range.end.checked_sub(start)?;
        if !self.image.is_executable(start) {
            return None;
        }
        let code = self.image.bytes_from(start)?;
        // Only what was stretched to the next function may be cut off by the end of the segment.
        let length = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(code.len());
        if length as u64 > LARGEST {
            return None;
        }
        let mut flow = Flow::new(start, &code[..length]);
        flow.enter(start);
        if let Some(table) = function.exception_table {
            landing_pads::for_each(&self.image, table, start, |pad| flow.enter(pad));
        }
        Some(flow)
    }

    /// Follows control from the places that `stage` knows, and says what is to be tried next.
    pub(crate) fn advance(&self, stage: Stage, flow: &mut Flow<'a>) -> Stage {
        let next = match stage {
            Stage::Cases => Stage::Entries,
            Stage::Entries => {
                let entries = self.functions.entries_within(&flow.range());
                entries.into_iter().for_each(|entry| flow.enter(entry));
                Stage::Neighbours
            }
            Stage::Neighbours => {
                self.enter_from_neighbours(flow);
                Stage::Calls
            }
            Stage::Calls => {
                self.enter_confirmed(flow);
                Stage::Stubs
            }
            Stage::Stubs => {
                self.enter_stubs(flow);
                Stage::Done
            }
            Stage::Done => Stage::Done,
        };
        self.enter_cases(flow);
        next
    }

    /// Enters what follows a jump or return and is named by a table of jump targets.
    pub(crate) fn enter_cases(&self, flow: &mut Flow<'a>) {
        let mut seen = 0;
        while flow.indirect && seen < flow.ends.len() {
            let targets = jump_table::targets(&self.image, &flow.bases, &flow.range());
            let ends = flow.ends[seen..].to_vec();
            seen = flow.ends.len();
            for end in ends {
                let places = flow.past_padding(end);
                let case = places
                    .iter()
                    .find(|place| targets.binary_search(place).is_ok());
                if let Some(case) = case {
                    flow.enter(*case);
                }
            }
        }
    }

    /// Enters what functions jump to into which this one jumps: compilers move the unlikely blocks
    /// of a function elsewhere, and these go back to where they came from.
    fn enter_from_neighbours(&self, flow: &mut Flow<'a>) {
        let mut leaves = flow.leaves.clone();
        leaves.sort_unstable();
        let mut last: Option<Function> = None;
        for leave in leaves {
            if last
                .as_ref()
                .is_some_and(|function| function.range.contains(&leave))
            {
                continue;
            }
            last = self.functions.around(leave);
            let Some(mut other) = last.as_ref().and_then(|neighbour| self.flow(neighbour)) else {
                continue;
            };
            self.enter_cases(&mut other);
            flow.decoded += other.decoded;
            if !other.astray {
                other.leaves.iter().for_each(|target| flow.enter(*target));
            }
        }
    }

    /// Enters what follows a jump or return at the first instruction that leads to known code.
    pub(crate) fn enter_confirmed(&self, flow: &mut Flow<'a>) {
        let mut seen = 0;
        while let Some(end) = flow.ends.get(seen).copied() {
            seen += 1;
            if let Some(place) = flow.confirmed(end, |target| self.is_entry(target)) {
                flow.enter(place);
            }
        }
    }

    /// Enters what lazy binding jumps to, and the jumps that take it there.
    fn enter_stubs(&self, flow: &mut Flow<'a>) {
        let range = flow.range();
        let slots = self
            .image
            .lazy_slots()
            .filter(|(_, content)| range.contains(content));
        for (slot, content) in slots {
            flow.enter(content);
            let stub = content.wrapping_sub(JUMP_THROUGH_SLOT_LENGTH);
            if self.slot_of_stub(stub) == Some(slot) {
                flow.enter(stub);
            }
        }
    }

    /// Whether `address` is known to be where functions are called.
    fn is_entry(&self, address: u64) -> bool {
        self.image.is_executable(address)
            && (self.functions.starts_at(address) || self.slot_of_stub(address).is_some())
    }

    /// The place in the image whose content the stub at `address` jumps to.
    fn slot_of_stub(&self, address: u64) -> Option<u64> {
        let code = self.image.bytes_from(address)?;
        let code = code.strip_prefix(&ENDBR64).unwrap_or(code);
        let displacement = code.strip_prefix(&JUMP_THROUGH_SLOT)?.first_chunk()?;
        let displacement = i64::from(i32::from_le_bytes(*displacement));
        let next = address.wrapping_add(JUMP_THROUGH_SLOT_LENGTH);
        let slot = next.wrapping_add_signed(displacement);
        self.image.span().contains(&slot).then_some(slot)
    }
}

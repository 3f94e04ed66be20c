//! What is known about a pair.

use super::flow::Reached;
use super::{Function, Opcode};
use core::fmt;

/// What a pair has been proved to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// An instruction of its own: control reaches it from the start of its function.
    Site,
    /// Part of other instructions and of those only, or in what the image declares to be no code.
    Data,
    /// Neither could be proved.
    Unproved,
}

impl From<Reached> for Verdict {
    fn from(reached: Reached) -> Verdict {
        match reached {
            Reached::Start => Verdict::Site,
            Reached::Inside => Verdict::Data,
            Reached::Unknown => Verdict::Unproved,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.pad(match self {
            Verdict::Site => "site",
            Verdict::Data => "data",
            Verdict::Unproved => "unproved",
        })
    }
}

/// A pair in an image, and what it was proved to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Where it is mapped, before relocation.
    pub address: u64,
    /// Where it is in the file.
    pub offset: u64,
    /// The instruction that it encodes if it is one.
    pub opcode: Opcode,
    /// What it is.
    pub verdict: Verdict,
    /// The function around it, if known.
    pub function: Option<Function>,
}

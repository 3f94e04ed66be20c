//! What to write over sites so that they lead to the handler.
//!
//! Plans, and changes nothing: bytes and addresses in, bytes out. The rule of every plan: control
//! that arrives at any original instruction boundary inside a patch finds the original instruction,
//! or the patch's entry, or a trap whose resumption does what was there.

//!
//! In the order things happen: `line` decodes the function around sites, `span` lists what a patch may
//! cover and what that asks of its jump (`displacement`), `planner` chooses, the `zone` finds a place,
//! and `trampoline` writes what goes there out of displaced instructions (`displace`). What is left
//! tries `short`.

mod displace;
mod displacement;
mod line;
mod planner;
mod short;
mod span;
mod tactic;
mod trampoline;
mod zone;

pub use displacement::TRAPPING;
pub use span::LONGEST;
pub use tactic::Tactic;
pub use trampoline::RECOVERS_RCX;
pub use zone::{BEST_DISTANCES, Zone};

use crate::site::{Finding, Opcode};
use alloc::vec::Vec;
use core::ops::Range;

/// `ud2`: an instruction as long as a system call's that always raises `SIGILL`.
pub const TRAP: [u8; 2] = [0x0f, 0x0b];

/// Code as it is mapped at run time, or as it would be.
#[derive(Clone, Copy, Debug)]
pub struct Code<'a> {
    /// The bytes of an executable mapping.
    pub bytes: &'a [u8],
    /// The address of the first of them.
    pub address: u64,
}

impl<'a> Code<'a> {
    /// The address behind the last byte.
    fn end(&self) -> u64 {
        self.address.saturating_add(self.bytes.len() as u64)
    }

    /// The bytes from `start` on, before `end`.
    fn slice(&self, start: u64, end: u64) -> Option<&'a [u8]> {
        let offset = |address: u64| usize::try_from(address.checked_sub(self.address)?).ok();
        self.bytes.get(offset(start)?..offset(end)?)
    }
}

/// A proved site, at its address at run time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Located {
    /// Where the instruction is.
    pub address: u64,
    /// Which it is.
    pub opcode: Opcode,
    /// The function around it: begins with an instruction. Empty if nothing is known.
    pub function: Range<u64>,
}

impl Located {
    /// The site that `finding` proves, in an image that is mapped `bias` above its own addresses.
    #[must_use]
    pub fn new(finding: &Finding, bias: u64) -> Located {
        let address = finding.address.wrapping_add(bias);
        let function = finding.function.as_ref().map_or(address..address, |one| {
            one.range.start.wrapping_add(bias)..one.range.end.wrapping_add(bias)
        });
        Located {
            address,
            opcode: finding.opcode,
            function,
        }
    }
}

/// What to write over a site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Patch {
    /// The address of the system call instruction.
    pub site: u64,
    /// The instruction that is there no more.
    pub opcode: Opcode,
    /// How it leads to the handler.
    pub tactic: Tactic,
    /// The address of the first byte to be changed.
    pub address: u64,
    /// What is to be there.
    pub bytes: Vec<u8>,
    /// More to be changed elsewhere: what a short jump at the site leads to.
    pub springboard: Option<Springboard>,
    /// Where the jump leads; none for [`Tactic::Trap`].
    pub trampoline: Option<Trampoline>,
}

impl Patch {
    /// All that is to be written: addresses and bytes.
    pub fn writes(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let elsewhere = self.springboard.iter();
        let elsewhere = elsewhere.map(|board| (board.address, &board.bytes[..]));
        core::iter::once((self.address, &self.bytes[..])).chain(elsewhere)
    }

    fn trap(site: &Located) -> Patch {
        Patch {
            site: site.address,
            opcode: site.opcode,
            tactic: Tactic::Trap,
            address: site.address,
            bytes: TRAP.to_vec(),
            springboard: None,
            trampoline: None,
        }
    }
}

/// Bytes of padding that become a jump, at no instruction boundary: the instruction that holds them
/// goes on doing nothing. To be written before the site is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Springboard {
    /// The address of the first byte to be changed.
    pub address: u64,
    /// What is to be there.
    pub bytes: Vec<u8>,
}

/// Generated code that a patch jumps to: its bytes are in its [`Zone`] as well.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trampoline {
    /// Where it is.
    pub address: u64,
    /// What it consists of.
    pub bytes: Vec<u8>,
    /// The address in it that is equivalent to the site.
    pub entry: u64,
    /// For each original instruction boundary inside the patch that traps: its address, and the
    /// equivalent address in the trampoline. Sorted.
    pub resumptions: Vec<(u64, u64)>,
    /// Where each piece starts, and the original address it is equivalent to. Sorted. A thread at
    /// or after the start of a piece and before the next is, but for rcx and r11 if the piece leads
    /// to the gate, in the state that it had at that original address.
    pub origins: Vec<(u64, u64)>,
}

/// Plans a patch for each of `sites`, which are sorted by address and lie in `code`. Trampolines come
/// from `zone`; without one, or where nothing else is exact, the site traps.
#[must_use]
pub fn plan(code: &Code<'_>, sites: &[Located], zone: Option<&mut Zone>) -> Vec<Patch> {
    match zone {
        Some(zone) => planner::plan(code, sites, zone),
        None => sites.iter().map(Patch::trap).collect(),
    }
}

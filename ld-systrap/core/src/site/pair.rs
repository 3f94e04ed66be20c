//! Byte pairs that may be system call instructions.

use memchr::memmem::{self, FindIter};

/// An instruction that enters the kernel for a system call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Opcode {
    /// `syscall`: the 64-bit way in.
    Syscall,
    /// `int $0x80`: the 32-bit way in, which 64-bit programs can take too.
    Int80,
    /// `sysenter`: a 32-bit way in, of no use to a 64-bit program, which may still execute it.
    Sysenter,
}

impl Opcode {
    /// All of them.
    pub const ALL: [Opcode; 3] = [Opcode::Syscall, Opcode::Int80, Opcode::Sysenter];

    /// The instruction's encoding, without prefixes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 2] {
        match self {
            Opcode::Syscall => [0x0f, 0x05],
            Opcode::Int80 => [0xcd, 0x80],
            Opcode::Sysenter => [0x0f, 0x34],
        }
    }

    /// The instruction as an assembler writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Opcode::Syscall => "syscall",
            Opcode::Int80 => "int $0x80",
            Opcode::Sysenter => "sysenter",
        }
    }
}

const SYSCALL: [u8; 2] = Opcode::Syscall.bytes();
const INT80: [u8; 2] = Opcode::Int80.bytes();
const SYSENTER: [u8; 2] = Opcode::Sysenter.bytes();

/// The offsets in `bytes`, ascending, at which a pair stands that could be an instruction.
#[must_use]
pub fn pairs(bytes: &[u8]) -> Pairs<'_> {
    let search = |opcode, needle| Search::new(opcode, memmem::find_iter(bytes, needle));
    Pairs {
        searches: [
            search(Opcode::Syscall, &SYSCALL),
            search(Opcode::Int80, &INT80),
            search(Opcode::Sysenter, &SYSENTER),
        ],
    }
}

/// What [`pairs`] finds.
// One vectorised search for each pair: their first bytes alone are too frequent to stop at.
pub struct Pairs<'a> {
    searches: [Search<'a>; 3],
}

struct Search<'a> {
    opcode: Opcode,
    found: FindIter<'a, 'static>,
    next: Option<usize>,
}

impl<'a> Search<'a> {
    fn new(opcode: Opcode, mut found: FindIter<'a, 'static>) -> Search<'a> {
        let next = found.next();
        Search {
            opcode,
            found,
            next,
        }
    }
}

impl Iterator for Pairs<'_> {
    type Item = (usize, Opcode);

    fn next(&mut self) -> Option<(usize, Opcode)> {
        let first = self
            .searches
            .iter_mut()
            .filter(|search| search.next.is_some())
            .min_by_key(|search| search.next)?;
        let offset = first.next?;
        first.next = first.found.next();
        Some((offset, first.opcode))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn pairs_come_in_order_of_their_offsets() {
        let bytes = [
            0xcd, 0x80, 0x0f, 0x0f, 0x05, 0x0f, 0x34, 0x0f, 0x05, 0xcd, 0x0f,
        ];
        let found: Vec<_> = pairs(&bytes).collect();
        assert_eq!(
            found,
            [
                (0, Opcode::Int80),
                (3, Opcode::Syscall),
                (5, Opcode::Sysenter),
                (7, Opcode::Syscall)
            ]
        );
    }
}

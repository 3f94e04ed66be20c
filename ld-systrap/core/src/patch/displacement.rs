//! The displacement of a jump whose bytes have to trap where an instruction used to start.
//!
//! `jmp rel32` is `e9 d0 d1 d2 d3`. An instruction boundary inside it falls on a byte of its
//! displacement, which the address of the trampoline decides.

/// The length of `jmp rel32`.
pub(crate) const JUMP: u64 = 5;

/// Opcodes of one byte that raise `#UD` in 64-bit mode whatever follows them (Intel's manual, volume
/// 2, appendix A: `i64`). 62, c4, c5 and d5 have become prefixes, so they are not among them.
pub const TRAPPING: [u8; 18] = [
    0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37, 0x3f, 0x60, 0x61, 0x82, 0x9a, 0xce,
    0xd4, 0xea,
];

/// What a byte of a displacement may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Allowed {
    /// Anything.
    Any,
    /// One of [`TRAPPING`].
    Trapping,
    /// What it is already.
    Exactly(u8),
}

impl Allowed {
    /// The least allowed value that is not below `byte`.
    fn at_least(self, byte: u8) -> Option<u8> {
        match self {
            Allowed::Any => Some(byte),
            Allowed::Trapping => TRAPPING.into_iter().find(|trapping| *trapping >= byte),
            Allowed::Exactly(value) => (value >= byte).then_some(value),
        }
    }
}

/// Which addresses a jump may lead to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Targets {
    /// The address behind the jump.
    pub(crate) origin: u64,
    /// For each byte of the displacement, the lowest first.
    pub(crate) bytes: [Allowed; 4],
}

impl Targets {
    /// How much they are restricted: the fewer addresses there are, the more.
    pub(crate) fn constraints(&self) -> u32 {
        let weigh = |(allowed, weight): (&Allowed, u32)| match allowed {
            Allowed::Any => 0,
            Allowed::Trapping | Allowed::Exactly(_) => weight,
        };
        self.bytes.iter().zip([2, 8, 24, 100]).map(weigh).sum()
    }

    /// Whether allowed targets come in stretches of 64 KiB.
    pub(crate) fn is_wide(&self) -> bool {
        matches!(self.bytes, [_, Allowed::Any, ..])
    }

    /// The first allowed target from `from` to `last`.
    pub(crate) fn next(&self, from: u64, last: u64) -> Option<u64> {
        let mut from = from;
        while from <= last {
            let displacement = displacement(self.origin, from)?;
            // Below zero and above, unsigned order is that of addresses; a jump from one to the
            // other starts again at zero.
            match next(displacement.cast_unsigned(), self.bytes) {
                Some(found) if (found.cast_signed() < 0) == (displacement < 0) => {
                    let target = self
                        .origin
                        .wrapping_add_signed(i64::from(found.cast_signed()));
                    return (target <= last).then_some(target);
                }
                _ if displacement < 0 => from = self.origin,
                _ => return None,
            }
        }
        None
    }
}

/// How far it is from `origin` to `target`, if a jump reaches that far.
pub(crate) fn displacement(origin: u64, target: u64) -> Option<i32> {
    i32::try_from(target.wrapping_sub(origin).cast_signed()).ok()
}

/// A jump to `target` that ends at `origin`.
pub(crate) fn jump(origin: u64, target: u64) -> Option<[u8; JUMP as usize]> {
    let [d0, d1, d2, d3] = displacement(origin, target)?.to_le_bytes();
    Some([0xe9, d0, d1, d2, d3])
}

/// The least number not below `least` all of whose bytes are allowed.
fn next(least: u32, allowed: [Allowed; 4]) -> Option<u32> {
    let mut bytes = least.to_le_bytes();
    // From the highest byte on, as long as nothing has to be raised.
    for index in (0..4).rev() {
        match allowed[index].at_least(bytes[index]) {
            Some(value) if value == bytes[index] => {}
            Some(value) => {
                bytes[index] = value;
                return clear(bytes, index, allowed);
            }
            None => return carry(bytes, index, allowed),
        }
    }
    Some(least)
}

/// Raises the lowest byte above `index` that can be raised.
fn carry(mut bytes: [u8; 4], index: usize, allowed: [Allowed; 4]) -> Option<u32> {
    for higher in index + 1..4 {
        let above = bytes[higher].checked_add(1);
        if let Some(value) = above.and_then(|byte| allowed[higher].at_least(byte)) {
            bytes[higher] = value;
            return clear(bytes, higher, allowed);
        }
    }
    None
}

/// Makes the bytes below `index` as low as allowed.
fn clear(mut bytes: [u8; 4], index: usize, allowed: [Allowed; 4]) -> Option<u32> {
    for (byte, allowed) in bytes.iter_mut().zip(allowed).take(index) {
        *byte = allowed.at_least(0)?;
    }
    Some(u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_target_is_the_one_that_counting_finds() {
        use Allowed::{Any, Exactly, Trapping};
        let origin = 0x40_0000;
        for bytes in [
            [Any; 4],
            [Any, Trapping, Any, Any],
            [Trapping, Trapping, Any, Any],
            [Any, Any, Trapping, Any],
            [Trapping, Any, Exactly(0xff), Exactly(0xff)],
            [Any, Exactly(7), Any, Exactly(0)],
        ] {
            let targets = Targets { origin, bytes };
            for from in (origin - 0x3_0000..origin + 0x8_0000).step_by(0x357) {
                let last = from + 0x1_2345;
                let counted = (from..=last).find(|target| {
                    let displacement = displacement(origin, *target).expect("near");
                    let allowed = |(byte, allowed): (u8, Allowed)| match allowed {
                        Any => true,
                        Trapping => TRAPPING.contains(&byte),
                        Exactly(value) => byte == value,
                    };
                    displacement
                        .to_le_bytes()
                        .into_iter()
                        .zip(bytes)
                        .all(allowed)
                });
                assert_eq!(targets.next(from, last), counted, "{bytes:?} {from:#x}");
            }
        }
    }
}

//! Which bytes of the program a call reads and writes, as far as its description says.
//!
//! Structures that point to further memory (`iovec`, `msghdr`) count with their own bytes only.

use super::description::{Description, Direction, Extent, Kind, Length};
use super::shape::Shape;
use super::text::CallView;
use crate::address::{Address, Memory};

/// A run of bytes that a call reads or writes because of one of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which argument it belongs to.
    pub argument: usize,
    /// Its first byte.
    pub address: Address,
    /// How many bytes there are; strings count up to and with their final zero byte.
    pub length: u64,
}

/// Calls `each` with every run of bytes that the kernel reads when it makes the call.
pub fn read_before(call: &CallView, memory: &dyn Memory, each: &mut dyn FnMut(Span)) {
    let reads = |direction| matches!(direction, Direction::In | Direction::InOut);
    spans(call, None, memory, &reads, each);
}

/// Calls `each` with every run of bytes that the kernel has written when the call returned `result`.
pub fn written_after(
    call: &CallView,
    result: u64,
    memory: &dyn Memory,
    each: &mut dyn FnMut(Span),
) {
    if is_error(result) {
        return;
    }
    let writes = |direction| matches!(direction, Direction::Out | Direction::InOut);
    spans(call, Some(result), memory, &writes, each);
}

/// Whether a result is one of the values that stand for an error.
pub(super) const fn is_error(result: u64) -> bool {
    result > u64::MAX - 4095
}

/// Calls `each` with the memory behind every argument whose direction is `wanted`.
fn spans(
    call: &CallView,
    result: Option<u64>,
    memory: &dyn Memory,
    wanted: &dyn Fn(Direction) -> bool,
    each: &mut dyn FnMut(Span),
) {
    let Some(description) = call.description() else {
        return;
    };
    for (index, argument) in description.arguments.iter().enumerate() {
        let address = Address(call.argument(index));
        if !wanted(argument.direction) || address.0 == 0 {
            continue;
        }
        if let Some(length) = extent(call, description, index, address, result, memory) {
            each(Span {
                argument: index,
                address,
                length,
            });
        }
    }
}

/// How many bytes of memory an argument stands for, or `None` when that cannot be known.
fn extent(
    call: &CallView,
    description: &Description,
    index: usize,
    address: Address,
    result: Option<u64>,
    memory: &dyn Memory,
) -> Option<u64> {
    let argument = description.arguments.get(index)?;
    let Kind::Memory(shape) = argument.kind else {
        return None;
    };
    match argument.extent {
        Extent::Value => None,
        Extent::Bytes(length) if shape == Shape::FdSet => Some(
            count(call, length, result, memory)?
                .min(1 << 20)
                .div_ceil(64)
                * 8,
        ),
        Extent::Bytes(length) if shape == Shape::NodeMask => {
            Some(node_words(count(call, length, result, memory)?) * 8)
        }
        Extent::Bytes(length) if shape == Shape::Residency => {
            Some(pages(count(call, length, result, memory)?))
        }
        Extent::Bytes(length) => {
            // What is read is there in full before the result is known.
            if length == Length::Result && description.outcome != super::Outcome::Decimal {
                return None;
            }
            let bytes = count(call, length, result, memory)?;
            Some(bytes.min(room(call, index, length).unwrap_or(bytes)))
        }
        Extent::Elements(length) => count(call, length, result, memory)?.checked_mul(shape.size()),
        Extent::Shape => match shape {
            Shape::Path | Shape::CStr | Shape::MemfdName | Shape::RebootCommand => {
                terminated(address, memory)
            }
            shape => Some(shape.size()).filter(|size| *size > 0),
        },
    }
}

/// The number that `length` stands for.
pub(super) fn count(
    call: &CallView,
    length: Length,
    result: Option<u64>,
    memory: &dyn Memory,
) -> Option<u64> {
    match length {
        Length::Result => result.filter(|result| !is_error(*result)),
        Length::Argument(index) => {
            let value = call.argument(index);
            let argument = call.form()?.arguments.get(index)?;
            Some(if argument.kind.width() < 8 {
                value & 0xffff_ffff
            } else {
                value
            })
        }
        Length::Pointed(index) => {
            let mut bytes = [0; 4];
            memory
                .read(Address(call.argument(index)), &mut bytes)
                .ok()?;
            Some(u32::from_le_bytes(bytes).into())
        }
        Length::Fixed(count) => Some(count),
    }
}

/// How many bytes there is room for behind argument `index`, of which `length` are written: a result may be the
/// length of what did not fit. The argument after it says so, where it is a length.
pub(super) fn room(call: &CallView, index: usize, length: Length) -> Option<u64> {
    let next = call.form()?.arguments.get(index + 1)?;
    match (length, next.kind) {
        (Length::Result, Kind::Size) => Some(call.argument(index + 1)),
        (Length::Result, Kind::Int | Kind::Uint) => Some(call.low(index + 1).into()),
        _ => None,
    }
}

/// How many pages `length` bytes are.
pub(super) const fn pages(length: u64) -> u64 {
    length.div_ceil(4096)
}

/// How many words a set of memory nodes has that is said to have `bits`: the kernel's `get_nodes` takes
/// one bit less, and no more than a page of them.
pub(super) fn node_words(bits: u64) -> u64 {
    bits.saturating_sub(1).min(4096 * 8).div_ceil(64)
}

/// How many bytes a string has with its final zero byte; `None` past `PATH_MAX` or a fault.
fn terminated(address: Address, memory: &dyn Memory) -> Option<u64> {
    let mut length = 0;
    while length < 4096 {
        // Never across a page boundary: what lies there may not be part of the string.
        let from = address.add(length);
        let mut bytes = [0; 64];
        let part = (64 - from.0 % 64) as usize;
        let bytes = bytes.get_mut(..part)?;
        memory.read(from, bytes).ok()?;
        match bytes.iter().position(|byte| *byte == 0) {
            Some(end) => return Some(length + end as u64 + 1),
            None => length += part as u64,
        }
    }
    None
}

//! Arrays: elements of a shape, one after the other.

use super::memory::write_one;
use super::printer::Printer;
use super::value;
use crate::syscall::description::Kind;
use crate::syscall::shape::Shape;
use core::fmt::{self, Write};

/// Writes `count` elements, as many as are wanted. One that cannot be read ends the array; when it is the
/// first, or there are more than memory can hold, the address is all there is to say.
pub(super) fn write_array(
    to: &mut Printer<'_>,
    shape: Shape,
    address: u64,
    count: u64,
) -> fmt::Result {
    if count == 0 {
        return to.write_str("[]");
    }
    let (size, longest) = (shape.size(), to.longest as u64);
    let end = count.checked_mul(size);
    if end.and_then(|size| address.checked_add(size)).is_none() {
        return write!(to, "{address:#x}");
    }
    for index in 0..count {
        let element = address.wrapping_add(index * size);
        if !to.can_read(element, size) {
            return match index {
                0 => write!(to, "{address:#x}"),
                _ => write!(to, ", ... /* {element:#x} */]"),
            };
        }
        to.write_str(if index == 0 { "[" } else { ", " })?;
        if index == longest {
            return to.write_str("...]");
        }
        if !write_element(to, shape, element)? {
            return write!(to, "... /* {element:#x} */]");
        }
    }
    to.write_str("]")
}

/// Writes an element of an array: a number has no brackets of its own there.
fn write_element(to: &mut Printer<'_>, shape: Shape, address: u64) -> Result<bool, fmt::Error> {
    let kind = match shape {
        Shape::Int | Shape::Fd => Kind::Int,
        Shape::Uint => Kind::Uint,
        Shape::Id => Kind::Id,
        Shape::Long => Kind::Long,
        Shape::Size | Shape::ULong => Kind::Size,
        Shape::Address | Shape::Pointer => Kind::Pointer,
        Shape::Residency => Kind::Residency,
        _ => return write_one(to, shape, address, shape.size()),
    };
    let value = match shape.size() {
        1 => to.bytes(address).map(|[byte]| u64::from(byte)),
        4 => to.u32(address).map(u64::from),
        _ => to.u64(address),
    };
    match value {
        Some(value) => value::write_value(to, kind, value).map(|()| true),
        None => Ok(false),
    }
}

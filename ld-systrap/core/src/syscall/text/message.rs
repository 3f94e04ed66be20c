//! Messages of sockets.

use super::printer::{Printer, u32_at, u64_at};
use super::{address, control, value, vectors};
use crate::syscall::values;
use core::fmt::{self, Write};

/// How many bytes a `struct msghdr` with the count of its bytes has.
const COUNTED: u64 = 64;

/// Writes a message; `filled` bytes of its vectors are there, `before` is its name's former length.
pub(super) fn write_message(
    to: &mut Printer<'_>,
    at: u64,
    filled: u64,
    before: Option<u32>,
    failed: bool,
) -> fmt::Result {
    let Some(bytes) = to.bytes::<56>(at) else {
        return write!(to, "{at:#x}");
    };
    if failed {
        match before {
            Some(length) => return write!(to, "{{msg_namelen={length}}}"),
            None => return write!(to, "{at:#x}"),
        }
    }
    let length = u32_at(&bytes, 8);
    let known = before.map_or(length, |before| before.min(length));
    to.write_str("{msg_name=")?;
    address::write_address(to, u64_at(&bytes, 0), known.into())?;
    to.write_str(", msg_namelen=")?;
    match before {
        Some(before) if before != length => write!(to, "{before} => {length}")?,
        _ => write!(to, "{length}")?,
    }
    let vectors = u64_at(&bytes, 24);
    to.write_str(", msg_iov=")?;
    vectors::write_vectors(to, u64_at(&bytes, 16), vectors, Some(filled))?;
    write!(to, ", msg_iovlen={vectors}")?;
    let (data, size) = (u64_at(&bytes, 32), u64_at(&bytes, 40));
    if size > 0 {
        to.write_str(", msg_control=")?;
        control::write_control(to, data, size)?;
    }
    write!(to, ", msg_controllen={size}, msg_flags=")?;
    value::write_flags(to, &values::MSG, u32_at(&bytes, 48).into())?;
    to.write_str("}")
}

/// Writes `count` messages. Of received ones, `before` has the lengths that their names had room for; of those
/// that could not be sent, there is no count of bytes.
pub(super) fn write_messages(
    to: &mut Printer<'_>,
    at: u64,
    count: u64,
    before: Option<&[u32]>,
    sent: bool,
) -> fmt::Result {
    if count == 0 {
        return to.write_str("[]");
    }
    for index in 0..count {
        let element = at.wrapping_add(index * COUNTED);
        let Some(bytes) = to.bytes::<{ COUNTED as usize }>(element) else {
            return match index {
                0 => write!(to, "{at:#x}"),
                _ => write!(to, ", ... /* {element:#x} */]"),
            };
        };
        to.write_str(if index == 0 { "[" } else { ", " })?;
        if index == to.longest as u64 {
            return to.write_str("...]");
        }
        let length = u32_at(&bytes, 56);
        let filled = if before.is_some() {
            length.into()
        } else {
            u64::MAX
        };
        let before = before.and_then(|before| before.get(index as usize));
        to.write_str("{msg_hdr=")?;
        write_message(to, element, filled, before.copied(), false)?;
        if sent {
            write!(to, ", msg_len={length}")?;
        }
        to.write_str("}")?;
    }
    to.write_str("]")
}

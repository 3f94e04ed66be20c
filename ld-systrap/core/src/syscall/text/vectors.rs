//! Vectors of bytes, and lengths that the kernel replaces.

use super::printer::{Printer, u64_at};
use super::quote;
use crate::syscall::signal::Pointer;
use core::fmt::{self, Write};

/// Writes a length that the kernel replaced: `[16]`, or `[128 => 16]`.
pub(super) fn write_length(
    to: &mut Printer<'_>,
    address: u64,
    before: Option<u32>,
    failed: bool,
) -> fmt::Result {
    match (before, to.u32(address)) {
        (Some(before), Some(after)) if before != after && !failed => {
            write!(to, "[{} => {}]", before as i32, after as i32)
        }
        (Some(before), _) => write!(to, "[{}]", before as i32),
        (None, _) => write!(to, "{address:#x}"),
    }
}

/// Writes vectors with the bytes that they point to, of which `filled` are there; without, none.
pub(super) fn write_vectors(
    to: &mut Printer<'_>,
    address: u64,
    count: u64,
    filled: Option<u64>,
) -> fmt::Result {
    if address == 0 {
        return to.write_str("NULL");
    }
    if count == 0 {
        return to.write_str("[]");
    }
    let mut left = filled;
    let longest = to.longest as u64;
    for index in 0..count {
        let element = address.wrapping_add(index * 16);
        let Some(bytes) = to.bytes::<16>(element) else {
            return match index {
                0 => write!(to, "{address:#x}"),
                _ => write!(to, ", ... /* {element:#x} */]"),
            };
        };
        if index == longest {
            return to.write_str(if index == 0 { "[...]" } else { ", ...]" });
        }
        let (base, length) = (u64_at(&bytes, 0), u64_at(&bytes, 8));
        to.write_str(if index == 0 {
            "[{iov_base="
        } else {
            ", {iov_base="
        })?;
        match left {
            Some(all) => {
                quote::write_bytes(to, base, length.min(all))?;
                left = Some(if all == u64::MAX {
                    all
                } else {
                    all.saturating_sub(length)
                });
            }
            None => write!(to, "{}", Pointer(base))?,
        }
        write!(to, ", iov_len={length}}}")?;
    }
    to.write_str("]")
}

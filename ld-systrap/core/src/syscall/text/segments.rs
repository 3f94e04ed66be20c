//! Descriptors of segments: `struct user_desc`.

use super::printer::{Printer, u32_at};
use core::fmt::{self, Write};

/// Writes a descriptor of `length` bytes; returns whether it could be read and has its size.
pub(super) fn write_descriptor(
    to: &mut Printer<'_>,
    address: u64,
    length: u64,
) -> Result<bool, fmt::Error> {
    let Some(bytes) = to.bytes::<16>(address).filter(|_| length == 16) else {
        return Ok(false);
    };
    match u32_at(&bytes, 0) {
        u32::MAX => to.write_str("{entry_number=-1")?,
        entry => write!(to, "{{entry_number={entry}")?,
    }
    for (name, offset) in [("base_addr", 4), ("limit", 8)] {
        match u32_at(&bytes, offset) {
            0 => write!(to, ", {name}=00000000")?,
            number => write!(to, ", {name}={number:#010x}")?,
        }
    }
    let bits = u32_at(&bytes, 12);
    for (name, shift, width) in [
        ("seg_32bit", 0, 1),
        ("contents", 1, 2),
        ("read_exec_only", 3, 1),
        ("limit_in_pages", 4, 1),
        ("seg_not_present", 5, 1),
        ("useable", 6, 1),
        ("lm", 7, 1),
    ] {
        write!(to, ", {name}={}", bits >> shift & ((1 << width) - 1))?;
    }
    to.write_str("}")?;
    Ok(true)
}

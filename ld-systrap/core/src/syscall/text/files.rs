//! What calls on files and descriptors say: kinds of files, times, descriptors, terminals.

use super::printer::{Printer, u16_at, u32_at, u64_at};
use super::{quote, value};
use crate::address::Address;
use crate::syscall::shape::Shape;
use crate::syscall::values;
use core::fmt::{self, Write};

/// The highest number of descriptors that a set is looked through for.
const DESCRIPTORS: u64 = 1 << 16;

/// The most directory entries that are counted: more than any buffer that programs use holds.
const ENTRIES: u32 = 1 << 17;

/// Writes `struct stat` from a copy.
pub(super) fn write_stat(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    let mode = u32_at(bytes, 24);
    to.write_str("{st_mode=")?;
    value::write_file_mode(to, mode as u16)?;
    write_size_or_device(to, "st", mode, u64_at(bytes, 48), u64_at(bytes, 40))?;
    to.write_str(", ...}")
}

/// Writes `struct statx` from a copy.
pub(super) fn write_statx(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    to.write_str("{stx_mask=")?;
    value::write_flags(to, &values::STATX, u32_at(bytes, 0).into())?;
    to.write_str(", stx_attributes=")?;
    value::write_flags(to, &values::STATX_ATTRIBUTES, u64_at(bytes, 8))?;
    to.write_str(", stx_mode=")?;
    value::write_file_mode(to, u16_at(bytes, 28))?;
    write!(to, ", stx_size={}, ...}}", u64_at(bytes, 40))
}

/// Writes how large a file is, or which device it stands for.
fn write_size_or_device(
    to: &mut Printer<'_>,
    prefix: &str,
    mode: u32,
    size: u64,
    device: u64,
) -> fmt::Result {
    match mode & 0o170_000 {
        0o020_000 | 0o060_000 => {
            write!(to, ", {prefix}_rdev=")?;
            value::write_device(to, device)
        }
        _ => write!(to, ", {prefix}_size={}", size as i64),
    }
}

/// Writes a set of descriptors below `count`; returns whether it could be read.
pub(super) fn write_descriptors(
    to: &mut Printer<'_>,
    address: u64,
    count: u64,
) -> Result<bool, fmt::Error> {
    // A negative number of descriptors is an error, and nothing is read.
    if count > i32::MAX as u64 {
        return Ok(false);
    }
    let count = count.min(DESCRIPTORS);
    let words = count.div_ceil(64);
    if !to.can_read(address, words * 8) {
        return Ok(false);
    }
    let mut space = "[";
    for word in 0..words {
        let Some(bits) = to.u64(address.wrapping_add(word * 8)) else {
            break;
        };
        for bit in (0..64).filter(|bit| bits >> bit & 1 != 0) {
            let descriptor = word * 64 + bit;
            if descriptor < count {
                write!(to, "{space}{descriptor}")?;
                space = " ";
            }
        }
    }
    to.write_str(if space == "[" { "[]" } else { "]" })?;
    Ok(true)
}

/// Whether a set has no descriptor below `count`.
pub(super) fn is_empty(to: &Printer<'_>, address: u64, count: u64) -> bool {
    let count = if count > i32::MAX as u64 {
        0
    } else {
        count.min(DESCRIPTORS)
    };
    (0..count.div_ceil(64)).all(|word| {
        let below = count - word * 64;
        let mask = if below < 64 {
            (1 << below) - 1
        } else {
            u64::MAX
        };
        to.u64(address.wrapping_add(word * 8))
            .is_none_or(|bits| bits & mask == 0)
    })
}

/// Writes what poll(2) waits for at one descriptor.
pub(super) fn write_pollfd(to: &mut Printer<'_>, fd: i32, events: u16) -> fmt::Result {
    write!(to, "{{fd={fd}")?;
    if fd >= 0 {
        to.write_str(", events=")?;
        value::write_flags(to, &values::POLL, events.into())?;
    }
    to.write_str("}")
}

/// Writes `struct open_how`; returns whether it could be read.
pub(super) fn write_open_how(
    to: &mut Printer<'_>,
    address: u64,
    size: u64,
) -> Result<bool, fmt::Error> {
    if size < Shape::OpenHow.size() {
        return Ok(false);
    }
    let Some(bytes) = to.bytes::<24>(address) else {
        return Ok(false);
    };
    let (flags, mode) = (u64_at(&bytes, 0), u64_at(&bytes, 8));
    to.write_str("{flags=")?;
    value::write_open_flags(to, flags)?;
    if flags & 0o20_000_100 != 0 || mode != 0 {
        to.write_str(", mode=")?;
        value::write_mode(to, mode)?;
    }
    to.write_str(", resolve=")?;
    value::write_flags(to, &values::RESOLVE, u64_at(&bytes, 16))?;
    quote::write_unknown_rest(to, address, Shape::OpenHow.size(), size)?;
    to.write_str("}")?;
    Ok(true)
}

/// Writes how many directory entries a buffer of `length` bytes has.
pub(super) fn write_entries(
    to: &mut Printer<'_>,
    shape: Shape,
    address: u64,
    length: u64,
) -> fmt::Result {
    let _ = shape;
    let mut offset = 0;
    let mut entries = 0;
    while offset < length && entries < ENTRIES {
        // `d_reclen` follows inode and offset in both forms.
        let mut size = [0; 2];
        let at = Address(address).add(offset).add(16);
        if to.memory().read(at, &mut size).is_err() || size == [0, 0] {
            break;
        }
        offset += u64::from(u16::from_le_bytes(size));
        entries += 1;
    }
    write!(to, "{address:#x} /* {entries} entries */")
}

/// Writes the settings of a terminal from a copy.
pub(super) fn write_terminal(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    let [input, output, control, local] = [0, 4, 8, 12].map(|offset| u32_at(bytes, offset).into());
    to.write_str("{c_iflag=")?;
    value::write_flags(to, &values::TERMINAL_INPUT, input)?;
    to.write_str(", c_oflag=")?;
    for (names, mask) in [
        (&values::NEWLINE_DELAY, 0o400),
        (&values::RETURN_DELAY, 0o3000),
        (&values::TAB_DELAY, 0o14000),
        (&values::BACKSPACE_DELAY, 0o20000),
        (&values::VERTICAL_DELAY, 0o40000),
        (&values::FORM_DELAY, 0o100_000),
    ] {
        value::write_choice(to, names, output & mask)?;
        to.write_str(if mask == 0o100_000 { "" } else { "|" })?;
    }
    value::write_more_flags(to, &values::TERMINAL_OUTPUT, output & !0o177_400)?;
    to.write_str(", c_cflag=")?;
    value::write_choice(to, &values::BAUD, control & 0o10017)?;
    to.write_str("|")?;
    value::write_choice(to, &values::CHARACTER_SIZE, control & 0o60)?;
    value::write_more_flags(to, &values::TERMINAL_CONTROL, control & !0o10077)?;
    to.write_str(", c_lflag=")?;
    value::write_flags(to, &values::TERMINAL_LOCAL, local)?;
    to.write_str(", ...}")
}

//! How a thread is scheduled: `struct sched_attr`, which has grown and says itself how long it is.

use super::printer::{Printer, u32_at, u64_at};
use super::value;
use crate::address::Address;
use crate::syscall::values;
use core::fmt::{self, Write};

/// The first form of the structure, and the last one that is known.
const FIRST: u32 = 48;
const KNOWN: u32 = 56;

/// Flags that leave the policy, or its parameters, as they are.
const KEEP_POLICY: u64 = 8;
const KEEP_PARAMETERS: u64 = 16;

/// Writes the attributes that sched_getattr has stored in `room` bytes; returns whether they could be read.
pub(super) fn write_attributes(
    to: &mut Printer<'_>,
    address: u64,
    room: u64,
) -> Result<bool, fmt::Error> {
    let length = u32::try_from(room).unwrap_or(KNOWN).min(KNOWN);
    if length < FIRST {
        return Ok(false);
    }
    write(to, address, length, false)
}

/// Writes the attributes that sched_setattr reads, as far as the kernel looks at them; returns whether they
/// could be read.
pub(super) fn write_wanted(to: &mut Printer<'_>, address: u64) -> Result<bool, fmt::Error> {
    let Some(size) = to.u32(address) else {
        return Ok(false);
    };
    match size {
        // An old program that does not know of the field means the first form.
        0 => write(to, address, FIRST, true),
        size if size < FIRST => write!(to, "{{size={size}}}").map(|()| true),
        size => write(to, address, size, true),
    }
}

/// Writes the length that the kernel has stored when it refuses another one.
pub(super) fn write_known_size(to: &mut Printer<'_>, address: u64) -> fmt::Result {
    match to.u32(address) {
        Some(size) => write!(to, " => {{size={size}}}"),
        None => Ok(()),
    }
}

fn write(to: &mut Printer<'_>, address: u64, size: u32, wanted: bool) -> Result<bool, fmt::Error> {
    let mut buffer = [0; KNOWN as usize];
    let Some(bytes) = buffer.get_mut(..size.min(KNOWN) as usize) else {
        return Ok(false);
    };
    if to.memory().read(Address(address), bytes).is_err() {
        return Ok(false);
    }
    let flags = u64_at(bytes, 8);
    let keeps = |bit| wanted && flags & bit != 0;
    write!(to, "{{size={}", u32_at(bytes, 0))?;
    if !keeps(KEEP_POLICY) && !keeps(KEEP_PARAMETERS) {
        to.write_str(", sched_policy=")?;
        value::write_choice(to, &values::SCHEDULER, u32_at(bytes, 4).into())?;
    }
    to.write_str(", sched_flags=")?;
    value::write_flags(to, &values::SCHEDULER_FLAGS, flags)?;
    if !keeps(KEEP_PARAMETERS) {
        let (nice, priority) = (u32_at(bytes, 16) as i32, u32_at(bytes, 20));
        write!(to, ", sched_nice={nice}, sched_priority={priority}")?;
        write!(to, ", sched_runtime={}", u64_at(bytes, 24))?;
        write!(to, ", sched_deadline={}", u64_at(bytes, 32))?;
        write!(to, ", sched_period={}", u64_at(bytes, 40))?;
    }
    if bytes.len() == KNOWN as usize {
        let (least, most) = (u32_at(bytes, 48), u32_at(bytes, 52));
        write!(to, ", sched_util_min={least}, sched_util_max={most}")?;
    }
    to.write_str(if size > KNOWN { ", ...}" } else { "}" })?;
    Ok(true)
}

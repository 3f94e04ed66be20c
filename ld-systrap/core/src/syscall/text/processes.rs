//! What calls on processes and the system say: programs, children, threads, names.

use super::printer::{Printer, u16_at, u32_at, u64_at};
use super::{CallView, quote, value};
use crate::address::Address;
use crate::syscall::description::Description;
use crate::syscall::footprint::node_words;
use crate::syscall::shape::Shape;
use crate::syscall::signal::{Pointer, write_signal_name};
use crate::syscall::values;
use core::fmt::{self, Write};

/// How many variables of an environment are counted: more than the kernel takes.
const VARIABLES: u64 = 1 << 18;

/// The highest number of processors that a set is looked through for, in bytes.
const PROCESSORS: u64 = 1024;

/// Writes the arguments of calls whose arguments have names; returns whether this is one.
pub(super) fn write_named_entry(
    to: &mut Printer<'_>,
    call: &CallView,
    description: &Description,
) -> Result<bool, fmt::Error> {
    if description.name != "clone" {
        return Ok(false);
    }
    let flags = call.argument(0);
    write!(to, "child_stack={}, flags=", Pointer(call.argument(1)))?;
    let (bits, signal) = (flags & !0xff, flags & 0xff);
    if bits != 0 {
        value::write_flags(to, &values::CLONE, bits)?;
    }
    if signal != 0 {
        to.write_str(if bits != 0 { "|" } else { "" })?;
        write_signal_name(to, signal)?;
    } else if bits == 0 {
        to.write_str("0")?;
    }
    Ok(true)
}

/// Writes what clone adds after its flags: before the call it is not known what the kernel stores.
pub(super) fn write_clone_exit(
    to: &mut Printer<'_>,
    call: &CallView,
    success: bool,
) -> fmt::Result {
    let flags = call.argument(0);
    let (pidfd, set_parent) = (flags & 0x1000 != 0, flags & 0x0010_0000 != 0);
    let (clear_child, set_child) = (flags & 0x0020_0000 != 0, flags & 0x0100_0000 != 0);
    if pidfd || set_parent {
        to.write_str(if set_parent {
            ", parent_tid="
        } else {
            ", pidfd="
        })?;
        match to.u32(call.argument(2)) {
            Some(number) if success => write!(to, "[{number}]")?,
            _ => write!(to, "{}", Pointer(call.argument(2)))?,
        }
    }
    // CLONE_SETTLS
    if flags & 0x0008_0000 != 0 {
        write!(to, ", tls={:#x}", call.argument(4))?;
    }
    if set_child || clear_child {
        write!(to, ", child_tidptr={}", Pointer(call.argument(3)))?;
    }
    Ok(())
}

/// Writes `struct clone_args`; returns whether it could be read.
pub(super) fn write_clone_arguments(
    to: &mut Printer<'_>,
    address: u64,
    size: u64,
) -> Result<bool, fmt::Error> {
    let mut bytes = [0; 88];
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size < 64 {
        return Ok(false);
    }
    let Some(part) = bytes.get_mut(..size.min(88)) else {
        return Ok(false);
    };
    if to.memory().read(Address(address), part).is_err() {
        return Ok(false);
    }
    let flags = u64_at(&bytes, 0);
    to.write_str("{flags=")?;
    value::write_flags(to, &values::CLONE3, flags)?;
    if flags & 0x1000 != 0 {
        write!(to, ", pidfd={}", Pointer(u64_at(&bytes, 8)))?;
    }
    if flags & 0x0120_0000 != 0 {
        write!(to, ", child_tid={}", Pointer(u64_at(&bytes, 16)))?;
    }
    if flags & 0x0010_0000 != 0 {
        write!(to, ", parent_tid={}", Pointer(u64_at(&bytes, 24)))?;
    }
    to.write_str(", exit_signal=")?;
    write_signal_name(to, u64_at(&bytes, 32))?;
    write!(to, ", stack={}, stack_size=", Pointer(u64_at(&bytes, 40)))?;
    value::write_hex(to, u64_at(&bytes, 48))?;
    if flags & 0x0008_0000 != 0 {
        write!(to, ", tls={:#x}", u64_at(&bytes, 56))?;
    }
    if u64_at(&bytes, 64) != 0 || u64_at(&bytes, 72) != 0 {
        let count = u64_at(&bytes, 72);
        to.write_str(", set_tid=")?;
        super::arrays::write_array(to, Shape::Fd, u64_at(&bytes, 64), count)?;
        write!(to, ", set_tid_size={count}")?;
    }
    if flags & 0x2_0000_0000 != 0 {
        write!(to, ", cgroup={}", u64_at(&bytes, 80))?;
    }
    to.write_str("}")?;
    Ok(true)
}

/// Writes what clone3 stored for its caller.
pub(super) fn write_clone_changes(to: &mut Printer<'_>, call: &CallView) -> fmt::Result {
    let Some(bytes) = to.bytes::<64>(call.argument(0)) else {
        return Ok(());
    };
    let flags = u64_at(&bytes, 0);
    let pidfd = (flags & 0x1000 != 0)
        .then(|| to.u32(u64_at(&bytes, 8)))
        .flatten();
    let parent = (flags & 0x0010_0000 != 0)
        .then(|| to.u32(u64_at(&bytes, 24)))
        .flatten();
    match (pidfd, parent) {
        (None, None) => Ok(()),
        (Some(fd), None) => write!(to, " => {{pidfd=[{fd}]}}"),
        (None, Some(tid)) => write!(to, " => {{parent_tid=[{tid}]}}"),
        (Some(fd), Some(tid)) => write!(to, " => {{pidfd=[{fd}], parent_tid=[{tid}]}}"),
    }
}

/// Writes the strings that a list of addresses points to, as many as are wanted.
pub(super) fn write_strings(to: &mut Printer<'_>, address: u64) -> fmt::Result {
    let longest = to.longest as u64;
    for index in 0..=longest {
        let element = address.wrapping_add(index * 8);
        let Some(string) = to.u64(element) else {
            return match index {
                0 => write!(to, "{address:#x}"),
                _ => write!(to, ", ... /* {element:#x} */]"),
            };
        };
        if string == 0 {
            return to.write_str(if index == 0 { "[]" } else { "]" });
        }
        to.write_str(if index == 0 { "[" } else { ", " })?;
        if index == longest {
            return to.write_str("...]");
        }
        quote::write_string(to, string)?;
    }
    Ok(())
}

/// Writes how many variables an environment has.
pub(super) fn write_environment(to: &mut Printer<'_>, address: u64) -> fmt::Result {
    let mut count = 0;
    let unterminated = loop {
        match to.u64(address.wrapping_add(count * 8)) {
            Some(0) => break "",
            Some(_) if count < VARIABLES => count += 1,
            Some(_) => break ", unterminated",
            None if count == 0 => return write!(to, "{address:#x}"),
            None => break ", unterminated",
        }
    };
    let plural = if count == 1 { "" } else { "s" };
    write!(to, "{address:#x} /* {count} var{plural}{unterminated} */")
}

/// Writes what became of a child.
pub(super) fn write_status(to: &mut Printer<'_>, status: u32) -> fmt::Result {
    let (signal, code) = (u64::from(status & 0x7f), status >> 8 & 0xff);
    to.write_str("[{")?;
    if status == 0xffff {
        to.write_str("WIFCONTINUED(s)")?;
    } else if status & 0xff == 0x7f {
        to.write_str("WIFSTOPPED(s) && WSTOPSIG(s) == ")?;
        if code & 0x80 != 0 {
            write_signal_name(to, u64::from(code & 0x7f))?;
            to.write_str(" | 0x80")?;
        } else {
            write_signal_name(to, code.into())?;
        }
    } else if signal == 0 {
        write!(to, "WIFEXITED(s) && WEXITSTATUS(s) == {code}")?;
    } else {
        to.write_str("WIFSIGNALED(s) && WTERMSIG(s) == ")?;
        write_signal_name(to, signal)?;
        to.write_str(if status & 0x80 != 0 {
            " && WCOREDUMP(s)"
        } else {
            ""
        })?;
    }
    to.write_str("}]")
}

/// Writes a set of processors of `length` bytes; returns whether it could be read.
pub(super) fn write_processors(
    to: &mut Printer<'_>,
    address: u64,
    length: u64,
) -> Result<bool, fmt::Error> {
    let mut space = "[";
    for index in 0..length.min(PROCESSORS) {
        let Some([byte]) = to.bytes::<1>(address.wrapping_add(index)) else {
            if index == 0 {
                return Ok(false);
            }
            break;
        };
        for bit in (0..8).filter(|bit| byte >> bit & 1 != 0) {
            write!(to, "{space}{}", index * 8 + bit)?;
            space = " ";
        }
    }
    to.write_str(if space == "[" { "[]" } else { "]" })?;
    Ok(true)
}

/// Writes a set of memory nodes that is said to have `bits`; returns whether it could be read.
pub(super) fn write_nodes(
    to: &mut Printer<'_>,
    address: u64,
    bits: u64,
) -> Result<bool, fmt::Error> {
    let words = node_words(bits);
    if bits == 0 {
        to.write_str("[]")?;
    }
    let longest = to.longest as u64;
    for index in 0..words {
        let at = address.wrapping_add(index * 8);
        let Some(word) = to.u64(at) else {
            if index == 0 {
                return Ok(false);
            }
            write!(to, ", ... /* {at:#x} */]")?;
            return Ok(true);
        };
        to.write_str(if index == 0 { "[" } else { ", " })?;
        if index == longest {
            to.write_str("...]")?;
            return Ok(true);
        }
        match word {
            0 => to.write_str("0000000000000000")?,
            word => write!(to, "{word:#016x}")?,
        }
    }
    to.write_str(if words > 0 { "]" } else { "" })?;
    Ok(bits == 0 || words > 0)
}

/// Writes `struct utsname` from a copy.
pub(super) fn write_system_name(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    to.write_str("{sysname=")?;
    write_name(to, bytes.get(..65).unwrap_or(&[]))?;
    to.write_str(", nodename=")?;
    write_name(to, bytes.get(65..130).unwrap_or(&[]))?;
    to.write_str(", ...}")
}

/// Writes an array of characters up to its first zero byte.
fn write_name(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    quote::write_slice(to, bytes.get(..end).unwrap_or(bytes))
}

/// Writes `struct sysinfo` from a copy.
pub(super) fn write_system_information(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    let long = |offset| u64_at(bytes, offset);
    write!(to, "{{uptime={}", long(0) as i64)?;
    write!(to, ", loads=[{}, {}, {}]", long(8), long(16), long(24))?;
    for (name, offset) in [
        ("totalram", 32),
        ("freeram", 40),
        ("sharedram", 48),
        ("bufferram", 56),
        ("totalswap", 64),
        ("freeswap", 72),
    ] {
        write!(to, ", {name}={}", long(offset))?;
    }
    write!(to, ", procs={}", u16_at(bytes, 80))?;
    write!(to, ", totalhigh={}, freehigh={}", long(88), long(96))?;
    write!(to, ", mem_unit={}}}", u32_at(bytes, 104))
}

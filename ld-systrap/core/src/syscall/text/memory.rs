//! Arguments that are memory: which text goes with which shape.

use super::printer::{Printer, u16_at, u32_at, u64_at};
use super::quote;
use super::{CallView, Phase, Returned, files, network, processes, signals, value};
use crate::address::Address;
use crate::syscall::dependent::Meaning;
use crate::syscall::description::{Direction, Extent, Kind, Length};
use crate::syscall::footprint::count;
use crate::syscall::layout::{Layout, layout};
use crate::syscall::shape::Shape;
use crate::syscall::signal::Pointer;
use core::fmt::{self, Write};

/// Writes the memory behind argument `index`, or its address where it cannot be read.
pub(super) fn write_memory(
    to: &mut Printer<'_>,
    call: &CallView,
    index: usize,
    meaning: Meaning,
    phase: Phase,
) -> fmt::Result {
    let address = call.argument(index);
    let Kind::Memory(shape) = meaning.kind else {
        return Ok(());
    };
    if address == 0 {
        return to.write_str("NULL");
    }
    let returned = match phase {
        Phase::After(returned, _) => returned,
        Phase::Before => Returned::Never,
    };
    let failed = match phase {
        // The rest of a sleep is told when, and only when, a signal has interrupted it.
        Phase::After(..) if shape == Shape::Timespec && is_sleep(call) => {
            returned != Returned::Value(EINTR.wrapping_neg())
        }
        Phase::After(..) => returned.success().is_none(),
        Phase::Before => false,
    };
    let only_written = meaning.direction == Direction::Out || shape == Shape::Mmsghdr;
    if failed && only_written {
        return write!(to, "{address:#x}");
    }
    let result = returned.success();
    match (shape, phase) {
        (Shape::Length, Phase::After(_, before)) => {
            return network::write_length(to, address, before, failed);
        }
        (Shape::Sockaddr, Phase::After(_, Some(before))) => {
            let length = count(call, length_of(meaning), result, to.memory()).unwrap_or(0);
            return network::write_address(to, address, length.min(before.into()));
        }
        (Shape::Sockaddr, Phase::After(_, None)) => return write!(to, "{address:#x}"),
        (Shape::Sockaddr, Phase::Before) => {
            let length = count(call, length_of(meaning), result, to.memory()).unwrap_or(0);
            return network::write_address(to, address, length);
        }
        (Shape::Option, _) => {
            let length = count(call, length_of(meaning), result, to.memory()).unwrap_or(0);
            let option = (call.low(1), call.low(2));
            return network::write_option(to, option, address, length as u32);
        }
        (Shape::Msghdr, Phase::After(_, before)) => {
            return network::write_message(to, address, result.unwrap_or(0), before, failed);
        }
        (Shape::Msghdr, Phase::Before) => {
            return network::write_message(to, address, u64::MAX, None, false);
        }
        (Shape::WaitStatus | Shape::Rusage, _) if is_wait(call) && result == Some(0) => {
            return write!(to, "{address:#x}");
        }
        (Shape::Siginfo, _) if result == Some(0) && call.form().is_some_and(is_waitid) => {
            return signals::write_waited(to, address);
        }
        (Shape::Dirents | Shape::Dirents64, _) => {
            return files::write_entries(to, shape, address, result.unwrap_or(0));
        }
        _ => {}
    }
    match meaning.extent {
        Extent::Elements(length) => {
            let elements = count(call, length, result, to.memory()).unwrap_or(0);
            if matches!(shape, Shape::Buffers | Shape::Iovec) {
                // What is written comes first to first; before the call, all of it is there.
                let filled = if shape == Shape::Iovec {
                    u64::MAX
                } else {
                    result.unwrap_or(0)
                };
                if failed {
                    return network::write_vectors(to, address, elements, None);
                }
                return network::write_vectors(to, address, elements, Some(filled));
            }
            write_array(to, shape, address, elements)
        }
        Extent::Bytes(length) => {
            let bytes = count(call, length, result, to.memory()).unwrap_or(0);
            if !write_one(to, shape, address, bytes)? {
                write!(to, "{address:#x}")?;
            }
            Ok(())
        }
        Extent::Value | Extent::Shape => {
            if !write_one(to, shape, address, shape.size())? {
                write!(to, "{address:#x}")?;
            }
            Ok(())
        }
    }
}

const EINTR: u64 = 4;

/// Whether a call is nanosleep or clock_nanosleep.
fn is_sleep(call: &CallView) -> bool {
    let name = call.form().map(|form| form.name);
    matches!(name, Some("nanosleep" | "clock_nanosleep"))
}

/// Whether a call is wait4, which writes nothing when it returns 0.
fn is_wait(call: &CallView) -> bool {
    call.form().is_some_and(|form| form.name == "wait4")
}

/// Whether a description is that of waitid.
fn is_waitid(form: &crate::syscall::Description) -> bool {
    form.name == "waitid"
}

/// The length that an extent is counted by.
fn length_of(meaning: Meaning) -> Length {
    match meaning.extent {
        Extent::Bytes(length) | Extent::Elements(length) => length,
        Extent::Value | Extent::Shape => Length::Fixed(0),
    }
}

/// Writes `count` elements, as many as are wanted.
pub(super) fn write_array(
    to: &mut Printer<'_>,
    shape: Shape,
    address: u64,
    count: u64,
) -> fmt::Result {
    if count == 0 {
        return to.write_str("[]");
    }
    let longest = to.longest as u64;
    for index in 0..count.min(longest) {
        let element = address.wrapping_add(index.wrapping_mul(shape.size()));
        let mut probe = [0; 1];
        if to.memory().read(Address(element), &mut probe).is_err() {
            return match index {
                0 => write!(to, "{address:#x}"),
                _ => write!(to, ", ... /* {element:#x} */]"),
            };
        }
        to.write_str(if index == 0 { "[" } else { ", " })?;
        if !write_one(to, shape, element, shape.size())? {
            return write!(to, "... /* {element:#x} */]");
        }
    }
    to.write_str(if count > longest { ", ...]" } else { "]" })
}

/// Writes one thing of a shape that has `length` bytes; returns whether it could be read.
pub(super) fn write_one(
    to: &mut Printer<'_>,
    shape: Shape,
    address: u64,
    length: u64,
) -> Result<bool, fmt::Error> {
    match shape {
        Shape::Bytes => quote::write_bytes(to, address, length)?,
        Shape::Opaque => quote::write_opaque(to, address, length)?,
        Shape::Path => quote::write_path(to, address)?,
        Shape::CStr => quote::write_string(to, address)?,
        Shape::Strings => processes::write_strings(to, address)?,
        Shape::Environment => processes::write_environment(to, address)?,
        Shape::Sigset => return signals::write_set(to, address, length),
        Shape::SigsetAndSize => return signals::write_set_and_size(to, address),
        Shape::FdSet => return files::write_descriptors(to, address, length),
        Shape::Pollfd => {
            let Some(bytes) = to.bytes::<8>(address) else {
                return Ok(false);
            };
            files::write_pollfd(to, u32_at(&bytes, 0) as i32, u16_at(&bytes, 4))?;
        }
        Shape::CpuSet => return processes::write_processors(to, address, length),
        Shape::NodeMask => return processes::write_nodes(to, address, length),
        Shape::OpenHow => return files::write_open_how(to, address, length),
        Shape::CloneArgs => return processes::write_clone_arguments(to, address, length),
        Shape::Mmsghdr => return network::write_counted_message(to, address),
        Shape::RemoteIovec => {
            let Some(bytes) = to.bytes::<16>(address) else {
                return Ok(false);
            };
            let base = Pointer(u64_at(&bytes, 0));
            write!(to, "{{iov_base={base}, iov_len={}}}", u64_at(&bytes, 8))?;
        }
        Shape::Msgbuf => {
            let Some(kind) = to.u64(address) else {
                return Ok(false);
            };
            write!(to, "{{mtype={}, mtext=", kind as i64)?;
            quote::write_bytes(to, address.wrapping_add(8), length)?;
            to.write_str("}")?;
        }
        Shape::SchedAttr if length > 0 && length < shape.size() => return Ok(false),
        _ => return write_fixed(to, shape, address),
    }
    Ok(true)
}

/// Writes a structure of fixed size, which is copied as a whole first.
fn write_fixed(to: &mut Printer<'_>, shape: Shape, address: u64) -> Result<bool, fmt::Error> {
    let mut buffer = [0; 512];
    let size = usize::try_from(shape.size()).unwrap_or(0);
    let Some(bytes) = buffer.get_mut(..size).filter(|bytes| !bytes.is_empty()) else {
        return Ok(false);
    };
    if to.memory().read(Address(address), bytes).is_err() {
        return Ok(false);
    }
    write_copy(to, shape, bytes)
}

/// Writes a structure from a copy of its bytes; returns whether there is text for its shape.
pub(super) fn write_copy(
    to: &mut Printer<'_>,
    shape: Shape,
    bytes: &[u8],
) -> Result<bool, fmt::Error> {
    let (low, long) = (u32_at(bytes, 0), u64_at(bytes, 0));
    match shape {
        Shape::Fd | Shape::Int | Shape::SchedParam if shape == Shape::Fd => {
            write!(to, "{}", low as i32)?;
        }
        Shape::Int | Shape::SchedParam => write!(to, "[{}]", low as i32)?,
        Shape::MemoryPolicy => {
            to.write_str("[")?;
            value::write_memory_policy(to, low)?;
            to.write_str("]")?;
        }
        Shape::Uint | Shape::Length => write!(to, "[{low}]")?,
        Shape::Id => write!(to, "[{low}]")?,
        Shape::Long => write!(to, "[{}]", long as i64)?,
        Shape::Size | Shape::ULong => write!(to, "[{long}]")?,
        Shape::Address | Shape::Pointer => write!(to, "[{}]", Pointer(long))?,
        Shape::EpollData => write!(to, "{{u32={low}, u64={long}}}")?,
        Shape::Sigval => {
            write!(
                to,
                "{{sival_int={}, sival_ptr={}}}",
                low as i32,
                Pointer(long)
            )?;
        }
        Shape::Fsid => {
            to.write_str("{val=[")?;
            value::write_hex(to, low.into())?;
            to.write_str(", ")?;
            value::write_hex(to, u32_at(bytes, 4).into())?;
            to.write_str("]}")?;
        }
        Shape::Stat => files::write_stat(to, bytes)?,
        Shape::Statx => files::write_statx(to, bytes)?,
        Shape::UpdateTime => files::write_update_time(to, bytes)?,
        Shape::Sigaction => signals::write_action(to, bytes)?,
        Shape::Siginfo => match bytes.first_chunk() {
            Some(bytes) => crate::syscall::signal::write_siginfo(to, bytes)?,
            None => return Ok(false),
        },
        Shape::Sigevent => signals::write_event(to, bytes)?,
        Shape::WaitStatus => processes::write_status(to, low)?,
        Shape::Utsname => processes::write_system_name(to, bytes)?,
        Shape::Sysinfo => processes::write_system_information(to, bytes)?,
        Shape::Termios => files::write_terminal(to, bytes)?,
        shape => match layout(shape) {
            Some(layout) => write_fields(to, layout, bytes)?,
            None => return Ok(false),
        },
    }
    Ok(true)
}

/// Writes the fields of a structure from a copy of its bytes.
fn write_fields(to: &mut Printer<'_>, layout: &Layout, bytes: &[u8]) -> fmt::Result {
    to.write_str("{")?;
    for (index, field) in layout.fields.iter().take(layout.shown).enumerate() {
        write!(to, "{}{}=", if index > 0 { ", " } else { "" }, field.name)?;
        match field.kind {
            Kind::Memory(shape) => {
                write_copy(to, shape, bytes.get(field.offset..).unwrap_or(&[]))?;
            }
            kind => {
                let field = match kind.width() {
                    2 => u16_at(bytes, field.offset).into(),
                    8 => u64_at(bytes, field.offset),
                    _ => u32_at(bytes, field.offset).into(),
                };
                value::write_value(to, kind, field)?;
            }
        }
    }
    to.write_str(if layout.fields.len() > layout.shown {
        ", ...}"
    } else {
        "}"
    })
}

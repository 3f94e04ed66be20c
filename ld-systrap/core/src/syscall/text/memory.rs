//! Arguments that are memory: which text goes with which shape.

use super::arrays;
use super::printer::{Printer, u16_at, u32_at, u64_at};
use super::quote;
use super::{
    CallView, Phase, address, asynchronous, bare, files, message, option, processes, scheduling,
    segments, signals, times, value, vectors,
};
use crate::address::Address;
use crate::syscall::dependent::Meaning;
use crate::syscall::description::{Extent, Kind, Length};
use crate::syscall::footprint::{count, pages, room};
use crate::syscall::layout::{Layout, layout};
use crate::syscall::shape::Shape;
use crate::syscall::signal::Pointer;
use crate::syscall::values;
use core::fmt::{self, Write};

/// Writes the memory behind argument `index`, or its address where it cannot be read.
pub(super) fn write_memory(
    to: &mut Printer<'_>,
    call: &CallView,
    index: usize,
    meaning: Meaning,
    phase: Phase<'_>,
) -> fmt::Result {
    let at = call.argument(index);
    let Kind::Memory(shape) = meaning.kind else {
        return Ok(());
    };
    if at == 0 {
        return to.write_str("NULL");
    }
    if bare::is_bare(to, call, meaning, phase) {
        return write!(to, "{at:#x}");
    }
    let failed = bare::has_failed(call, shape, phase);
    let result = phase.returned().success();
    match (shape, phase) {
        (Shape::Length, Phase::After(_, before)) => {
            return vectors::write_length(to, at, before.first().copied(), failed);
        }
        (Shape::Sockaddr, Phase::After(_, [before, ..])) => {
            let length = count(call, length_of(meaning), result, to.memory()).unwrap_or(0);
            return address::write_address(to, at, length.min((*before).into()));
        }
        (Shape::Sockaddr, Phase::After(_, [])) => return write!(to, "{at:#x}"),
        (Shape::Sockaddr, Phase::Before) => {
            let length = count(call, length_of(meaning), result, to.memory()).unwrap_or(0);
            return address::write_address(to, at, length);
        }
        (Shape::Option, _) => {
            let length = count(call, length_of(meaning), result, to.memory()).unwrap_or(0);
            return option::write_option(to, call, at, length as u32);
        }
        (Shape::Msghdr, Phase::After(_, before)) => {
            let (filled, before) = (result.unwrap_or(0), before.first().copied());
            return message::write_message(to, at, filled, before, failed);
        }
        (Shape::Msghdr, Phase::Before) => {
            return message::write_message(to, at, u64::MAX, None, false);
        }
        (Shape::Siginfo, _) if result == Some(0) && call.form().is_some_and(is_waitid) => {
            return signals::write_waited(to, at);
        }
        (Shape::Mmsghdr, Phase::After(_, before)) => {
            // Those that were not received have no text; those that were not sent have.
            return match (call.form().map(|form| form.name), result) {
                (Some("recvmmsg"), Some(count)) => {
                    message::write_messages(to, at, count, Some(before), true)
                }
                (Some("recvmmsg"), None) => write!(to, "{at:#x}"),
                (_, Some(count)) => message::write_messages(to, at, count, None, true),
                (_, None) => {
                    let count = call.low(2).into();
                    message::write_messages(to, at, count, None, false)
                }
            };
        }
        (Shape::Dirents | Shape::Dirents64, _) => {
            return files::write_entries(to, shape, at, result.unwrap_or(0));
        }
        _ => {}
    }
    match meaning.extent {
        // Always the same number: the kernel copies them at once.
        Extent::Elements(Length::Fixed(elements)) if !to.can_read(at, elements * shape.size()) => {
            write!(to, "{at:#x}")
        }
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
                    return vectors::write_vectors(to, at, elements, None);
                }
                return vectors::write_vectors(to, at, elements, Some(filled));
            }
            arrays::write_array(to, shape, at, elements)
        }
        Extent::Bytes(length) if shape == Shape::Residency => {
            let bytes = count(call, length, result, to.memory()).unwrap_or(0);
            arrays::write_array(to, shape, at, pages(bytes))
        }
        Extent::Bytes(length) => {
            let bytes = count(call, length, result, to.memory()).unwrap_or(0);
            let room = room(call, index, length).unwrap_or(bytes);
            if room == 0 && (bytes > 0 || shape == Shape::AttributeNames) {
                return write!(to, "{at:#x}");
            }
            let bytes = bytes.min(room);
            if !write_one(to, shape, at, bytes)? {
                write!(to, "{at:#x}")?;
            }
            Ok(())
        }
        Extent::Value | Extent::Shape => {
            if !write_one(to, shape, at, shape.size())? {
                write!(to, "{at:#x}")?;
            }
            Ok(())
        }
    }
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
        Shape::Attribute => quote::write_attribute(to, address, length)?,
        Shape::AttributeNames => quote::write_bytes(to, address, length)?,
        Shape::PendingSignals => return signals::write_pending(to, address, length),
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
        Shape::Ldt => return segments::write_descriptor(to, address, length),
        Shape::SchedRequest => return scheduling::write_wanted(to, address),
        Shape::SchedAttr => return scheduling::write_attributes(to, address, length),
        Shape::Sigevent => return signals::write_event(to, address),
        Shape::LandlockRuleset if length < shape.size() => return Ok(false),
        // MFD_NAME_MAX_LEN, and the zero byte.
        Shape::MemfdName => quote::write_name(to, address, 255 - "memfd:".len() + 1)?,
        // The buffer of LINUX_REBOOT_CMD_RESTART2 has 256 bytes.
        Shape::RebootCommand if to.longest >= 255 => quote::write_name(to, address, 255)?,
        Shape::RebootCommand => quote::write_string(to, address)?,
        Shape::Iocb => return asynchronous::write_request(to, address, false),
        Shape::IocbAddress => {
            let Some(block) = to.u64(address) else {
                return Ok(false);
            };
            if !asynchronous::write_request(to, block, true)? {
                write!(to, "{}", Pointer(block))?;
            }
        }
        _ => return write_fixed(to, shape, address, length),
    }
    Ok(true)
}

/// Writes a structure of fixed size, which is copied as a whole first. Callers that know a newer form of it
/// say that it has more bytes.
fn write_fixed(
    to: &mut Printer<'_>,
    shape: Shape,
    address: u64,
    length: u64,
) -> Result<bool, fmt::Error> {
    let mut buffer = [0; 512];
    let size = usize::try_from(shape.size()).unwrap_or(0);
    let Some(bytes) = buffer.get_mut(..size).filter(|bytes| !bytes.is_empty()) else {
        return Ok(false);
    };
    if to.memory().read(Address(address), bytes).is_err() {
        return Ok(false);
    }
    match layout(shape) {
        Some(layout) => write_fields(to, layout, bytes, length > shape.size()).map(|()| true),
        None => write_copy(to, shape, bytes),
    }
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
            value::write_memory_policy(to, low.into())?;
            to.write_str("]")?;
        }
        Shape::Uint | Shape::Length => write!(to, "[{low}]")?,
        Shape::Id => write!(to, "[{low}]")?,
        Shape::IdPair => {
            to.write_str("[")?;
            value::write_value(to, Kind::Id, low.into())?;
            to.write_str(", ")?;
            value::write_value(to, Kind::Id, u32_at(bytes, 4).into())?;
            to.write_str("]")?;
        }
        Shape::Long => write!(to, "[{}]", long as i64)?,
        Shape::Size | Shape::ULong => write!(to, "[{long}]")?,
        Shape::Address | Shape::Pointer => write!(to, "[{}]", Pointer(long))?,
        Shape::SeccompAction | Shape::QuotaFormat | Shape::XfsQuotaFlags => {
            let kind = match shape {
                Shape::SeccompAction => Kind::Choice(&values::SECCOMP_ACTION),
                Shape::QuotaFormat => Kind::Choice(&values::QUOTA_FORMAT),
                _ => Kind::Flags(&values::QUOTA_OF_XFS),
            };
            to.write_str("[")?;
            value::write_value(to, kind, low.into())?;
            to.write_str("]")?;
        }
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
        Shape::UpdateTime => times::write_update_time(to, bytes)?,
        Shape::UpdateTimeval => times::write_update_timeval(to, bytes)?,
        Shape::Time => {
            to.write_str("[")?;
            value::write_value(to, Kind::Time, long)?;
            to.write_str("]")?;
        }
        Shape::PageStatus => write_page_status(to, low as i32)?,
        Shape::Sigaction => signals::write_action(to, bytes)?,
        Shape::Siginfo => match bytes.first_chunk() {
            Some(bytes) => crate::syscall::signal::write_siginfo(to, bytes)?,
            None => return Ok(false),
        },
        Shape::WaitStatus => processes::write_status(to, low)?,
        Shape::Utsname => processes::write_system_name(to, bytes)?,
        Shape::Sysinfo => processes::write_system_information(to, bytes)?,
        Shape::Termios => files::write_terminal(to, bytes)?,
        shape => match layout(shape) {
            Some(layout) => write_fields(to, layout, bytes, false)?,
            None => return Ok(false),
        },
    }
    Ok(true)
}

/// Writes the node that a page is on, or why it is on none.
fn write_page_status(to: &mut Printer<'_>, status: i32) -> fmt::Result {
    let error = (status < 0).then(|| crate::syscall::errno_name(status.unsigned_abs()));
    match error.flatten() {
        Some((name, _)) => write!(to, "-{name}"),
        None => write!(to, "{status}"),
    }
}

/// Writes the fields of a structure from a copy of its bytes.
fn write_fields(
    to: &mut Printer<'_>,
    layout: &Layout,
    bytes: &[u8],
    has_more: bool,
) -> fmt::Result {
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
    to.write_str(if has_more || layout.fields.len() > layout.shown {
        ", ...}"
    } else {
        "}"
    })
}

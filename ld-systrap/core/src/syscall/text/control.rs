//! Control messages: what goes with a message of a socket beside its bytes.

use super::printer::{Printer, u32_at, u64_at};
use super::{address, arrays, memory, quote, value};
use crate::syscall::shape::Shape;
use crate::syscall::signal::Pointer;
use crate::syscall::values;
use core::fmt::{self, Write};

/// How many bytes come before the data of a control message (`struct cmsghdr`).
const HEADER: u64 = 16;

const SOL_IP: u32 = 0;
const SOL_SOCKET: u32 = 1;

/// Writes the control messages that go with a message: `size` bytes of them.
pub(super) fn write_control(to: &mut Printer<'_>, control: u64, size: u64) -> fmt::Result {
    let mut left = size;
    for index in 0.. {
        let at = control.wrapping_add(size - left);
        let header = to.bytes::<{ HEADER as usize }>(at);
        let Some(bytes) = header.filter(|_| left >= HEADER) else {
            return match index {
                0 => write!(to, "{}", Pointer(control)),
                _ => write!(to, ", ... /* {at:#x} */]"),
            };
        };
        to.write_str(if index == 0 { "[" } else { ", " })?;
        if index == to.longest {
            return to.write_str("...]");
        }
        let (length, level, kind) = (u64_at(&bytes, 0), u32_at(&bytes, 8), u32_at(&bytes, 12));
        write!(to, "{{cmsg_len={length}, cmsg_level=")?;
        value::write_choice(to, &values::SOCKET_LEVEL, level.into())?;
        to.write_str(", cmsg_type=")?;
        match level {
            SOL_SOCKET => value::write_choice(to, &values::CONTROL_MESSAGE, kind.into())?,
            SOL_IP => value::write_choice(to, &values::IP_CONTROL_MESSAGE, kind.into())?,
            _ => value::write_hex(to, kind.into())?,
        }
        let bytes = length.min(left).saturating_sub(HEADER);
        if bytes > 0 {
            write_data(to, (level, kind), at.wrapping_add(HEADER), bytes)?;
        }
        to.write_str("}")?;
        if length < HEADER && left > HEADER {
            // One that is no control message has no end either.
            return write!(to, ", ... /* {:#x} */]", at.wrapping_add(HEADER));
        }
        let step = length.max(HEADER).saturating_add(7) & !7;
        if step >= left {
            break;
        }
        left -= step;
    }
    to.write_str("]")
}

/// Writes the data of a control message, of which there is at least one byte; nothing when there is too
/// little of it to mean anything.
fn write_data(
    to: &mut Printer<'_>,
    (level, kind): (u32, u32),
    data: u64,
    length: u64,
) -> fmt::Result {
    let element = match (level, kind) {
        // SCM_RIGHTS
        (SOL_SOCKET, 1) => Shape::Fd.size(),
        // SCM_CREDENTIALS
        (SOL_SOCKET, 2) => 12,
        // IP_PKTINFO
        (SOL_IP, 8) => 12,
        // IP_TTL, IP_CHECKSUM
        (SOL_IP, 2 | 23) => 4,
        // IP_RECVERR
        (SOL_IP, 11) => 32,
        // IP_ORIGDSTADDR
        (SOL_IP, 20) => 16,
        _ => 1,
    };
    if length < element {
        return Ok(());
    }
    to.write_str(", cmsg_data=")?;
    match (level, kind) {
        (SOL_SOCKET, 1) => arrays::write_array(to, Shape::Fd, data, length / element),
        // SO_TIMESTAMP and SO_TIMESTAMPNS, old and new: the same on x86-64; SO_TIMESTAMPING has three.
        (SOL_SOCKET, 29 | 35 | 63 | 64) if length < 16 => to.write_str("???"),
        (SOL_SOCKET, 37 | 65) if length < 48 => to.write_str("???"),
        (SOL_SOCKET, 29 | 63) => write_one(to, Shape::Timeval, data),
        (SOL_SOCKET, 35 | 64) => write_one(to, Shape::Timespec, data),
        (SOL_SOCKET, 37 | 65) => arrays::write_array(to, Shape::Timespec, data, 3),
        (SOL_IP, 1 | 6 | 7) => {
            let mut bytes = [0; 64];
            let part = length.min(to.longest.min(bytes.len()) as u64);
            let copy = bytes.get_mut(..part as usize).unwrap_or(&mut []);
            match to.memory().read(crate::address::Address(data), copy) {
                Ok(()) => address::write_numbers(to, copy, length > part),
                Err(_) => write!(to, "{data:#x}"),
            }
        }
        (SOL_SOCKET, 2) | (SOL_IP, _) => write_structure(to, (level, kind), data, length),
        _ => quote::write_bytes(to, data, length),
    }
}

/// Writes one thing of a shape, or its address.
fn write_one(to: &mut Printer<'_>, shape: Shape, at: u64) -> fmt::Result {
    if memory::write_one(to, shape, at, shape.size())? {
        Ok(())
    } else {
        write!(to, "{at:#x}")
    }
}

/// Writes data that is a structure of fixed size, of which there is enough.
fn write_structure(
    to: &mut Printer<'_>,
    (level, kind): (u32, u32),
    data: u64,
    length: u64,
) -> fmt::Result {
    let mut buffer = [0; 64];
    let part = length.min(buffer.len() as u64) as usize;
    let bytes = buffer.get_mut(..part).unwrap_or(&mut []);
    if to
        .memory()
        .read(crate::address::Address(data), bytes)
        .is_err()
    {
        return write!(to, "{data:#x}");
    }
    match (level, kind) {
        (SOL_SOCKET, _) => {
            let (pid, uid, gid) = (u32_at(bytes, 0), u32_at(bytes, 4), u32_at(bytes, 8));
            write!(to, "{{pid={pid}, uid={uid}, gid={gid}}}")
        }
        (_, 8) => {
            to.write_str("{ipi_ifindex=")?;
            address::write_interface(to, u32_at(bytes, 0))?;
            to.write_str(", ipi_spec_dst=")?;
            address::write_internet(to, u32_at(bytes, 4))?;
            to.write_str(", ipi_addr=")?;
            address::write_internet(to, u32_at(bytes, 8))?;
            to.write_str("}")
        }
        (_, 2 | 23) => write!(to, "[{}]", u32_at(bytes, 0)),
        (_, 11) => {
            let [origin, kind, code, _] = u32_at(bytes, 4).to_le_bytes();
            write!(to, "{{ee_errno={}, ee_origin={origin}", u32_at(bytes, 0))?;
            write!(to, ", ee_type={kind}, ee_code={code}")?;
            let (info, data) = (u32_at(bytes, 8), u32_at(bytes, 12));
            write!(to, ", ee_info={info}, ee_data={data}, offender=")?;
            address::write_copied_address(to, bytes.get(16..32).unwrap_or(&[]))?;
            to.write_str("}")
        }
        (_, 20) => address::write_copied_address(to, bytes.get(..16).unwrap_or(&[])),
        _ => quote::write_bytes(to, data, length),
    }
}

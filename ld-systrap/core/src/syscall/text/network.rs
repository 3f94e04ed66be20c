//! What calls on sockets say: addresses, options, messages and the vectors they are made of.

use super::printer::{Printer, u16_at, u32_at, u64_at};
use super::quote;
use super::value;
use crate::address::Address;
use crate::syscall::signal::Pointer;
use crate::syscall::values;
use core::fmt::{self, Write};
use core::net::{Ipv4Addr, Ipv6Addr};

/// The largest address of a socket (`struct sockaddr_storage`).
const STORAGE: usize = 128;

const AF_UNIX: u16 = 1;
const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
const AF_NETLINK: u16 = 16;

/// Writes a length that the kernel replaced: `[16]`, or `[128 => 16]`.
pub(super) fn write_length(
    to: &mut Printer<'_>,
    address: u64,
    before: Option<u32>,
    failed: bool,
) -> fmt::Result {
    match (before, to.u32(address)) {
        (Some(before), _) if failed => write!(to, "[{before}]"),
        (Some(before), Some(after)) if before != after => write!(to, "[{before} => {after}]"),
        (Some(before), _) => write!(to, "[{before}]"),
        (None, _) => write!(to, "{address:#x}"),
    }
}

/// Writes the address of a socket, which is `length` bytes.
pub(super) fn write_address(to: &mut Printer<'_>, address: u64, length: u64) -> fmt::Result {
    let mut buffer = [0; STORAGE];
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(STORAGE);
    let Some(bytes) = buffer.get_mut(..length).filter(|bytes| bytes.len() >= 2) else {
        return write!(to, "{}", Pointer(address));
    };
    if address == 0 || to.memory().read(Address(address), bytes).is_err() {
        return write!(to, "{}", Pointer(address));
    }
    let family = u16_at(bytes, 0);
    to.write_str("{sa_family=")?;
    value::write_choice(to, &values::FAMILY, family.into())?;
    match family {
        AF_UNIX if bytes.len() == 2 => {}
        AF_UNIX => write_local(to, bytes.get(2..).unwrap_or(&[]))?,
        AF_INET if bytes.len() >= 8 => {
            let ip = Ipv4Addr::from_bits(u32_at(bytes, 4).swap_bytes());
            let port = u16_at(bytes, 2).swap_bytes();
            write!(to, ", sin_port=htons({port}), sin_addr=inet_addr(\"{ip}\")")?;
        }
        AF_INET6 if bytes.len() >= 24 => write_internet6(to, bytes)?,
        AF_NETLINK if bytes.len() >= 12 => {
            write!(to, ", nl_pid={}, nl_groups=", u32_at(bytes, 4) as i32)?;
            match u32_at(bytes, 8) {
                0 => to.write_str("00000000")?,
                groups => write!(to, "{groups:#010x}")?,
            }
        }
        _ => {
            to.write_str(", sa_data=")?;
            quote::write_slice(to, bytes.get(2..).unwrap_or(&[]))?;
        }
    }
    to.write_str("}")
}

/// Writes the path of a local socket, or its name in the abstract namespace.
fn write_local(to: &mut Printer<'_>, path: &[u8]) -> fmt::Result {
    to.write_str(", sun_path=")?;
    match path.split_first() {
        Some((0, name)) => {
            to.write_str("@")?;
            quote::write_all(to, name)
        }
        _ => {
            let end = path
                .iter()
                .position(|byte| *byte == 0)
                .unwrap_or(path.len());
            quote::write_all(to, path.get(..end).unwrap_or(path))
        }
    }
}

/// Writes the rest of an address of IPv6.
fn write_internet6(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    let port = u16_at(bytes, 2).swap_bytes();
    let flow = u32_at(bytes, 4).swap_bytes();
    let ip = bytes
        .get(8..)
        .and_then(<[u8]>::first_chunk::<16>)
        .copied()
        .unwrap_or_default();
    let ip = Ipv6Addr::from(ip);
    write!(to, ", sin6_port=htons({port}), sin6_flowinfo=htonl({flow})")?;
    write!(to, ", inet_pton(AF_INET6, \"{ip}\", &sin6_addr)")?;
    if bytes.len() >= 28 {
        write!(to, ", sin6_scope_id={}", u32_at(bytes, 24))
    } else {
        Ok(())
    }
}

/// Writes the value of a socket option.
pub(super) fn write_option(
    to: &mut Printer<'_>,
    (level, option): (u32, u32),
    address: u64,
    length: u32,
) -> fmt::Result {
    const SOL_SOCKET: u32 = 1;
    match (level, option, length) {
        // SO_LINGER
        (SOL_SOCKET, 13, 8..) => match to.bytes::<8>(address) {
            Some(bytes) => {
                let (on, seconds) = (u32_at(&bytes, 0) as i32, u32_at(&bytes, 4) as i32);
                write!(to, "{{l_onoff={on}, l_linger={seconds}}}")
            }
            None => write!(to, "{}", Pointer(address)),
        },
        // SO_PEERCRED
        (SOL_SOCKET, 17, 12..) => match to.bytes::<12>(address) {
            Some(bytes) => {
                let (pid, uid, gid) = (u32_at(&bytes, 0), u32_at(&bytes, 4), u32_at(&bytes, 8));
                write!(to, "{{pid={pid}, uid={uid}, gid={gid}}}")
            }
            None => write!(to, "{}", Pointer(address)),
        },
        // SO_ERROR
        (SOL_SOCKET, 4, 4..) => match to.u32(address) {
            Some(error) => match crate::syscall::errno_name(error) {
                Some((name, _)) => write!(to, "[{name}]"),
                None => write!(to, "[{error}]"),
            },
            None => write!(to, "{}", Pointer(address)),
        },
        (_, _, 4) => match to.u32(address) {
            Some(value) => write!(to, "[{}]", value as i32),
            None => write!(to, "{}", Pointer(address)),
        },
        _ => quote::write_bytes(to, address, length.into()),
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
    for index in 0..count.min(longest) {
        let element = address.wrapping_add(index * 16);
        let Some(bytes) = to.bytes::<16>(element) else {
            return match index {
                0 => write!(to, "{address:#x}"),
                _ => write!(to, ", ... /* {element:#x} */]"),
            };
        };
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
    to.write_str(if count > longest { ", ...]" } else { "]" })
}

/// Writes a message; `filled` bytes of its vectors are there, `before` is its name's former length.
pub(super) fn write_message(
    to: &mut Printer<'_>,
    address: u64,
    filled: u64,
    before: Option<u32>,
    failed: bool,
) -> fmt::Result {
    let Some(bytes) = to.bytes::<56>(address) else {
        return write!(to, "{address:#x}");
    };
    if failed {
        match before {
            Some(length) => return write!(to, "{{msg_namelen={length}}}"),
            None => return write!(to, "{address:#x}"),
        }
    }
    let length = u32_at(&bytes, 8);
    let known = before.map_or(length, |before| before.min(length));
    to.write_str("{msg_name=")?;
    write_address(to, u64_at(&bytes, 0), known.into())?;
    to.write_str(", msg_namelen=")?;
    match before {
        Some(before) if before != length => write!(to, "{before} => {length}")?,
        _ => write!(to, "{length}")?,
    }
    let vectors = u64_at(&bytes, 24);
    to.write_str(", msg_iov=")?;
    write_vectors(to, u64_at(&bytes, 16), vectors, Some(filled))?;
    write!(to, ", msg_iovlen={vectors}")?;
    let (control, size) = (u64_at(&bytes, 32), u64_at(&bytes, 40));
    if size > 0 {
        to.write_str(", msg_control=")?;
        write_control(to, control, size)?;
    }
    write!(to, ", msg_controllen={size}, msg_flags=")?;
    value::write_flags(to, &values::MSG, u32_at(&bytes, 48).into())?;
    to.write_str("}")
}

/// Writes a message with the count of its bytes; returns whether it could be read.
pub(super) fn write_counted_message(
    to: &mut Printer<'_>,
    address: u64,
) -> Result<bool, fmt::Error> {
    let Some(length) = to.u32(address.wrapping_add(56)) else {
        return Ok(false);
    };
    to.write_str("{msg_hdr=")?;
    write_message(to, address, length.into(), None, false)?;
    if length != 0 {
        write!(to, ", msg_len={length}")?;
    }
    to.write_str("}")?;
    Ok(true)
}

/// Writes the control messages that go with a message.
fn write_control(to: &mut Printer<'_>, address: u64, size: u64) -> fmt::Result {
    let mut offset: u64 = 0;
    for index in 0..to.longest {
        let left = size.saturating_sub(offset);
        let header = to
            .bytes::<16>(address.wrapping_add(offset))
            .filter(|_| left >= 16);
        let Some(bytes) = header else {
            return match index {
                0 => write!(to, "{}", Pointer(address)),
                _ => to.write_str("]"),
            };
        };
        let (length, level, kind) = (u64_at(&bytes, 0), u32_at(&bytes, 8), u32_at(&bytes, 12));
        to.write_str(if index == 0 { "[" } else { ", " })?;
        write!(to, "{{cmsg_len={length}, cmsg_level=")?;
        value::write_choice(to, &values::SOCKET_LEVEL, level.into())?;
        to.write_str(", cmsg_type=")?;
        let data = address.wrapping_add(offset).wrapping_add(16);
        let bytes = length.min(left).saturating_sub(16);
        write_control_data(to, level, kind, data, bytes)?;
        to.write_str("}")?;
        if length < 16 {
            return to.write_str("]");
        }
        offset = offset.saturating_add(length.saturating_add(7) & !7);
    }
    to.write_str(", ...]")
}

/// Writes the type and data of a control message.
fn write_control_data(
    to: &mut Printer<'_>,
    level: u32,
    kind: u32,
    data: u64,
    length: u64,
) -> fmt::Result {
    if level != 1 {
        value::write_hex(to, kind.into())?;
        to.write_str(", cmsg_data=")?;
        return quote::write_bytes(to, data, length);
    }
    value::write_choice(to, &values::CONTROL_MESSAGE, kind.into())?;
    to.write_str(", cmsg_data=")?;
    match kind {
        // SCM_RIGHTS
        1 => super::memory::write_array(to, crate::syscall::Shape::Fd, data, length / 4),
        // SCM_CREDENTIALS
        2 if length >= 12 => match to.bytes::<12>(data) {
            Some(bytes) => {
                let (pid, uid, gid) = (u32_at(&bytes, 0), u32_at(&bytes, 4), u32_at(&bytes, 8));
                write!(to, "{{pid={pid}, uid={uid}, gid={gid}}}")
            }
            None => write!(to, "{data:#x}"),
        },
        _ => quote::write_bytes(to, data, length),
    }
}

//! Addresses of sockets, and what they are made of.

use super::printer::{Printer, u16_at, u32_at};
use super::{quote, value};
use crate::address::Address;
use crate::syscall::signal::Pointer;
use crate::syscall::values;
use core::fmt::{self, Write};
use core::net::{Ipv4Addr, Ipv6Addr};

/// The largest address of a socket (`struct sockaddr_storage`).
const STORAGE: usize = 128;

/// The largest path of a local socket.
const PATH: usize = 108;

const AF_UNIX: u16 = 1;
const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
const AF_NETLINK: u16 = 16;
const AF_PACKET: u16 = 17;

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
    write_copied_address(to, bytes)
}

/// Writes the address of a socket from a copy of its bytes.
pub(super) fn write_copied_address(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    let family = u16_at(bytes, 0);
    to.write_str("{sa_family=")?;
    value::write_choice(to, &values::FAMILY, family.into())?;
    match family {
        _ if bytes.len() <= 2 => {}
        AF_UNIX => write_local(to, bytes.get(2..).unwrap_or(&[]))?,
        AF_INET if bytes.len() >= 16 => {
            let port = u16_at(bytes, 2).swap_bytes();
            write!(to, ", sin_port=htons({port}), sin_addr=")?;
            write_internet(to, u32_at(bytes, 4))?;
        }
        AF_INET6 if bytes.len() >= 24 => write_internet6(to, bytes)?,
        AF_NETLINK if bytes.len() >= 12 => {
            if u16_at(bytes, 2) != 0 {
                write!(to, ", nl_pad={:#x}", u16_at(bytes, 2))?;
            }
            write!(to, ", nl_pid={}, nl_groups=", u32_at(bytes, 4) as i32)?;
            match u32_at(bytes, 8) {
                0 => to.write_str("00000000")?,
                groups => write!(to, "{groups:#010x}")?,
            }
        }
        AF_PACKET if bytes.len() >= 20 => write_link(to, bytes)?,
        _ => {
            to.write_str(", sa_data=")?;
            quote::write_all(to, bytes.get(2..).unwrap_or(&[]))?;
        }
    }
    to.write_str("}")
}

/// Writes the path of a local socket, or its name in the abstract namespace.
fn write_local(to: &mut Printer<'_>, path: &[u8]) -> fmt::Result {
    let path = path.get(..PATH).unwrap_or(path);
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
    write!(
        to,
        ", sin6_port=htons({port}), sin6_flowinfo=htonl({flow}), "
    )?;
    let ip = bytes.get(8..).unwrap_or(&[]);
    write_internet6_address(to, ip, "sin6_addr")?;
    if bytes.len() < 28 {
        return Ok(());
    }
    to.write_str(", sin6_scope_id=")?;
    // The scope of an address of one link, or of a group on one link, is an interface.
    let of_link = match ip {
        [0xfe, second, ..] => second & 0xc0 == 0x80,
        [0xff, second, ..] => second & 0xf == 2,
        _ => false,
    };
    match u32_at(bytes, 24) {
        scope if of_link => write_interface(to, scope),
        scope => write!(to, "{scope}"),
    }
}

/// Writes the rest of an address of a link layer.
fn write_link(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    to.write_str(", sll_protocol=htons(")?;
    let protocol = u16_at(bytes, 2).swap_bytes();
    value::write_choice(to, &values::ETHERNET_PROTOCOL, protocol.into())?;
    to.write_str("), sll_ifindex=")?;
    write_interface(to, u32_at(bytes, 4))?;
    to.write_str(", sll_hatype=")?;
    value::write_choice(to, &values::HARDWARE_TYPE, u16_at(bytes, 8).into())?;
    let byte = |at| bytes.get(at).copied().unwrap_or(0);
    to.write_str(", sll_pkttype=")?;
    value::write_choice(to, &values::PACKET_TYPE, byte(10).into())?;
    let length = usize::from(byte(11));
    write!(to, ", sll_halen={length}")?;
    if length > 0 {
        to.write_str(", sll_addr=")?;
        let address = bytes.get(12..20).unwrap_or(&[]);
        write_numbers(to, address.get(..length).unwrap_or(address), length > 8)?;
    }
    Ok(())
}

/// Writes an address of IPv4 that is in network order.
pub(super) fn write_internet(to: &mut Printer<'_>, ip: u32) -> fmt::Result {
    write!(
        to,
        "inet_addr(\"{}\")",
        Ipv4Addr::from_bits(ip.swap_bytes())
    )
}

/// Writes the first 16 bytes as the address of IPv6 that `field` holds.
pub(super) fn write_internet6_address(
    to: &mut Printer<'_>,
    bytes: &[u8],
    field: &str,
) -> fmt::Result {
    let ip = bytes.first_chunk::<16>().copied().unwrap_or_default();
    let ip = Ipv6Addr::from(ip);
    write!(to, "inet_pton(AF_INET6, \"{ip}\", &{field})")
}

/// Writes an interface. The only one whose name is known without asking is the loopback device, which is the
/// first of every network namespace (`LOOPBACK_IFINDEX` in net/net_namespace.h).
pub(super) fn write_interface(to: &mut Printer<'_>, index: u32) -> fmt::Result {
    match index {
        1 => to.write_str("if_nametoindex(\"lo\")"),
        index => write!(to, "{index}"),
    }
}

/// Writes bytes as numbers.
pub(super) fn write_numbers(to: &mut Printer<'_>, bytes: &[u8], has_more: bool) -> fmt::Result {
    for (index, byte) in bytes.iter().enumerate() {
        to.write_str(if index == 0 { "[" } else { ", " })?;
        value::write_hex(to, (*byte).into())?;
    }
    to.write_str(if has_more { ", ...]" } else { "]" })
}

//! Values of socket options.

use super::printer::{Printer, u16_at, u32_at};
use super::{CallView, address, quote, value};
use crate::address::Address;
use crate::syscall::layout::{Layout, layout};
use crate::syscall::shape::Shape;
use crate::syscall::signal::Pointer;
use crate::syscall::{Names, values};
use core::fmt::{self, Write};

/// What the value of an option is.
enum Meaning {
    /// A number.
    Int,
    /// An error.
    Error,
    /// One of several numbers.
    Choice(&'static Names),
    /// A structure.
    Fields(&'static Layout),
    /// A group and an interface.
    Group,
    /// A group of IPv4, and an interface by its address.
    Membership,
    /// A group of IPv6, and an interface by its index.
    Membership6,
    /// An address of a link layer to listen to.
    Packet,
    /// Which messages of ICMP are left out.
    IcmpFilter,
    /// A number if it is as long as one, otherwise a string.
    Unknown,
}

/// What the value of `option` is that `call` reads or writes.
fn meaning(call: &CallView) -> Meaning {
    let fields = |shape| layout(shape).map_or(Meaning::Unknown, Meaning::Fields);
    match (call.low(1), call.low(2)) {
        // SOL_SOCKET
        (1, 4) => Meaning::Error,
        (1, 74) => Meaning::Choice(&values::TX_REHASH),
        (1, 13) => fields(Shape::Linger),
        (1, 17) => fields(Shape::Credentials),
        // Those that are times, names, filters, sets or cookies, and some that only exist to be read.
        (1, 3 | 20..=26 | 28 | 31 | 38 | 39 | 47 | 48 | 50..=52 | 55 | 57 | 59 | 61 | 62) => {
            Meaning::Unknown
        }
        (1, 66 | 67 | 71 | 72 | 76..) => Meaning::Unknown,
        // SOL_SOCKET, SOL_NETLINK
        (1 | 0x10e, _) => Meaning::Int,
        // MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP
        (0 | 41, 42 | 45) => Meaning::Group,
        (0, 35 | 36) => Meaning::Membership,
        // IPV6_ADD_MEMBERSHIP, IPV6_DROP_MEMBERSHIP, IPV6_JOIN_ANYCAST, IPV6_LEAVE_ANYCAST
        (41, 20 | 21 | 27 | 28) => Meaning::Membership6,
        // SOL_PACKET
        (0x107, 1 | 2) => Meaning::Packet,
        (0x107, 5 | 13) => fields(Shape::PacketRing),
        (0x107, 6) => fields(Shape::PacketStatistics),
        // SOL_RAW
        (255, 1) => Meaning::IcmpFilter,
        _ => Meaning::Unknown,
    }
}

/// Writes the value of a socket option, of which there are `length` bytes. What is read may have less than
/// all of a structure; what is set must have it.
pub(super) fn write_option(
    to: &mut Printer<'_>,
    call: &CallView,
    at: u64,
    length: u32,
) -> fmt::Result {
    let reads = call.form().is_some_and(|form| form.name == "getsockopt");
    let meaning = meaning(call);
    let size = match meaning {
        Meaning::Int | Meaning::Error | Meaning::Choice(_) | Meaning::IcmpFilter => 4,
        Meaning::Fields(layout) => layout.size(),
        Meaning::Group => 136,
        Meaning::Membership => 8,
        Meaning::Membership6 => 20,
        Meaning::Packet => 16,
        Meaning::Unknown if length == 4 => 4,
        Meaning::Unknown => return quote::write_bytes(to, at, length.into()),
    };
    // Rings have versions, which differ in size.
    let exact = matches!(meaning, Meaning::Packet) || call.low(1) == 0x107 && call.low(2) != 6;
    let wrong = exact && length as usize != size;
    let negative = (length as i32) < 0;
    let length = (length as usize).min(size);
    let mut buffer = [0; 136];
    let bytes = buffer.get_mut(..length).unwrap_or(&mut []);
    let short = bytes.len() < size && !reads || negative;
    if wrong || short || bytes.is_empty() || to.memory().read(Address(at), bytes).is_err() {
        return write!(to, "{}", Pointer(at));
    }
    match meaning {
        Meaning::Fields(layout) => write_part(to, layout, bytes),
        _ if bytes.len() < size => quote::write_opaque(to, at, bytes.len() as u64),
        Meaning::Int | Meaning::Unknown => write!(to, "[{}]", u32_at(bytes, 0) as i32),
        Meaning::Choice(names) => {
            let number = u32_at(bytes, 0);
            match names.name(number.into()) {
                Some(name) => write!(to, "[{name}]"),
                None => write!(to, "[{} /* {} */]", number as i32, names.unknown),
            }
        }
        Meaning::Error => match crate::syscall::errno_name(u32_at(bytes, 0)) {
            Some((name, _)) => write!(to, "[{name}]"),
            None => write!(to, "[{}]", u32_at(bytes, 0)),
        },
        Meaning::Group => {
            to.write_str("{gr_interface=")?;
            address::write_interface(to, u32_at(bytes, 0))?;
            to.write_str(", gr_group=")?;
            let group = bytes.get(8..).unwrap_or(&[]);
            let known = if u16_at(group, 0) == 10 { 28 } else { 16 };
            address::write_copied_address(to, group.get(..known).unwrap_or(group))?;
            to.write_str("}")
        }
        Meaning::Membership => {
            to.write_str("{imr_multiaddr=")?;
            address::write_internet(to, u32_at(bytes, 0))?;
            to.write_str(", imr_interface=")?;
            address::write_internet(to, u32_at(bytes, 4))?;
            to.write_str("}")
        }
        Meaning::Membership6 => {
            to.write_str("{")?;
            address::write_internet6_address(to, bytes, "ipv6mr_multiaddr")?;
            to.write_str(", ipv6mr_interface=")?;
            address::write_interface(to, u32_at(bytes, 16))?;
            to.write_str("}")
        }
        Meaning::Packet => write_packet(to, bytes),
        Meaning::IcmpFilter => write_icmp_filter(to, u32_at(bytes, 0)),
    }
}

/// Writes as many fields as there are bytes for; of the last one perhaps only some bytes.
fn write_part(to: &mut Printer<'_>, layout: &Layout, bytes: &[u8]) -> fmt::Result {
    to.write_str("{")?;
    for (index, field) in layout.fields.iter().enumerate() {
        let Some(rest) = bytes.get(field.offset..).filter(|rest| !rest.is_empty()) else {
            break;
        };
        write!(to, "{}{}=", if index > 0 { ", " } else { "" }, field.name)?;
        if rest.len() < field.kind.width() {
            quote::write_opaque_slice(to, rest)?;
        } else {
            value::write_value(to, field.kind, u32_at(rest, 0).into())?;
        }
    }
    to.write_str("}")
}

/// Writes `struct packet_mreq`.
fn write_packet(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    to.write_str("{mr_ifindex=")?;
    address::write_interface(to, u32_at(bytes, 0))?;
    to.write_str(", mr_type=")?;
    value::write_choice(to, &values::PACKET_MEMBERSHIP, u16_at(bytes, 4).into())?;
    let length = u16_at(bytes, 6);
    write!(to, ", mr_alen={length}, mr_address=")?;
    let bytes = bytes.get(8..).unwrap_or(&[]);
    for (index, byte) in bytes.iter().take(length.into()).enumerate() {
        write!(to, "{}{byte:02x}", if index > 0 { ":" } else { "" })?;
    }
    to.write_str("}")
}

/// Writes a set of kinds of messages, by what is missing where that is shorter.
fn write_icmp_filter(to: &mut Printer<'_>, filter: u32) -> fmt::Result {
    let inverted = filter.count_ones() >= 32 * 2 / 3;
    let filter = if inverted { !filter } else { filter };
    to.write_str(if inverted { "~[" } else { "[" })?;
    let mut space = "";
    for kind in (0..32_u32).filter(|kind| filter >> kind & 1 != 0) {
        match values::ICMP_TYPE.name(kind.into()) {
            Some(name) => write!(to, "{space}{name}")?,
            None => write!(to, "{space}{kind}")?,
        }
        space = " ";
    }
    to.write_str("]")
}

//! Strings and bytes of the program in quotes.

use super::printer::Printer;
use crate::address::{Address, Memory};
use crate::syscall::signal::Pointer;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// How many bytes of a string or elements of an array are written before `...` unless somebody asks for
/// more or less: as strace(1).
pub const LONGEST: usize = 32;

/// The longest path that the kernel takes, with its final zero byte (`PATH_MAX`).
const PATH_MAX: usize = 4096;

/// Bytes of the program, one after the other, read in small pieces that never cross a page.
struct Cursor<'a> {
    memory: &'a dyn Memory,
    next: Address,
    piece: [u8; 64],
    position: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    fn new(memory: &'a dyn Memory, from: Address) -> Cursor<'a> {
        Cursor {
            memory,
            next: from,
            piece: [0; 64],
            position: 0,
            end: 0,
        }
    }

    /// The next byte, or `None` when it cannot be read.
    fn next(&mut self) -> Option<u8> {
        if self.position == self.end {
            let length = (64 - self.next.0 % 64) as usize;
            self.memory
                .read(self.next, self.piece.get_mut(..length)?)
                .ok()?;
            self.next = self.next.add(length as u64);
            (self.position, self.end) = (0, length);
        }
        self.position += 1;
        self.piece.get(self.position - 1).copied()
    }
}

/// Escapes bytes as C does, with octal numbers as short as what follows allows.
struct Escape<'p, 'a> {
    printer: &'p mut Printer<'a>,
    /// An unprintable byte whose width the next one decides.
    pending: Option<u8>,
}

impl Escape<'_, '_> {
    fn push(&mut self, byte: u8) -> fmt::Result {
        self.flush(matches!(byte, b'0'..=b'7'))?;
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\t' => "\\t",
            b'\n' => "\\n",
            0x0b => "\\v",
            0x0c => "\\f",
            b'\r' => "\\r",
            b' '..=b'~' => return self.printer.write_char(byte.into()),
            _ => {
                self.pending = Some(byte);
                return Ok(());
            }
        };
        self.printer.write_str(escaped)
    }

    fn flush(&mut self, before_digit: bool) -> fmt::Result {
        match self.pending.take() {
            Some(byte) if before_digit => write!(self.printer, "\\{byte:03o}"),
            Some(byte) => write!(self.printer, "\\{byte:o}"),
            None => Ok(()),
        }
    }
}

/// Writes bytes that are at hand, as many as are wanted of a string.
pub(super) fn write_slice(printer: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    let longest = printer.longest;
    write_all(printer, bytes.get(..longest).unwrap_or(bytes))?;
    printer.write_str(if bytes.len() > longest { "..." } else { "" })
}

/// Writes all of some bytes that are at hand.
pub(super) fn write_all(printer: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    printer.write_str("\"")?;
    let mut escape = Escape {
        printer,
        pending: None,
    };
    for byte in bytes {
        escape.push(*byte)?;
    }
    escape.flush(false)?;
    printer.write_str("\"")
}

/// Writes `length` bytes of the program, or their address when they cannot be read.
pub(super) fn write_bytes(printer: &mut Printer<'_>, address: u64, length: u64) -> fmt::Result {
    if address == 0 {
        return printer.write_str("NULL");
    }
    let Some(part) = copy(printer, address, length) else {
        return write!(printer, "{address:#x}");
    };
    write_all(printer, &part)?;
    printer.write_str(if length > part.len() as u64 {
        "..."
    } else {
        ""
    })
}

/// Writes the value of an extended attribute: often a string with the zero byte at its end, which is left out.
pub(super) fn write_attribute(printer: &mut Printer<'_>, address: u64, length: u64) -> fmt::Result {
    let last = length.checked_sub(1).filter(|last| *last > 0);
    let is_string = last.is_some_and(|last| {
        last <= printer.longest as u64
            && printer.bytes::<1>(address.wrapping_add(last)) == Some([0])
    });
    write_bytes(printer, address, length - u64::from(is_string))
}

/// Writes `length` bytes of the program as numbers, or their address when they cannot be read.
pub(super) fn write_opaque(printer: &mut Printer<'_>, address: u64, length: u64) -> fmt::Result {
    let Some(part) = copy(printer, address, length) else {
        return write!(printer, "{}", Pointer(address));
    };
    write_opaque_slice(printer, &part)?;
    printer.write_str(if length > part.len() as u64 {
        "..."
    } else {
        ""
    })
}

/// Writes all of some bytes that are at hand as numbers.
pub(super) fn write_opaque_slice(printer: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    printer.write_str("\"")?;
    for byte in bytes {
        write!(printer, "\\x{byte:02x}")?;
    }
    printer.write_str("\"")
}

/// The first of `length` bytes of the program, as many as are wanted of a string; where there are more,
/// the next one must be readable too.
fn copy(printer: &Printer<'_>, address: u64, length: u64) -> Option<Vec<u8>> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length.min(printer.longest.saturating_add(1))];
    let read = printer.memory().read(Address(address), &mut bytes);
    bytes.truncate(printer.longest);
    read.ok().map(|()| bytes)
}

/// Writes a string that ends with a zero byte, as much as is wanted of it.
pub(super) fn write_string(printer: &mut Printer<'_>, address: u64) -> fmt::Result {
    write_terminated(printer, address, printer.longest)
}

/// Writes a path, all of it.
pub(super) fn write_path(printer: &mut Printer<'_>, address: u64) -> fmt::Result {
    write_terminated(printer, address, PATH_MAX - 1)
}

/// Writes what a structure of `size` bytes has behind the `known` ones, unless all of it is zero.
pub(super) fn write_unknown_rest(
    printer: &mut Printer<'_>,
    address: u64,
    known: u64,
    size: u64,
) -> fmt::Result {
    // No structure is larger than a page (`copy_struct_from_user` callers check it).
    let rest = size.saturating_sub(known).min(4096);
    let mut bytes = vec![0; rest as usize];
    let at = Address(address).add(known);
    if printer.memory().read(at, &mut bytes).is_err() {
        return printer.write_str(", ???");
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    write!(printer, ", /* bytes {known}..{} */ ", size - 1)?;
    write_opaque_slice(printer, &bytes)
}

/// Writes a string that is a name of limited length to the kernel: `room` bytes with the zero byte, past which
/// it does not look.
pub(super) fn write_name(printer: &mut Printer<'_>, address: u64, room: usize) -> fmt::Result {
    let mut bytes = Cursor::new(printer.memory(), Address(address));
    let mut name = Vec::new();
    let complete = loop {
        if name.len() == room {
            break false;
        }
        match bytes.next() {
            Some(0) => break true,
            Some(byte) => name.push(byte),
            None => return write!(printer, "{}", Pointer(address)),
        }
    };
    write_all(printer, &name)?;
    printer.write_str(if complete { "" } else { "..." })
}

/// Writes at most `limit` bytes of a string, or its address when they cannot be read.
fn write_terminated(printer: &mut Printer<'_>, address: u64, limit: usize) -> fmt::Result {
    let memory = printer.memory();
    let mut scan = Cursor::new(memory, Address(address));
    let mut length = 0;
    let complete = loop {
        match scan.next() {
            Some(0) => break true,
            Some(_) if length == limit => break false,
            Some(_) => length += 1,
            None => return write!(printer, "{}", Pointer(address)),
        }
    };
    printer.write_str("\"")?;
    let mut bytes = Cursor::new(memory, Address(address));
    let mut escape = Escape {
        printer,
        pending: None,
    };
    for _ in 0..length {
        match bytes.next() {
            Some(byte) => escape.push(byte)?,
            None => break,
        }
    }
    escape.flush(false)?;
    printer.write_str(if complete { "\"" } else { "\"..." })
}

//! Where the text goes, and what it is made from: counts columns, reads the program's memory.

use crate::address::{Address, Memory};
use core::fmt;

/// A writer that knows its column and can look into the program.
pub(super) struct Printer<'a> {
    to: &'a mut dyn fmt::Write,
    memory: &'a dyn Memory,
    /// How many characters were written so far.
    pub(super) column: usize,
    /// How many bytes of a string or elements of an array are written before `...`.
    pub(super) longest: usize,
}

impl fmt::Write for Printer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.column += text.len();
        self.to.write_str(text)
    }
}

impl<'a> Printer<'a> {
    /// A printer that starts at `column`.
    pub(super) fn new(
        to: &'a mut dyn fmt::Write,
        memory: &'a dyn Memory,
        column: usize,
        longest: usize,
    ) -> Printer<'a> {
        Printer {
            to,
            memory,
            column,
            longest,
        }
    }

    /// The memory of the program.
    pub(super) fn memory(&self) -> &'a dyn Memory {
        self.memory
    }

    /// A copy of `N` bytes at `address`, if they can be read.
    pub(super) fn bytes<const N: usize>(&self, address: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.memory
            .read(Address(address), &mut bytes)
            .ok()
            .map(|()| bytes)
    }

    /// Whether `length` bytes at `address` can be read.
    pub(super) fn can_read(&self, address: u64, length: u64) -> bool {
        let mut piece = [0; 64];
        let mut offset = 0;
        while offset < length {
            let part = piece.len().min((length - offset) as usize);
            let at = Address(address).add(offset);
            let read = piece.get_mut(..part).map(|part| self.memory.read(at, part));
            if !matches!(read, Some(Ok(()))) {
                return false;
            }
            offset += part as u64;
        }
        true
    }

    /// The 32 bits at `address`, if they can be read.
    pub(super) fn u32(&self, address: u64) -> Option<u32> {
        self.bytes(address).map(u32::from_le_bytes)
    }

    /// The 64 bits at `address`, if they can be read.
    pub(super) fn u64(&self, address: u64) -> Option<u64> {
        self.bytes(address).map(u64::from_le_bytes)
    }
}

/// The 16 bits at `offset` of `bytes`; 0 outside of it.
pub(super) fn u16_at(bytes: &[u8], offset: usize) -> u16 {
    bytes
        .get(offset..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |b| u16::from_le_bytes(*b))
}

/// The 32 bits at `offset` of `bytes`; 0 outside of it.
pub(super) fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    bytes
        .get(offset..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |b| u32::from_le_bytes(*b))
}

/// The 64 bits at `offset` of `bytes`; 0 outside of it.
pub(super) fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    bytes
        .get(offset..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |b| u64::from_le_bytes(*b))
}

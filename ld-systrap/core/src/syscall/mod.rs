//! The one description of every system call, and what is made of it: text, footprints, filters.
//!
//! Knows nothing of how a call is intercepted or made. The program's memory is read through
//! [`Memory`](crate::address::Memory) only, which may fault: then the address is all there is to say.
//!
//! In the order in which one needs them: `description`, `shape` and `class` (what an entry says),
//! `notation` and `table` (the entries), `i386` (32-bit calls), `values` (names of flags), `layout`
//! (structures), `dependent` (arguments that others decide), `errno`, `signal`, `footprint` (which
//! bytes a call reads and writes), `filter` with `pattern`, and `text`.

mod class;
mod dependent;
mod description;
mod errno;
mod filter;
mod footprint;
mod i386;
mod layout;
mod notation;
mod pattern;
mod shape;
mod signal;
mod table;
mod text;
mod values;

pub use class::{Class, Classes};
pub use description::{Argument, Description, Direction, Extent, Kind, Length, Outcome};
pub use errno::errno_name;
pub use filter::{Filter, FilterError};
pub use footprint::{Span, read_before, written_after};
pub use shape::Shape;
pub use signal::{SIGINFO_SIZE, signal_name, write_signal, write_signal_name};
pub use text::{
    CallView, LONGEST, Pending, Returned, write_entry, write_exit, write_signal_return,
};
pub use values::Names;

/// How the program asked for a call, which decides whose numbers and registers it means.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abi {
    /// `syscall`: the 64-bit table.
    Syscall = 0,
    /// `int 0x80`: the 32-bit table.
    Int80 = 1,
    /// `sysenter`: the 32-bit table.
    Sysenter = 2,
}

/// The bit in a number that asks for the table of the x32 ABI (`__X32_SYSCALL_BIT`).
pub const X32_BIT: u64 = 0x4000_0000;

/// The name of call `number`, or `None` when the kernel has no such call.
#[must_use]
pub fn name(abi: Abi, number: u64) -> Option<&'static str> {
    match abi {
        Abi::Syscall => describe(number).map(|description| description.name),
        Abi::Int80 | Abi::Sysenter => i386::name(number),
    }
}

/// The number of the 64-bit call `name`.
#[must_use]
pub fn number(name: &str) -> Option<u64> {
    by_name(name).map(|description| description.number.into())
}

/// What the 64-bit call `number` is.
#[must_use]
pub fn describe(number: u64) -> Option<&'static Description> {
    let index = table::CALLS
        .binary_search_by_key(&number, |call| call.number.into())
        .ok()?;
    table::CALLS.get(index)
}

/// A bit for each 64-bit call whose first argument is a file descriptor. Of the table an interpreter
/// that only asks this needs nothing else: its names would be relocated at every start.
static ON_DESCRIPTOR: [u64; 8] = {
    let mut bits = [0; 8];
    let mut index = 0;
    while index < table::CALLS.len() {
        let call = &table::CALLS[index];
        if let [
            Argument {
                kind: Kind::Fd | Kind::Directory,
                ..
            },
            ..,
        ] = call.arguments
        {
            bits[call.number as usize / 64] |= 1 << (call.number % 64);
        }
        index += 1;
    }
    bits
};

/// Whether the first argument of the 64-bit call `number` is a file descriptor.
#[must_use]
pub fn takes_descriptor(number: u64) -> bool {
    let word = usize::try_from(number / 64).ok();
    word.and_then(|word| ON_DESCRIPTOR.get(word))
        .is_some_and(|word| word >> (number % 64) & 1 != 0)
}

/// Every 64-bit call, in ascending order of its number.
#[must_use]
pub fn all() -> &'static [Description] {
    table::CALLS
}

/// What the 64-bit call `name` is.
fn by_name(name: &str) -> Option<&'static Description> {
    table::CALLS.iter().find(|call| call.name == name)
}

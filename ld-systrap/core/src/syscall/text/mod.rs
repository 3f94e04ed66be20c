//! A call as one line of text, in the form that strace(1) made familiar.
//!
//! The line has two parts. What the kernel reads is written before the call is made, since the program
//! may overwrite it while the call is under way; what the kernel writes can only follow after it.

mod address;
mod arrays;
mod asynchronous;
mod bare;
mod control;
mod files;
mod memory;
mod message;
mod option;
mod outcome;
mod printer;
mod processes;
mod quote;
mod scheduling;
mod segments;
mod signals;
mod times;
mod value;
mod vectors;

use super::dependent::{self, Meaning};
use super::description::{Description, Direction, Kind};
use super::footprint::is_error;
use super::shape::Shape;
use super::{Abi, describe, i386};
use crate::address::Memory;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};
use printer::Printer;
pub use quote::LONGEST;

/// The column at which the result is written, when the line is not longer than that.
const RESULT_COLUMN: usize = 40;

/// A call: how it was asked for, its number and the registers of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallView {
    /// Whose numbers and registers these are.
    pub abi: Abi,
    /// The number.
    pub number: u64,
    /// The registers, in the order of the ABI.
    pub arguments: [u64; 6],
}

/// What is still to be written of a line whose first part is written.
#[derive(Debug, Default)]
pub struct Pending {
    /// The first argument that is not written yet.
    next: usize,
    /// How many bytes of a string or elements of an array are wanted.
    longest: usize,
    /// Whether arguments are written, and others are not.
    amid: bool,
    /// Arguments past `next` that had to be read before the call.
    captured: Vec<(usize, String)>,
    /// The lengths that the kernel will replace, as they were before the call.
    lengths: Vec<u32>,
    /// How many characters of the line are written; add the length of what is written before it.
    pub column: usize,
}

impl Pending {
    /// Of a line whose arguments are all written, in another place.
    #[must_use]
    pub fn complete() -> Pending {
        Pending {
            next: usize::MAX,
            ..Pending::default()
        }
    }

    /// What strace(1) writes of a call that has not returned.
    #[must_use]
    pub fn unfinished(&self) -> &'static str {
        if self.amid {
            ",  <unfinished ...>"
        } else {
            " <unfinished ...>"
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// With this value in the register of the result.
    Value(u64),
    /// Not at all: the thread is gone, or runs something else.
    Never,
}

impl Returned {
    /// The value, if the call succeeded.
    fn success(self) -> Option<u64> {
        match self {
            Returned::Value(value) if !is_error(value) => Some(value),
            _ => None,
        }
    }
}

/// When arguments are written, and with what knowledge.
#[derive(Clone, Copy)]
enum Phase<'a> {
    /// Before the call.
    Before,
    /// After it, with what it returned and the lengths that were there before.
    After(Returned, &'a [u32]),
}

impl Phase<'_> {
    /// What the call has returned.
    fn returned(self) -> Returned {
        match self {
            Phase::Before => Returned::Never,
            Phase::After(returned, _) => returned,
        }
    }
}

impl CallView {
    /// What the call is, if it is a 64-bit call that the kernel has.
    #[must_use]
    pub fn description(&self) -> Option<&'static Description> {
        match self.abi {
            Abi::Syscall => describe(self.number),
            Abi::Int80 | Abi::Sysenter => None,
        }
    }

    /// Argument `index`, as far as the ABI's registers are wide.
    #[must_use]
    pub fn argument(&self, index: usize) -> u64 {
        let value = self.arguments.get(index).copied().unwrap_or(0);
        match self.abi {
            Abi::Syscall => value,
            Abi::Int80 | Abi::Sysenter => value & 0xffff_ffff,
        }
    }

    /// The lower 32 bits of argument `index`.
    pub(super) fn low(&self, index: usize) -> u32 {
        self.argument(index) as u32
    }

    /// The description that the arguments follow, which a 32-bit call borrows.
    pub(super) fn form(&self) -> Option<&'static Description> {
        match self.abi {
            Abi::Syscall => describe(self.number),
            Abi::Int80 | Abi::Sysenter => match i386::arguments(i386::name(self.number)?) {
                i386::Arguments::As(description) => Some(description),
                i386::Arguments::Registers(_) => None,
            },
        }
    }

    /// How many registers a call without description uses.
    fn registers(&self) -> usize {
        match self.abi {
            Abi::Syscall => 6,
            Abi::Int80 | Abi::Sysenter => match i386::name(self.number).map(i386::arguments) {
                Some(i386::Arguments::Registers(count)) => count,
                _ => 6,
            },
        }
    }

    /// Whether structures are those of 32-bit programs, which are not looked into.
    fn is_legacy(&self) -> bool {
        self.abi != Abi::Syscall
    }

    /// What argument `index` is in this call; a 32-bit call's structures are only addresses.
    fn meaning(&self, index: usize) -> Option<Meaning> {
        let meaning = dependent::meaning(self, index)?;
        if !self.is_legacy() {
            return Some(meaning);
        }
        let kind = match meaning.kind {
            Kind::Memory(Shape::Bytes | Shape::Path | Shape::CStr | Shape::Sockaddr) => {
                return Some(meaning);
            }
            Kind::Memory(_) => Kind::Pointer,
            Kind::Long => Kind::Int,
            Kind::Size => Kind::Uint,
            kind => kind,
        };
        let extent = super::Extent::Value;
        Some(Meaning {
            direction: Direction::Value,
            kind,
            extent,
        })
    }
}

/// Writes the part of a line that is known before the call is made: `read(3, `. Of strings `longest`
/// bytes are written, and of arrays as many elements; [`LONGEST`] is what strace(1) does.
///
/// # Errors
/// Whatever `to` returns.
pub fn write_entry(
    to: &mut dyn fmt::Write,
    call: &CallView,
    memory: &dyn Memory,
    longest: usize,
) -> Result<Pending, fmt::Error> {
    let mut printer = Printer::new(to, memory, 0, longest);
    match super::name(call.abi, call.number) {
        Some(name) => write!(printer, "{name}(")?,
        None => write!(printer, "syscall_{:#x}(", call.number)?,
    }
    let mut pending = Pending {
        longest,
        ..Pending::default()
    };
    let Some(description) = call.form() else {
        for index in 0..call.registers() {
            printer.write_str(if index > 0 { ", " } else { "" })?;
            value::write_hex(&mut printer, call.argument(index))?;
        }
        pending.next = usize::MAX;
        pending.column = printer.column;
        return Ok(pending);
    };
    if processes::write_named_entry(&mut printer, call, description)? {
        pending.next = usize::MAX;
        pending.column = printer.column;
        return Ok(pending);
    }
    let count = description.arguments.len();
    while pending.next < count && !is_late(call, pending.next) {
        write_argument(&mut printer, call, pending.next, Phase::Before)?;
        pending.next += 1;
        if outcome::may_change(description, pending.next - 1) {
            break;
        }
    }
    for index in pending.next..count {
        capture(&mut pending, call, index, memory)?;
    }
    pending.amid = (1..count).contains(&pending.next);
    pending.column = printer.column;
    Ok(pending)
}

/// Writes the rest of a line, without an end of line: `"\177ELF"..., 832) = 832`.
///
/// # Errors
/// Whatever `to` returns.
pub fn write_exit(
    to: &mut dyn fmt::Write,
    call: &CallView,
    pending: &Pending,
    returned: Returned,
    memory: &dyn Memory,
) -> fmt::Result {
    let mut printer = Printer::new(to, memory, pending.column, pending.longest);
    let phase = Phase::After(returned, &pending.lengths);
    outcome::write_changes(&mut printer, call, returned)?;
    let count = call
        .form()
        .map_or(0, |description| description.arguments.len());
    for index in pending.next..count {
        match pending.captured.iter().find(|captured| captured.0 == index) {
            Some((_, text)) => write!(printer, ", {text}")?,
            None => write_argument(&mut printer, call, index, phase)?,
        }
    }
    if call
        .description()
        .is_some_and(|description| description.name == "clone")
    {
        processes::write_clone_exit(&mut printer, call, returned.success().is_some())?;
    }
    write_result(&mut printer, call, returned)
}

/// Writes the whole line of rt_sigreturn(2), without an end of line: its mask and its result are those
/// in the frame that it takes down, at `frame` on the program's stack. `column` is the length of what is
/// written before it.
///
/// # Errors
/// Whatever `to` returns.
pub fn write_signal_return(
    to: &mut dyn fmt::Write,
    column: usize,
    call: &CallView,
    frame: u64,
    memory: &dyn Memory,
) -> fmt::Result {
    let mut printer = Printer::new(to, memory, column, LONGEST);
    printer.write_str("rt_sigreturn(")?;
    let result = signals::write_returned_mask(&mut printer, frame)?;
    write_result(
        &mut printer,
        call,
        result.map_or(Returned::Never, Returned::Value),
    )
}

/// Writes what follows the last argument.
fn write_result(printer: &mut Printer<'_>, call: &CallView, returned: Returned) -> fmt::Result {
    printer.write_str(")")?;
    let missing = RESULT_COLUMN.saturating_sub(printer.column + 1);
    write!(printer, "{:missing$} = ", "")?;
    outcome::write_outcome(printer, call, returned)
}

/// Whether an argument can only be written after the call.
fn is_late(call: &CallView, index: usize) -> bool {
    let Some(meaning) = call.meaning(index) else {
        return false;
    };
    match (meaning.direction, meaning.kind) {
        (_, Kind::Memory(Shape::Buffers)) => true,
        (Direction::Value | Direction::In, _) => false,
        (Direction::Out, _) => true,
        (Direction::InOut, Kind::Memory(shape)) => !matches!(
            shape,
            Shape::Pollfd
                | Shape::FdSet
                | Shape::Timeval
                | Shape::Timespec
                | Shape::Long
                | Shape::Size
                | Shape::CapHeader
                | Shape::CloneArgs
        ),
        (Direction::InOut, _) => true,
    }
}

/// Keeps what the kernel reads behind argument `index`, which will be written after the call.
fn capture(
    pending: &mut Pending,
    call: &CallView,
    index: usize,
    memory: &dyn Memory,
) -> fmt::Result {
    let Some(meaning) = call.meaning(index) else {
        return Ok(());
    };
    let address = crate::address::Address(call.argument(index));
    match (meaning.direction, meaning.kind) {
        (Direction::InOut, Kind::Memory(shape @ (Shape::Length | Shape::Msghdr))) => {
            // The length of a message's name is the second field of its structure.
            let offset = if shape == Shape::Msghdr { 8 } else { 0 };
            let mut bytes = [0; 4];
            let read = memory.read(address.add(offset), &mut bytes);
            if read.is_ok() {
                pending.lengths.push(u32::from_le_bytes(bytes));
            }
        }
        (Direction::InOut, Kind::Memory(Shape::Mmsghdr)) => {
            // As many as are wanted, each with its name's length as the second field.
            for message in 0..u64::from(call.low(2)).min(pending.longest as u64) {
                let mut bytes = [0; 4];
                let at = address.add(message * Shape::Mmsghdr.size()).add(8);
                if memory.read(at, &mut bytes).is_err() {
                    break;
                }
                pending.lengths.push(u32::from_le_bytes(bytes));
            }
        }
        (Direction::In | Direction::InOut, _) if !is_late(call, index) && address.0 != 0 => {
            let mut text = String::new();
            let mut printer = Printer::new(&mut text, memory, 0, pending.longest);
            memory::write_memory(&mut printer, call, index, meaning, Phase::Before)?;
            pending.captured.push((index, text));
        }
        _ => {}
    }
    Ok(())
}

/// Writes one argument, with what separates it from the one before; nothing when it has no meaning.
fn write_argument(
    printer: &mut Printer<'_>,
    call: &CallView,
    index: usize,
    phase: Phase<'_>,
) -> fmt::Result {
    let Some(meaning) = call.meaning(index) else {
        return Ok(());
    };
    printer.write_str(if index > 0 { ", " } else { "" })?;
    match meaning.kind {
        Kind::Memory(_) => memory::write_memory(printer, call, index, meaning, phase),
        kind => value::write_value(printer, kind, call.argument(index)),
    }
}

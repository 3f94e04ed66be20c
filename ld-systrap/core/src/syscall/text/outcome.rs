//! What a call returned, and what it says about that.

use super::printer::{Printer, u16_at, u32_at};
use super::{CallView, Returned, files, memory, processes, scheduling, times, value};
use crate::address::Address;
use crate::syscall::description::{Description, Outcome};
use crate::syscall::footprint::is_error;
use crate::syscall::shape::Shape;
use crate::syscall::{errno_name, signal_name, values, write_signal_name};
use core::fmt::{self, Write};

/// The most descriptors of poll(2) that are looked through for events.
const DESCRIPTORS: u64 = 4096;

const E2BIG: u64 = 7;

/// Whether what argument `index` of a call points to is written twice: as it was and as it is.
pub(super) fn may_change(description: &Description, index: usize) -> bool {
    matches!(
        (description.name, index),
        ("clone3", 0) | ("sendfile", 2) | ("sched_setattr", 1)
    )
}

/// Writes what the kernel stored behind an argument that was written before the call.
pub(super) fn write_changes(
    to: &mut Printer<'_>,
    call: &CallView,
    returned: Returned,
) -> fmt::Result {
    let Some(description) = call.description() else {
        return Ok(());
    };
    if description.name == "sched_setattr" && returned == Returned::Value(E2BIG.wrapping_neg()) {
        return scheduling::write_known_size(to, call.argument(1));
    }
    let Some(result) = returned.success() else {
        return Ok(());
    };
    match description.name {
        "clone3" => processes::write_clone_changes(to, call),
        "sendfile" if result != 0 => match to.u64(call.argument(2)) {
            Some(offset) => write!(to, " => [{offset}]"),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Writes the result: a number, an error by name, or `?`.
pub(super) fn write_outcome(
    to: &mut Printer<'_>,
    call: &CallView,
    returned: Returned,
) -> fmt::Result {
    let Returned::Value(result) = returned else {
        return to.write_str("?");
    };
    let result = if call.is_legacy() {
        i64::from(result as i32) as u64
    } else {
        result
    };
    if is_error(result) {
        return write_error(to, result.wrapping_neg());
    }
    let outcome = call
        .form()
        .map_or(Outcome::Decimal, |description| description.outcome);
    match outcome {
        Outcome::Decimal | Outcome::Fd => write!(to, "{}", result as i64),
        Outcome::Address => value::write_hex(to, result),
        Outcome::Octal => value::write_mode(to, result & 0xffff),
        Outcome::Signal => {
            write!(to, "{result}")?;
            match signal_name(result) {
                Some(name) => write!(to, " (SIG{name})"),
                None => Ok(()),
            }
        }
        Outcome::Poll if result == 0 => to.write_str("0 (Timeout)"),
        Outcome::Poll => write_ready(to, call, result),
        Outcome::Narrow => {
            write!(to, "{result}")?;
            let error = (result as u32).wrapping_neg();
            match errno_name(error).filter(|_| result >> 31 == 1) {
                Some((name, message)) => write!(to, " {name} ({message})"),
                None => Ok(()),
            }
        }
        Outcome::Messages => {
            write!(to, "{result}")?;
            match call.argument(4) {
                0 => Ok(()),
                time => {
                    to.write_str(" (")?;
                    write_left(to, Shape::Timespec, time)?;
                    to.write_str(")")
                }
            }
        }
        Outcome::Select if result == 0 => to.write_str("0 (Timeout)"),
        Outcome::Select => write_selected(to, call, result),
        Outcome::Fcntl => write_fcntl(to, call.low(1), result),
        Outcome::Prctl => {
            write!(to, "{}", result as i64)?;
            match (call.low(0), values::DUMPABLE.name(result)) {
                // PR_GET_DUMPABLE
                (3, Some(name)) => write!(to, " ({name})"),
                _ => Ok(()),
            }
        }
        Outcome::Scheduler => {
            write!(to, "{result}")?;
            match values::SCHEDULER.name(result) {
                Some(name) => write!(to, " ({name})"),
                None => Ok(()),
            }
        }
        Outcome::Personality => {
            value::write_hex(to, result)?;
            to.write_str(" (")?;
            value::write_personality(to, result as u32)?;
            to.write_str(")")
        }
        Outcome::Ioprio => {
            write!(to, "{result} (")?;
            value::write_ioprio(to, result as u32)?;
            to.write_str(")")
        }
        Outcome::Membarrier if call.low(0) != 0 || result == 0 => write!(to, "{result}"),
        Outcome::Membarrier => {
            write!(to, "{result:#x} (")?;
            value::write_flags(to, &values::MEMBARRIER, result)?;
            to.write_str(")")
        }
        Outcome::Time => times::write_now(to, result as i64),
        Outcome::Timex => {
            let names = [
                "TIME_OK",
                "TIME_INS",
                "TIME_DEL",
                "TIME_OOP",
                "TIME_WAIT",
                "TIME_ERROR",
            ];
            write!(to, "{result}")?;
            match usize::try_from(result)
                .ok()
                .and_then(|state| names.get(state))
            {
                Some(name) => write!(to, " ({name})"),
                None => Ok(()),
            }
        }
    }
}

/// Writes an error by its name; those that only mean a restart never reach the program.
fn write_error(to: &mut Printer<'_>, error: u64) -> fmt::Result {
    match (error, errno_name(error as u32)) {
        (512..=516, Some((name, message))) => write!(to, "? {name} ({message})"),
        (_, Some((name, ""))) => write!(to, "-1 {name}"),
        (_, Some((name, message))) => write!(to, "-1 {name} ({message})"),
        (_, None) => write!(to, "-1 (errno {error})"),
    }
}

/// Writes how many descriptors are ready, and for what.
fn write_ready(to: &mut Printer<'_>, call: &CallView, result: u64) -> fmt::Result {
    write!(to, "{result}")?;
    let mut separator = " ([";
    for index in 0..u64::from(call.low(1)).min(DESCRIPTORS) {
        let mut bytes = [0; 8];
        let at = Address(call.argument(0)).add(index * 8);
        if to.memory().read(at, &mut bytes).is_err() {
            break;
        }
        let events = u16_at(&bytes, 6);
        if events != 0 {
            write!(to, "{separator}{{fd={}, revents=", u32_at(&bytes, 0) as i32)?;
            value::write_flags(to, &values::POLL, events.into())?;
            to.write_str("}")?;
            separator = ", ";
        }
    }
    let left = call.form().is_some_and(|form| form.name == "ppoll");
    match (separator, left.then(|| call.argument(2))) {
        (" ([", _) => Ok(()),
        (_, Some(time)) if time != 0 => {
            to.write_str("], ")?;
            write_left(to, Shape::Timespec, time)?;
            to.write_str(")")
        }
        _ => to.write_str("])"),
    }
}

/// Writes the rest of a time to wait that the kernel has stored.
fn write_left(to: &mut Printer<'_>, shape: Shape, address: u64) -> fmt::Result {
    to.write_str("left ")?;
    if memory::write_one(to, shape, address, shape.size())? {
        Ok(())
    } else {
        write!(to, "{address:#x}")
    }
}

/// Writes how many descriptors are ready, and which.
fn write_selected(to: &mut Printer<'_>, call: &CallView, result: u64) -> fmt::Result {
    write!(to, "{result} (")?;
    let mut separator = "";
    for (name, index) in [("in", 1), ("out", 2), ("except", 3)] {
        let set = call.argument(index);
        if set != 0 && !files::is_empty(to, set, call.low(0).into()) {
            write!(to, "{separator}{name} ")?;
            files::write_descriptors(to, set, call.low(0).into())?;
            separator = ", ";
        }
    }
    let shape = match call.form() {
        Some(form) if form.name == "pselect6" => Shape::Timespec,
        _ => Shape::Timeval,
    };
    if call.argument(4) != 0 {
        to.write_str(separator)?;
        write_left(to, shape, call.argument(4))?;
    }
    to.write_str(")")
}

/// Writes what a command of fcntl returned.
fn write_fcntl(to: &mut Printer<'_>, command: u32, result: u64) -> fmt::Result {
    match command {
        // F_GETFD, F_GETFL, F_GET_SEALS
        1 if result != 0 => {
            write!(to, "{result:#x} (flags ")?;
            value::write_flags(to, &values::FD, result)?;
            to.write_str(")")
        }
        3 => {
            value::write_hex(to, result)?;
            to.write_str(" (flags ")?;
            value::write_open_flags(to, result)?;
            to.write_str(")")
        }
        // F_GETSIG
        11 if result != 0 => {
            write!(to, "{result} (")?;
            write_signal_name(to, result)?;
            to.write_str(")")
        }
        // F_GETLEASE
        1025 => {
            value::write_hex(to, result)?;
            to.write_str(" (")?;
            value::write_choice(to, &values::LOCK_TYPE, result)?;
            to.write_str(")")
        }
        1034 if result != 0 => {
            write!(to, "{result:#x} (seals ")?;
            value::write_flags(to, &values::SEALS, result)?;
            to.write_str(")")
        }
        _ => write!(to, "{}", result as i64),
    }
}

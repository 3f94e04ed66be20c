//! Sets of signals, and what a signal does.

use super::printer::{Printer, u32_at, u64_at};
use super::value;
use crate::address::Address;
use crate::syscall::signal::{Pointer, signal_name, write_siginfo};
use crate::syscall::values;
use core::fmt::{self, Write};

/// From how many signals on a set is written by what is missing from it: two thirds.
const MOST: u32 = 64 * 2 / 3;

/// Writes a set of signals of `size` bytes; returns whether it could be read.
pub(super) fn write_set(to: &mut Printer<'_>, address: u64, size: u64) -> Result<bool, fmt::Error> {
    // The kernel takes no other size (`sigsetsize` in kernel/signal.c).
    match to.u64(address).filter(|_| size == 8) {
        Some(set) => write_signals(to, set).map(|()| true),
        None => Ok(false),
    }
}

/// Writes as much of a set of signals as was asked for; returns whether it could be read.
pub(super) fn write_pending(
    to: &mut Printer<'_>,
    address: u64,
    size: u64,
) -> Result<bool, fmt::Error> {
    let mut bytes = [0; 8];
    let part = usize::try_from(size)
        .ok()
        .filter(|size| *size > 0)
        .and_then(|size| bytes.get_mut(..size));
    let read = part.map(|part| to.memory().read(Address(address), part));
    match read {
        Some(Ok(())) => write_signals(to, u64::from_le_bytes(bytes)).map(|()| true),
        _ => Ok(false),
    }
}

/// Writes a set of signals.
pub(super) fn write_signals(to: &mut Printer<'_>, set: u64) -> fmt::Result {
    let inverted = set.count_ones() >= MOST;
    let set = if inverted { !set } else { set };
    to.write_str(if inverted { "~[" } else { "[" })?;
    let mut space = "";
    for signal in (1..=64).filter(|signal| set >> (signal - 1) & 1 != 0) {
        write!(to, "{space}{}", signal_name(signal).unwrap_or("?"))?;
        space = " ";
    }
    to.write_str("]")
}

/// Writes the last argument of pselect6: a set of signals behind one more address.
pub(super) fn write_set_and_size(to: &mut Printer<'_>, address: u64) -> Result<bool, fmt::Error> {
    let Some(bytes) = to.bytes::<16>(address) else {
        return Ok(false);
    };
    let (set, size) = (u64_at(&bytes, 0), u64_at(&bytes, 8));
    to.write_str("{sigmask=")?;
    if set == 0 || !write_set(to, set, size)? {
        write!(to, "{}", Pointer(set))?;
    }
    write!(to, ", sigsetsize={size}}}")?;
    Ok(true)
}

/// Writes what is to happen when a signal arrives, from a copy of the kernel's structure.
pub(super) fn write_action(to: &mut Printer<'_>, bytes: &[u8]) -> fmt::Result {
    let (handler, flags) = (u64_at(bytes, 0), u64_at(bytes, 8));
    match handler {
        0 => write!(to, "{{sa_handler=SIG_DFL")?,
        1 => write!(to, "{{sa_handler=SIG_IGN")?,
        u64::MAX => write!(to, "{{sa_handler=SIG_ERR")?,
        handler => write!(to, "{{sa_handler={handler:#x}")?,
    }
    to.write_str(", sa_mask=")?;
    write_signals(to, u64_at(bytes, 24))?;
    to.write_str(", sa_flags=")?;
    value::write_flags(to, &values::SIGACTION, flags)?;
    // SA_RESTORER
    if flags & 0x0400_0000 != 0 {
        write!(to, ", sa_restorer={}", Pointer(u64_at(bytes, 16)))?;
    }
    to.write_str("}")
}

/// Where the `struct ucontext` at the end of a signal has the register of the result, and the mask:
/// uapi/asm-generic/ucontext.h, uapi/asm/sigcontext.h.
const RESULT_IN_FRAME: u64 = 144;
const MASK_IN_FRAME: u64 = 296;

/// Writes the mask that a frame holds, and gives the result that it holds, if it can be read.
pub(super) fn write_returned_mask(
    to: &mut Printer<'_>,
    frame: u64,
) -> Result<Option<u64>, fmt::Error> {
    let read = |offset| to.u64(frame.wrapping_add(offset));
    let (Some(result), Some(mask)) = (read(RESULT_IN_FRAME), read(MASK_IN_FRAME)) else {
        write!(to, "{frame:#x}")?;
        return Ok(None);
    };
    to.write_str("{mask=")?;
    write_signals(to, mask)?;
    to.write_str("}")?;
    Ok(Some(result))
}

/// Writes what waitid found.
pub(super) fn write_waited(to: &mut Printer<'_>, address: u64) -> fmt::Result {
    match to.bytes(address) {
        Some(bytes) => write_siginfo(to, &bytes),
        None => write!(to, "{address:#x}"),
    }
}

/// Writes how a timer or queue tells of itself, as far as `struct sigevent` has fields; returns whether it could
/// be read.
pub(super) fn write_event(to: &mut Printer<'_>, address: u64) -> Result<bool, fmt::Error> {
    let Some(bytes) = to.bytes::<32>(address) else {
        return Ok(false);
    };
    let (value, signal, notify) = (u64_at(&bytes, 0), u32_at(&bytes, 8), u32_at(&bytes, 12));
    to.write_str("{")?;
    if value != 0 {
        let (number, pointer) = (value as i32, Pointer(value));
        write!(
            to,
            "sigev_value={{sival_int={number}, sival_ptr={pointer}}}, "
        )?;
    }
    to.write_str("sigev_signo=")?;
    match signal_name(signal.into()) {
        Some(name) => write!(to, "SIG{name}")?,
        None => write!(to, "{signal}")?,
    }
    to.write_str(", sigev_notify=")?;
    value::write_choice(to, &values::SIGEVENT_NOTIFY, notify.into())?;
    match notify {
        // SIGEV_THREAD
        2 => {
            let (function, attributes) = (u64_at(&bytes, 16), u64_at(&bytes, 24));
            write!(to, ", sigev_notify_function={}", Pointer(function))?;
            write!(to, ", sigev_notify_attributes={}", Pointer(attributes))?;
        }
        // SIGEV_THREAD_ID
        4 => {
            let thread = u32_at(&bytes, 16) as i32;
            write!(to, ", sigev_notify_thread_id={thread}")?;
        }
        _ => {}
    }
    to.write_str("}")?;
    Ok(true)
}

//! Requests of asynchronous input and output.

use super::printer::{Printer, u16_at, u32_at, u64_at};
use super::{quote, value, vectors};
use crate::syscall::signal::Pointer;
use crate::syscall::values;
use core::fmt::{self, Write};

const PREAD: u16 = 0;
const PWRITE: u16 = 1;
const PREADV: u16 = 7;
const PWRITEV: u16 = 8;

/// `IOCB_FLAG_RESFD` and `IOCB_FLAG_IOPRIO`.
const TELLS: u32 = 1;
const HAS_PRIORITY: u32 = 2;

/// Writes `struct iocb`; returns whether it could be read. A request that is to be cancelled is only named.
pub(super) fn write_request(
    to: &mut Printer<'_>,
    address: u64,
    submits: bool,
) -> Result<bool, fmt::Error> {
    let Some(bytes) = to.bytes::<64>(address) else {
        return Ok(false);
    };
    let (data, key) = (u64_at(&bytes, 0), u32_at(&bytes, 8));
    let (operation, priority) = (u16_at(&bytes, 16), u16_at(&bytes, 18));
    let flags = u32_at(&bytes, 56);
    to.write_str("{")?;
    if data != 0 || key != 0 {
        to.write_str("aio_data=")?;
        value::write_hex(to, data)?;
        to.write_str(", ")?;
    }
    if key != 0 {
        write!(to, "aio_key={key}, ")?;
    }
    to.write_str("aio_lio_opcode=")?;
    let name = values::IOCB_COMMAND.name(operation.into());
    match name {
        Some(name) => to.write_str(name)?,
        None => write!(to, "{operation} /* IOCB_CMD_??? */")?,
    }
    if name.is_some() && priority != 0 {
        to.write_str(", aio_reqprio=")?;
        if flags & HAS_PRIORITY != 0 {
            value::write_ioprio(to, priority.into())?;
        } else {
            write!(to, "{}", priority as i16)?;
        }
    }
    write!(to, ", aio_fildes={}", u32_at(&bytes, 20) as i32)?;
    if submits {
        write_buffer(to, operation, &bytes)?;
        if name.is_some() && flags & TELLS != 0 {
            to.write_str(", aio_flags=")?;
            value::write_flags(to, &values::IOCB_FLAGS, flags.into())?;
            write!(to, ", aio_resfd={}", u32_at(&bytes, 60) as i32)?;
        }
    }
    to.write_str("}")?;
    Ok(true)
}

/// Writes what is to be read into, or written.
fn write_buffer(to: &mut Printer<'_>, operation: u16, bytes: &[u8; 64]) -> fmt::Result {
    let (buffer, length) = (u64_at(bytes, 24), u64_at(bytes, 32));
    if !matches!(operation, PREAD | PWRITE | PREADV | PWRITEV) {
        return Ok(());
    }
    to.write_str(", aio_buf=")?;
    match operation {
        PWRITE => quote::write_bytes(to, buffer, length)?,
        PREADV if buffer != 0 => vectors::write_vectors(to, buffer, length, None)?,
        PWRITEV if buffer != 0 => vectors::write_vectors(to, buffer, length, Some(u64::MAX))?,
        PREADV | PWRITEV => to.write_str("0")?,
        _ => write!(to, "{}", Pointer(buffer))?,
    }
    if matches!(operation, PREAD | PWRITE) || buffer == 0 {
        write!(to, ", aio_nbytes={length}")?;
    }
    write!(to, ", aio_offset={}", u64_at(bytes, 40) as i64)
}

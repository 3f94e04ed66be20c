//! Arguments and fields that are values: numbers, flags, descriptors.

use super::printer::Printer;
use super::times;
use crate::syscall::Names;
use crate::syscall::description::Kind;
use crate::syscall::signal::{Pointer, write_signal_name};
use crate::syscall::values;
use core::fmt::{self, Write};

/// The bits of the flags of swapon that are a number (`SWAP_FLAG_PRIO_MASK`).
const SWAP_PRIORITY: u32 = 0x7fff;

/// `AT_FDCWD`, as the kernel sees it in a register.
const CURRENT_DIRECTORY: i32 = -100;

/// Writes a value.
pub(super) fn write_value(to: &mut Printer<'_>, kind: Kind, value: u64) -> fmt::Result {
    let (low, signed) = (value as u32, value as i32);
    match kind {
        Kind::Short => write!(to, "{}", value as u16),
        Kind::SignedShort => write!(to, "{}", value as i16),
        Kind::Int | Kind::Fd | Kind::Pid => write!(to, "{signed}"),
        Kind::Uint => write!(to, "{low}"),
        Kind::Long => write!(to, "{}", value as i64),
        Kind::Size => write!(to, "{value}"),
        Kind::Hex => write_hex(to, value),
        Kind::Hex32 => write_hex(to, low.into()),
        Kind::Pointer | Kind::Memory(_) => write!(to, "{}", Pointer(value)),
        Kind::Directory if signed == CURRENT_DIRECTORY => to.write_str("AT_FDCWD"),
        Kind::MarkedDirectory if signed == -1 => to.write_str("FAN_NOFD"),
        Kind::MarkedDirectory => write_value(to, Kind::Directory, value),
        Kind::Directory => write!(to, "{signed}"),
        Kind::Id if signed == -1 => to.write_str("-1"),
        Kind::Id => write!(to, "{low}"),
        Kind::Signal => write_signal_name(to, low.into()),
        Kind::Mode => write_mode(to, u64::from(low as u16)),
        Kind::FileMode => write_file_mode(to, low as u16),
        Kind::Device => write_device(to, low.into()),
        Kind::Key if low == 0 => to.write_str("IPC_PRIVATE"),
        Kind::Key => write!(to, "{low:#x}"),
        Kind::KeySerial => match values::KEY_SERIAL.name(value) {
            Some(name) => to.write_str(name),
            None => write!(to, "{signed}"),
        },
        Kind::Ioctl => write_ioctl(to, low),
        Kind::Ioprio => write_ioprio(to, low),
        Kind::Personality => write_personality(to, low),
        Kind::QuotaCommand => {
            to.write_str("QCMD(")?;
            write_choice(to, &values::QUOTA_COMMAND, u64::from(low >> 8))?;
            to.write_str(", ")?;
            write_choice(to, &values::QUOTA_TYPE, u64::from(low & 0xff))?;
            to.write_str(")")
        }
        Kind::FanotifyInit => {
            write_choice(to, &values::FANOTIFY_CLASS, u64::from(low & 0xc))?;
            match u64::from(low & !0xc) {
                0 => Ok(()),
                flags => {
                    to.write_str("|")?;
                    write_flags(to, &values::FANOTIFY_INIT, flags)
                }
            }
        }
        Kind::FutexOperation => write_futex_operation(to, low),
        Kind::OpenFlags => write_open_flags(to, low.into()),
        Kind::MapFlags => write_map_flags(to, value),
        Kind::SocketType => {
            match values::SOCKET_TYPE.name(u64::from(low & 0xf)) {
                Some(name) => to.write_str(name)?,
                None => write!(to, "{:#x} /* SOCK_??? */", low & 0xf)?,
            }
            write_more_flags(to, &values::SOCKET_FLAGS, u64::from(low & !0xf))
        }
        Kind::MemoryPolicy => write_memory_policy(to, low.into()),
        Kind::MemoryPolicy64 => write_memory_policy(to, value),
        Kind::SwapFlags => {
            let (flags, priority) = (low & !SWAP_PRIORITY, low & SWAP_PRIORITY);
            if flags != 0 {
                write_flags(to, &values::SWAP, flags.into())?;
                to.write_str("|")?;
            }
            write!(to, "{priority}")
        }
        Kind::KexecFlags => {
            write_choice(to, &values::KEXEC_ARCHITECTURE, value & 0xffff_0000)?;
            match value & !0xffff_0000 {
                0 => Ok(()),
                flags => {
                    to.write_str("|")?;
                    write_flags(to, &values::KEXEC, flags)
                }
            }
        }
        Kind::MountFlags => write_mount_flags(to, value),
        Kind::MemfdFlags => {
            let (flags, huge) = (u64::from(low & 0x3ff_ffff), low >> 26);
            if flags != 0 || huge == 0 {
                write_flags(to, &values::MEMFD, flags)?;
            }
            match huge {
                0 => Ok(()),
                huge => {
                    let or = if flags != 0 { "|" } else { "" };
                    write!(to, "{or}{huge}<<MFD_HUGE_SHIFT")
                }
            }
        }
        Kind::StatxFlags => {
            to.write_str(match low & 0x6000 {
                0 => "AT_STATX_SYNC_AS_STAT",
                0x2000 => "AT_STATX_FORCE_SYNC",
                0x4000 => "AT_STATX_DONT_SYNC",
                _ => "AT_STATX_SYNC_TYPE",
            })?;
            write_more_flags(to, &values::AT_STATX, u64::from(low & !0x6000))
        }
        Kind::Time => times::write_seconds(to, value as i64),
        Kind::Limit => write_limit(to, value),
        Kind::FlagsAndMode(names) => {
            let (bits, mode) = (names.reduce(value) & !0o777, low & 0o777);
            if bits != 0 {
                write_flags(to, names, bits)?;
                to.write_str("|")?;
            }
            write_mode(to, mode.into())
        }
        Kind::Flags(names) => write_flags(to, names, value),
        Kind::Choice(names) => write_choice(to, names, value),
        Kind::Numbered(names) => {
            write!(
                to,
                "{signed} /* {} */",
                names.name(value).unwrap_or(names.unknown)
            )
        }
        Kind::Residency => write!(to, "{}", low & 1),
        Kind::BitSet if low == u32::MAX => to.write_str("FUTEX_BITSET_MATCH_ANY"),
        Kind::BitSet => write_hex(to, low.into()),
        Kind::FutexWakeOperation => write_wake_operation(to, low),
        Kind::Depends => write_hex(to, value),
    }
}

/// Writes a memory policy: mode flags stand before a policy without a name, behind one that has one.
pub(super) fn write_memory_policy(to: &mut Printer<'_>, policy: u64) -> fmt::Result {
    let flags = policy & 0xe000;
    let policy = policy & !0xe000;
    match values::MEMORY_POLICY.name(policy) {
        Some(name) if flags == 0 => to.write_str(name),
        Some(name) => {
            to.write_str(name)?;
            write_more_flags(to, &values::MEMORY_POLICY_MODE, flags)
        }
        None if flags == 0 => write_choice(to, &values::MEMORY_POLICY, policy),
        None => {
            write_flags(to, &values::MEMORY_POLICY_MODE, flags)?;
            write!(to, "|{policy:#x}")
        }
    }
}

/// Writes a number in hexadecimal digits, 0 without a prefix.
pub(super) fn write_hex(to: &mut Printer<'_>, value: u64) -> fmt::Result {
    match value {
        0 => to.write_str("0"),
        value => write!(to, "{value:#x}"),
    }
}

/// Writes one of several named values.
pub(super) fn write_choice(to: &mut Printer<'_>, names: &Names, value: u64) -> fmt::Result {
    match names.name(value) {
        Some(name) => to.write_str(name),
        None => {
            write_hex(to, names.reduce(value))?;
            write!(to, " /* {} */", names.unknown)
        }
    }
}

/// Writes the names of the bits that are set, and what remains as a number.
pub(super) fn write_flags(to: &mut Printer<'_>, names: &Names, value: u64) -> fmt::Result {
    let value = names.reduce(value);
    if value == 0 {
        return to.write_str(names.name(0).unwrap_or("0"));
    }
    let (rest, any) = write_known(to, names, value, false)?;
    match (rest, any) {
        (0, _) => Ok(()),
        (rest, true) => write!(to, "|{rest:#x}"),
        (rest, false) if names.unknown.is_empty() => write!(to, "{rest:#x}"),
        (rest, false) => write!(to, "{rest:#x} /* {} */", names.unknown),
    }
}

/// Writes bits that follow something else: nothing when none is set.
pub(super) fn write_more_flags(to: &mut Printer<'_>, names: &Names, value: u64) -> fmt::Result {
    match write_known(to, names, names.reduce(value), true)?.0 {
        0 => Ok(()),
        rest => write!(to, "|{rest:#x}"),
    }
}

/// Writes the names of bits; returns the bits that have none, and whether any name was written.
fn write_known(
    to: &mut Printer<'_>,
    names: &Names,
    value: u64,
    mut follows: bool,
) -> Result<(u64, bool), fmt::Error> {
    let mut rest = value;
    let mut any = false;
    for (name, bits) in names.names {
        let bits = names.reduce(*bits);
        if bits != 0 && rest & bits == bits {
            to.write_str(if follows { "|" } else { "" })?;
            to.write_str(name)?;
            rest &= !bits;
            (follows, any) = (true, true);
        }
    }
    Ok((rest, any))
}

/// Writes permission bits.
pub(super) fn write_mode(to: &mut Printer<'_>, mode: u64) -> fmt::Result {
    write!(to, "0{mode:02o}")
}

/// Writes the type of a file and its permission bits.
pub(super) fn write_file_mode(to: &mut Printer<'_>, mode: u16) -> fmt::Result {
    let (kind, special) = (mode & 0o170_000, mode & 0o7000);
    match values::FILE_TYPE.name(kind.into()) {
        Some(name) => to.write_str(name)?,
        None => return write_mode(to, mode.into()),
    }
    for (bit, name) in [
        (0o4000, "|S_ISUID"),
        (0o2000, "|S_ISGID"),
        (0o1000, "|S_ISVTX"),
    ] {
        if special & bit != 0 {
            to.write_str(name)?;
        }
    }
    to.write_str("|")?;
    write_mode(to, u64::from(mode & 0o777))
}

/// Writes the flags of mount(2), above which old programs put a mark (`MS_MGC_VAL` in linux/mount.h).
fn write_mount_flags(to: &mut Printer<'_>, flags: u64) -> fmt::Result {
    const MARK: u64 = 0xc0ed_0000;
    const MASK: u64 = 0xffff_0000;
    if flags & MASK != MARK {
        return write_flags(to, &values::MOUNT, flags);
    }
    to.write_str("MS_MGC_VAL")?;
    write_more_flags(to, &values::MOUNT, flags & !MASK)
}

/// Writes the number of a device.
pub(super) fn write_device(to: &mut Printer<'_>, device: u64) -> fmt::Result {
    let major = device >> 8 & 0xfff | device >> 32 & 0xffff_f000;
    let minor = device & 0xff | device >> 12 & 0xffff_ff00;
    to.write_str("makedev(")?;
    write_hex(to, major)?;
    to.write_str(", ")?;
    write_hex(to, minor)?;
    to.write_str(")")
}

/// Writes access mode and flags of open(2).
pub(super) fn write_open_flags(to: &mut Printer<'_>, flags: u64) -> fmt::Result {
    to.write_str(match flags & 3 {
        0 => "O_RDONLY",
        1 => "O_WRONLY",
        2 => "O_RDWR",
        _ => "O_ACCMODE",
    })?;
    write_more_flags(to, &values::OPEN, flags & !3)
}

/// Writes type and flags of a mapping.
fn write_map_flags(to: &mut Printer<'_>, flags: u64) -> fmt::Result {
    // The size of huge pages is a number within the flags, not a flag.
    let (kind, huge) = (flags & 0xf, flags >> 26 & 0x3f);
    match values::MAP_TYPE.name(kind) {
        Some(name) => to.write_str(name)?,
        None => write!(to, "{kind:#x} /* MAP_??? */")?,
    }
    write_more_flags(to, &values::MAP, flags & !0xf & !(0x3f << 26))?;
    if huge != 0 {
        write!(to, "|{huge}<<MAP_HUGE_SHIFT")
    } else {
        Ok(())
    }
}

/// Writes a futex operation; `FUTEX_PRIVATE_FLAG` is part of the names that exist with it.
fn write_futex_operation(to: &mut Printer<'_>, operation: u32) -> fmt::Result {
    const PRIVATE: u32 = 128;
    let (plain, mut modifiers) = (u64::from(operation & 0x7f), operation & !0x7f);
    match values::FUTEX.name(plain) {
        Some(name) if modifiers & PRIVATE != 0 && name != "FUTEX_FD" => {
            write!(to, "{name}_PRIVATE")?;
            modifiers &= !PRIVATE;
        }
        Some(name) => to.write_str(name)?,
        None => return write!(to, "{operation:#x} /* FUTEX_??? */"),
    }
    write_more_flags(to, &values::FUTEX_MODIFIER, modifiers.into())
}

/// Writes what FUTEX_WAKE_OP does and compares (`FUTEX_OP` in linux/futex.h).
fn write_wake_operation(to: &mut Printer<'_>, word: u32) -> fmt::Result {
    const OPERATIONS: [&str; 5] = [
        "FUTEX_OP_SET",
        "FUTEX_OP_ADD",
        "FUTEX_OP_OR",
        "FUTEX_OP_ANDN",
        "FUTEX_OP_XOR",
    ];
    const COMPARISONS: [&str; 6] = [
        "FUTEX_OP_CMP_EQ",
        "FUTEX_OP_CMP_NE",
        "FUTEX_OP_CMP_LT",
        "FUTEX_OP_CMP_LE",
        "FUTEX_OP_CMP_GT",
        "FUTEX_OP_CMP_GE",
    ];
    let (operation, comparison) = (word >> 28 & 7, word >> 24 & 0xf);
    if word >> 31 != 0 {
        to.write_str("FUTEX_OP_OPARG_SHIFT<<28|")?;
    }
    match OPERATIONS.get(operation as usize) {
        Some(name) => to.write_str(name)?,
        None => write!(to, "{operation:#x} /* FUTEX_OP_??? */")?,
    }
    to.write_str("<<28|")?;
    write_hex(to, (word >> 12 & 0xfff).into())?;
    to.write_str("<<12|")?;
    match COMPARISONS.get(comparison as usize) {
        Some(name) => to.write_str(name)?,
        None => write!(to, "{comparison:#x} /* FUTEX_OP_CMP_??? */")?,
    }
    to.write_str("<<24|")?;
    write_hex(to, (word & 0xfff).into())
}

/// Writes the request of an ioctl: its name, or the parts it is made of.
fn write_ioctl(to: &mut Printer<'_>, request: u32) -> fmt::Result {
    if let Some(name) = values::IOCTL.name(request.into()) {
        return to.write_str(name);
    }
    let direction = match request >> 30 {
        0 => "_IOC_NONE",
        1 => "_IOC_WRITE",
        2 => "_IOC_READ",
        _ => "_IOC_READ|_IOC_WRITE",
    };
    let (kind, number, size) = (request >> 8 & 0xff, request & 0xff, request >> 16 & 0x3fff);
    write!(to, "_IOC({direction}, ")?;
    for (part, end) in [(kind, ", "), (number, ", "), (size, ")")] {
        write_hex(to, part.into())?;
        to.write_str(end)?;
    }
    Ok(())
}

/// Writes a class and level of input and output priority.
pub(super) fn write_ioprio(to: &mut Printer<'_>, value: u32) -> fmt::Result {
    to.write_str("IOPRIO_PRIO_VALUE(")?;
    write_choice(to, &values::IOPRIO_CLASS, u64::from(value >> 13))?;
    write!(to, ", {})", value & 0x1fff)
}

/// Writes an execution domain with its flags.
pub(super) fn write_personality(to: &mut Printer<'_>, value: u32) -> fmt::Result {
    if value == u32::MAX {
        return to.write_str("0xffffffff");
    }
    write_choice(to, &values::PERSONALITY, u64::from(value & 0xff))?;
    write_more_flags(to, &values::PERSONALITY_FLAGS, u64::from(value & !0xff))
}

/// Writes a resource limit.
fn write_limit(to: &mut Printer<'_>, limit: u64) -> fmt::Result {
    match limit {
        u64::MAX => to.write_str("RLIM64_INFINITY"),
        limit if limit > 1024 && limit % 1024 == 0 => write!(to, "{}*1024", limit / 1024),
        limit => write!(to, "{limit}"),
    }
}

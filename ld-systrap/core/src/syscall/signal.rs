//! Names of signals, and the text of what the kernel says when it delivers one.

use core::fmt;

/// How many bytes of `siginfo_t` there are.
pub const SIGINFO_SIZE: usize = 128;

/// The names of the signals below the real-time ones, without `SIG`, by number.
static NAMES: [&str; 32] = [
    "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// The names of the real-time signals, without `SIG`, from 32 on.
static REAL_TIME: [&str; 33] = [
    "RTMIN", "RT_1", "RT_2", "RT_3", "RT_4", "RT_5", "RT_6", "RT_7", "RT_8", "RT_9", "RT_10",
    "RT_11", "RT_12", "RT_13", "RT_14", "RT_15", "RT_16", "RT_17", "RT_18", "RT_19", "RT_20",
    "RT_21", "RT_22", "RT_23", "RT_24", "RT_25", "RT_26", "RT_27", "RT_28", "RT_29", "RT_30",
    "RT_31", "RT_32",
];

/// The name of signal `number` without `SIG`: `CHLD`, `RTMIN`, `RT_1`; `None` for no signal.
#[must_use]
pub fn signal_name(number: u64) -> Option<&'static str> {
    let number = usize::try_from(number).ok()?;
    match number {
        0 => None,
        1..32 => NAMES.get(number).copied(),
        _ => REAL_TIME.get(number - 32).copied(),
    }
}

/// Writes `SIGCHLD`, or the plain number where there is no such signal.
///
/// # Errors
/// Whatever `to` returns.
pub fn write_signal_name(to: &mut dyn fmt::Write, number: u64) -> fmt::Result {
    match signal_name(number) {
        Some(name) => write!(to, "SIG{name}"),
        None => write!(to, "{}", number as i32),
    }
}

/// Writes what a delivery tells: `SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, …}`.
///
/// `siginfo` is the kernel's structure of 128 bytes (`asm-generic/siginfo.h`).
///
/// # Errors
/// Whatever `to` returns.
pub fn write_signal(to: &mut dyn fmt::Write, siginfo: &[u8; SIGINFO_SIZE]) -> fmt::Result {
    write_signal_name(to, Siginfo(siginfo).word(0).into())?;
    to.write_str(" ")?;
    write_siginfo(to, siginfo)
}

/// Writes a `siginfo_t` alone: `{si_signo=SIGCHLD, …}`.
pub(super) fn write_siginfo(to: &mut dyn fmt::Write, bytes: &[u8; SIGINFO_SIZE]) -> fmt::Result {
    let info = Siginfo(bytes);
    let signal = info.word(0);
    let code = info.word(8) as i32;
    if signal == 0 {
        return to.write_str("{}");
    }
    to.write_str("{si_signo=")?;
    write_signal_name(to, signal.into())?;
    to.write_str(", si_code=")?;
    match code_name(signal, code) {
        Some(name) => to.write_str(name)?,
        None => write!(to, "{code:#x}")?,
    }
    match info.word(4) {
        0 => {}
        error => match super::errno_name(error) {
            Some((name, _)) => write!(to, ", si_errno={name}")?,
            None => write!(to, ", si_errno={error}")?,
        },
    }
    info.write_union(to, signal, code)?;
    to.write_str("}")
}

/// A `siginfo_t`, read field by field.
struct Siginfo<'a>(&'a [u8; SIGINFO_SIZE]);

impl Siginfo<'_> {
    /// The 32 bits at `offset`.
    fn word(&self, offset: usize) -> u32 {
        self.0
            .get(offset..)
            .and_then(<[u8]>::first_chunk)
            .map_or(0, |b| u32::from_le_bytes(*b))
    }

    /// The 64 bits at `offset`.
    fn long(&self, offset: usize) -> u64 {
        self.0
            .get(offset..)
            .and_then(<[u8]>::first_chunk)
            .map_or(0, |b| u64::from_le_bytes(*b))
    }

    /// Writes the part that depends on where the signal comes from.
    fn write_union(&self, to: &mut dyn fmt::Write, signal: u32, code: i32) -> fmt::Result {
        match code {
            SI_USER | SI_TKILL => return self.write_sender(to),
            SI_QUEUE | SI_MESGQ => {
                self.write_sender(to)?;
                return self.write_value(to, 24);
            }
            SI_TIMER => {
                write!(to, ", si_timerid={:#x}", self.word(16))?;
                write!(to, ", si_overrun={}", self.word(20) as i32)?;
                return self.write_value(to, 24);
            }
            SI_SIGIO => return self.write_band(to),
            _ => {}
        }
        if code < 0 {
            return self.write_rest(to);
        }
        match signal {
            SIGCHLD => {
                self.write_sender(to)?;
                to.write_str(", si_status=")?;
                match code {
                    1 => write!(to, "{}", self.word(24) as i32)?,
                    _ => write_signal_name(to, self.word(24).into())?,
                }
                write_ticks(to, "si_utime", self.long(32))?;
                write_ticks(to, "si_stime", self.long(40))
            }
            SIGILL | SIGTRAP | SIGBUS | SIGFPE | SIGSEGV => {
                write!(to, ", si_addr={}", Pointer(self.long(16)))?;
                match (signal, code) {
                    (SIGSEGV, 3) => {
                        let (lower, upper) = (Pointer(self.long(32)), Pointer(self.long(40)));
                        write!(to, ", si_lower={lower}, si_upper={upper}")
                    }
                    // How much memory is broken, from BUS_MCEERR_AR and BUS_MCEERR_AO.
                    (SIGBUS, 4 | 5) => {
                        write!(to, ", si_addr_lsb={:#x}", self.word(24) & 0xffff)
                    }
                    (SIGSEGV, 4) => write!(to, ", si_pkey={}", self.word(32)),
                    _ => Ok(()),
                }
            }
            SIGIO => self.write_band(to),
            SIGSYS => self.write_call(to),
            _ => self.write_rest(to),
        }
    }

    /// Writes what a descriptor is ready for.
    fn write_band(&self, to: &mut dyn fmt::Write) -> fmt::Result {
        let (band, fd) = (self.long(16) as i64, self.word(24) as i32);
        write!(to, ", si_band={band}, si_fd={fd}")
    }

    /// Writes who sent it.
    fn write_sender(&self, to: &mut dyn fmt::Write) -> fmt::Result {
        write!(to, ", si_pid={}, si_uid=", self.word(16) as i32)?;
        match self.word(20) {
            u32::MAX => to.write_str("-1"),
            user => write!(to, "{user}"),
        }
    }

    /// Writes the value that the sender attached.
    fn write_value(&self, to: &mut dyn fmt::Write, offset: usize) -> fmt::Result {
        let pointer = Pointer(self.long(offset));
        write!(
            to,
            ", si_int={}, si_ptr={pointer}",
            self.word(offset) as i32
        )
    }

    /// Writes sender and value if there seem to be any.
    fn write_rest(&self, to: &mut dyn fmt::Write) -> fmt::Result {
        if self.word(16) != 0 || self.word(20) != 0 {
            self.write_sender(to)?;
        }
        if self.long(24) != 0 {
            self.write_value(to, 24)?;
        }
        Ok(())
    }

    /// Writes the call that seccomp or Syscall User Dispatch refused.
    fn write_call(&self, to: &mut dyn fmt::Write) -> fmt::Result {
        write!(to, ", si_call_addr={}", Pointer(self.long(16)))?;
        let (number, architecture) = (u64::from(self.word(24)), self.word(28));
        let abi = if architecture == AUDIT_ARCH_I386 {
            super::Abi::Int80
        } else {
            super::Abi::Syscall
        };
        let known = matches!(architecture, AUDIT_ARCH_X86_64 | AUDIT_ARCH_I386);
        match super::name(abi, number).filter(|_| known) {
            Some(name) => write!(to, ", si_syscall=__NR_{name}")?,
            None => write!(to, ", si_syscall={number}")?,
        }
        match architecture {
            AUDIT_ARCH_X86_64 => to.write_str(", si_arch=AUDIT_ARCH_X86_64"),
            AUDIT_ARCH_I386 => to.write_str(", si_arch=AUDIT_ARCH_I386"),
            other => write!(to, ", si_arch={other:#x} /* AUDIT_ARCH_??? */"),
        }
    }
}

/// Writes a time that is counted in ticks of the clock, and in seconds unless it is 0.
fn write_ticks(to: &mut dyn fmt::Write, name: &str, ticks: u64) -> fmt::Result {
    // USER_HZ of the kernel.
    const PER_SECOND: u64 = 100;
    let signed = ticks as i64;
    write!(to, ", {name}={signed}")?;
    match signed {
        0 => Ok(()),
        _ => {
            let (whole, rest) = (ticks / PER_SECOND, ticks % PER_SECOND);
            write!(to, " /* {whole}.{rest:02} s */")
        }
    }
}

/// An address, `NULL` when it is 0.
pub(super) struct Pointer(pub(super) u64);

impl fmt::Display for Pointer {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => to.write_str("NULL"),
            address => write!(to, "{address:#x}"),
        }
    }
}

const SIGILL: u32 = 4;
const SIGTRAP: u32 = 5;
const SIGBUS: u32 = 7;
const SIGFPE: u32 = 8;
const SIGSEGV: u32 = 11;
const SIGCHLD: u32 = 17;
const SIGIO: u32 = 29;
const SIGSYS: u32 = 31;
const SI_USER: i32 = 0;
const SI_QUEUE: i32 = -1;
const SI_TIMER: i32 = -2;
const SI_MESGQ: i32 = -3;
const SI_SIGIO: i32 = -5;
const SI_TKILL: i32 = -6;
const AUDIT_ARCH_X86_64: u32 = 0xc000_003e;
const AUDIT_ARCH_I386: u32 = 0x4000_0003;

/// The name of an `si_code`, which depends on the signal unless it is one of the general ones.
fn code_name(signal: u32, code: i32) -> Option<&'static str> {
    let general = match code {
        SI_USER => Some("SI_USER"),
        0x80 => Some("SI_KERNEL"),
        SI_QUEUE => Some("SI_QUEUE"),
        SI_TIMER => Some("SI_TIMER"),
        SI_MESGQ => Some("SI_MESGQ"),
        -4 => Some("SI_ASYNCIO"),
        SI_SIGIO => Some("SI_SIGIO"),
        SI_TKILL => Some("SI_TKILL"),
        -7 => Some("SI_DETHREAD"),
        -60 => Some("SI_ASYNCNL"),
        _ => None,
    };
    let names: &[&str] = match signal {
        SIGILL => &[
            "ILL_ILLOPC",
            "ILL_ILLOPN",
            "ILL_ILLADR",
            "ILL_ILLTRP",
            "ILL_PRVOPC",
            "ILL_PRVREG",
            "ILL_COPROC",
            "ILL_BADSTK",
            "ILL_BADIADDR",
        ],
        SIGFPE => &[
            "FPE_INTDIV",
            "FPE_INTOVF",
            "FPE_FLTDIV",
            "FPE_FLTOVF",
            "FPE_FLTUND",
            "FPE_FLTRES",
            "FPE_FLTINV",
            "FPE_FLTSUB",
        ],
        SIGTRAP => &[
            "TRAP_BRKPT",
            "TRAP_TRACE",
            "TRAP_BRANCH",
            "TRAP_HWBKPT",
            "TRAP_UNK",
            "TRAP_PERF",
        ],
        SIGCHLD => &[
            "CLD_EXITED",
            "CLD_KILLED",
            "CLD_DUMPED",
            "CLD_TRAPPED",
            "CLD_STOPPED",
            "CLD_CONTINUED",
        ],
        SIGIO => &[
            "POLL_IN", "POLL_OUT", "POLL_MSG", "POLL_ERR", "POLL_PRI", "POLL_HUP",
        ],
        SIGSEGV => &[
            "SEGV_MAPERR",
            "SEGV_ACCERR",
            "SEGV_BNDERR",
            "SEGV_PKUERR",
            "SEGV_ACCADI",
            "SEGV_ADIDERR",
            "SEGV_ADIPERR",
            "SEGV_MTEAERR",
            "SEGV_MTESERR",
            "SEGV_CPERR",
        ],
        SIGBUS => &[
            "BUS_ADRALN",
            "BUS_ADRERR",
            "BUS_OBJERR",
            "BUS_MCEERR_AR",
            "BUS_MCEERR_AO",
        ],
        SIGSYS => &["SYS_SECCOMP", "SYS_USER_DISPATCH"],
        _ => &[],
    };
    let index = usize::try_from(code)
        .ok()
        .and_then(|code| code.checked_sub(1));
    general.or_else(|| names.get(index?).copied())
}

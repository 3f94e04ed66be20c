//! Arguments whose meaning another argument decides: what an ioctl's is, a fcntl's, a futex's.

use super::description::{Direction, Extent, Kind, Length};
use super::shape::Shape;
use super::text::CallView;
use super::values;

/// What an argument is in one particular call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    pub(super) direction: Direction,
    pub(super) kind: Kind,
    pub(super) extent: Extent,
}

/// A value of this kind.
const fn value(kind: Kind) -> Option<Meaning> {
    Some(Meaning {
        direction: Direction::Value,
        kind,
        extent: Extent::Value,
    })
}

/// One structure, read by the kernel.
const fn read(shape: Shape) -> Option<Meaning> {
    let kind = Kind::Memory(shape);
    Some(Meaning {
        direction: Direction::In,
        kind,
        extent: Extent::Shape,
    })
}

/// One structure, written by the kernel.
const fn written(shape: Shape) -> Option<Meaning> {
    let kind = Kind::Memory(shape);
    Some(Meaning {
        direction: Direction::Out,
        kind,
        extent: Extent::Shape,
    })
}

/// One structure, read and written.
const fn changed(shape: Shape) -> Option<Meaning> {
    let kind = Kind::Memory(shape);
    Some(Meaning {
        direction: Direction::InOut,
        kind,
        extent: Extent::Shape,
    })
}

/// So many bytes, or elements of a shape, read by the kernel.
const fn read_run(shape: Shape, extent: Extent) -> Option<Meaning> {
    Some(Meaning {
        direction: Direction::In,
        kind: Kind::Memory(shape),
        extent,
    })
}

/// So many bytes, or elements of a shape, written by the kernel.
const fn written_run(shape: Shape, extent: Extent) -> Option<Meaning> {
    Some(Meaning {
        direction: Direction::Out,
        kind: Kind::Memory(shape),
        extent,
    })
}

/// What argument `index` of `call` is, or `None` when the call does not look at it.
///
/// Arguments that no other one decides are what the table says.
pub(super) fn meaning(call: &CallView, index: usize) -> Option<Meaning> {
    let description = call.form()?;
    let argument = description.arguments.get(index)?;
    if argument.kind != Kind::Depends {
        let (direction, kind, extent) = (argument.direction, argument.kind, argument.extent);
        return Some(Meaning {
            direction,
            kind,
            extent,
        });
    }
    match description.name {
        "open" => creates(call.low(1)).then_some(value(Kind::Mode)?),
        "openat" => creates(call.low(2)).then_some(value(Kind::Mode)?),
        "mq_open" => match index {
            2 => (call.low(1) & O_CREAT != 0).then_some(value(Kind::Mode)?),
            _ => (call.low(1) & O_CREAT != 0).then_some(read(Shape::MqAttr)?),
        },
        "mknod" => is_device(call.low(1)).then_some(value(Kind::Device)?),
        "mknodat" => is_device(call.low(2)).then_some(value(Kind::Device)?),
        // MREMAP_FIXED and MREMAP_DONTUNMAP; strace shows the address for the first only.
        "mremap" => (call.low(3) & 2 != 0).then_some(value(Kind::Pointer)?),
        "ioctl" => ioctl(call.low(1)),
        "fcntl" => fcntl(call.low(1)),
        // EPOLL_CTL_DEL looks at no event.
        "epoll_ctl" if call.low(1) == 2 => value(Kind::Pointer),
        "epoll_ctl" => read(Shape::EpollEvent),
        "socket" => match call.low(0) {
            2 | 10 => value(Kind::Choice(&values::INET_PROTOCOL)),
            16 => value(Kind::Choice(&values::NETLINK_PROTOCOL)),
            _ => value(Kind::Size),
        },
        "setsockopt" | "getsockopt" => match call.low(1) {
            0 => value(Kind::Choice(&values::IP_OPTION)),
            1 => value(Kind::Choice(&values::SOCKET_OPTION)),
            6 => value(Kind::Choice(&values::TCP_OPTION)),
            41 => value(Kind::Choice(&values::IPV6_OPTION)),
            0xff => value(Kind::Choice(&values::RAW_OPTION)),
            0x107 => value(Kind::Choice(&values::PACKET_OPTION)),
            0x10e => value(Kind::Choice(&values::NETLINK_OPTION)),
            _ => value(Kind::Int),
        },
        "futex" => futex(call.low(1) & 0x7f, index),
        "prctl" => prctl(call.low(0), index),
        "arch_prctl" => arch_prctl(call.low(0)),
        "syslog" => match (call.low(0), index) {
            (2..=4, 1) => written(Shape::CStr),
            (8, 2) => value(Kind::Numbered(&values::LOG_LEVEL)),
            (0 | 1 | 5 | 6 | 7 | 9 | 10, _) => None,
            (_, 1) => value(Kind::Pointer),
            _ => value(Kind::Int),
        },
        "mount" => mount(call.argument(3), index),
        "ptrace" => ptrace(call.argument(0), index),
        "quotactl" => quotactl(call.low(0), index),
        "quotactl_fd" => quotactl(call.low(1), index),
        "membarrier" => (call.low(1) & 1 != 0).then_some(value(Kind::Int)?),
        "sysfs" => value(Kind::Hex),
        "kcmp" => match (call.low(2), index) {
            // KCMP_FILE, KCMP_EPOLL_TFD
            (0, _) | (7, 3) => value(Kind::Fd),
            (7, _) => read(Shape::EpollSlot),
            (1..=6, _) => None,
            _ => value(Kind::Hex),
        },
        "preadv" | "pwritev" => None,
        "preadv2" | "pwritev2" => None,
        "reboot" => match call.low(2) {
            0xa1b2_c3d4 => read(Shape::RebootCommand),
            _ => None,
        },
        "keyctl" => keyctl(call.low(0), index),
        "fsconfig" => match call.low(1) {
            1 | 3 | 4 => read(Shape::CStr),
            2 => read_run(Shape::Bytes, Extent::Bytes(Length::Argument(4))),
            _ => value(Kind::Pointer),
        },
        "seccomp" => match (call.low(0), index) {
            (1, 1) => value(Kind::Flags(&values::SECCOMP_FILTER)),
            (_, 1) => value(Kind::Hex32),
            (1, _) => read(Shape::FilterProgram),
            (2, _) => read(Shape::SeccompAction),
            (3, _) => written(Shape::SeccompSizes),
            (_, _) => value(Kind::Pointer),
        },
        _ => value(Kind::Pointer),
    }
}

const O_CREAT: u32 = 0o100;

/// Whether flags of open(2) make the kernel look at the mode: `O_CREAT`, or the bit of `O_TMPFILE`.
const fn creates(flags: u32) -> bool {
    flags & (O_CREAT | 0o20_000_000) != 0
}

/// Whether a mode asks for a device: `S_IFCHR` or `S_IFBLK`.
const fn is_device(mode: u32) -> bool {
    matches!(mode & 0o170_000, 0o020_000 | 0o060_000)
}

fn ioctl(request: u32) -> Option<Meaning> {
    match request {
        // TCGETS, TCSETS, TCSETSW, TCSETSF
        0x5401 => written(Shape::Termios),
        0x5402..=0x5404 => read(Shape::Termios),
        // TIOCGPGRP, TIOCOUTQ, FIONREAD, TIOCGSID, TIOCGPTN, TIOCMGET, TIOCGETD, TIOCGPTLCK
        0x540f | 0x5411 | 0x541b | 0x5429 | 0x8004_5430 | 0x5424 | 0x8004_5439 => {
            written(Shape::Int)
        }
        // TIOCSPGRP, FIONBIO, FIOASYNC, TIOCSPTLCK, TIOCPKT, TIOCSETD
        0x5410 | 0x5421 | 0x5452 | 0x4004_5431 | 0x5420 | 0x5423 => read(Shape::Int),
        // TIOCGWINSZ, TIOCSWINSZ
        0x5413 => written(Shape::Winsize),
        0x5414 => read(Shape::Winsize),
        // TCXONC, TCFLSH, TCSBRK, TCSBRKP, TIOCSCTTY
        0x540a => value(Kind::Choice(&values::FLOW)),
        0x540b => value(Kind::Choice(&values::FLUSH)),
        0x5409 | 0x5425 | 0x540e => value(Kind::Int),
        // FICLONE
        0x4004_9409 => value(Kind::Fd),
        // FIOCLEX, FIONCLEX, TIOCNOTTY, TIOCEXCL, TIOCNXCL, TIOCSBRK, TIOCCBRK
        0x5451 | 0x5450 | 0x5422 | 0x540c | 0x540d | 0x5427 | 0x5428 => None,
        _ => value(Kind::Hex),
    }
}

fn fcntl(command: u32) -> Option<Meaning> {
    match command {
        // F_DUPFD, F_DUPFD_CLOEXEC
        0 | 1030 => value(Kind::Long),
        // F_GETFD, F_GETFL, F_GETOWN, F_GETSIG, F_GETLEASE, F_GETPIPE_SZ, F_GET_SEALS
        1 | 3 | 9 | 11 | 1025 | 1032 | 1034 => None,
        2 => value(Kind::Flags(&values::FD)),
        4 => value(Kind::OpenFlags),
        // F_GETLK, F_SETLK, F_SETLKW and their open file description forms
        5 | 36 => changed(Shape::Flock),
        6 | 7 | 37 | 38 => read(Shape::FlockRequest),
        8 => value(Kind::Pid),
        10 => value(Kind::Signal),
        15 => read(Shape::FileOwner),
        16 => written(Shape::FileOwner),
        17 => written(Shape::IdPair),
        1026 => value(Kind::Flags(&values::NOTIFY)),
        1024 => value(Kind::Choice(&values::LOCK_TYPE)),
        1031 => value(Kind::Long),
        1033 => value(Kind::Flags(&values::SEALS)),
        _ => value(Kind::Hex),
    }
}

fn futex(operation: u32, index: usize) -> Option<Meaning> {
    // Which of (value, timeout or value, address, value) each operation looks at.
    match (operation, index) {
        // FUTEX_LOCK_PI, FUTEX_LOCK_PI2
        (6 | 13, 3) => read(Shape::Timespec),
        // FUTEX_UNLOCK_PI and FUTEX_TRYLOCK_PI take nothing, FUTEX_WAKE and FUTEX_FD a value.
        (6 | 7 | 8 | 13, _) => None,
        (1 | 2, 3..) => None,
        (0..=12, 2) => value(if operation == 1 {
            Kind::Int
        } else {
            Kind::Uint
        }),
        // FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI
        (0 | 9 | 11, 3) => read(Shape::Timespec),
        (9 | 10, 5) => value(Kind::BitSet),
        (0 | 9 | 10, _) => None,
        // FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_CMP_REQUEUE_PI
        (3 | 4 | 5 | 12, 3) => value(Kind::Uint),
        (3 | 4 | 5 | 11 | 12, 4) => value(Kind::Pointer),
        (4 | 12, 5) => value(Kind::Uint),
        (5, 5) => value(Kind::FutexWakeOperation),
        (3 | 11, 5) => None,
        (_, 2) => value(Kind::Uint),
        (_, 5) => value(Kind::Hex32),
        _ => value(Kind::Pointer),
    }
}

fn prctl(option: u32, index: usize) -> Option<Meaning> {
    match (option, index) {
        (1, 1) => value(Kind::Signal),
        // Options that write a number.
        (2 | 19 | 25 | 37 | 40, 1) => written(Shape::Int),
        (16, 1) => written(Shape::CStr),
        (15, 1) => read(Shape::CStr),
        (4, 1) => value(Kind::Choice(&values::DUMPABLE)),
        (8 | 29 | 36, 1) => value(Kind::Size),
        (22, 1) => value(Kind::Choice(&values::SECCOMP_MODE)),
        (22, 2) => value(Kind::Pointer),
        (23 | 24, 1) => value(Kind::Choice(&values::CAPABILITY)),
        (47, 1) => value(Kind::Choice(&values::AMBIENT)),
        (59, 1) => value(Kind::Choice(&values::DISPATCH)),
        (59, 4) => value(Kind::Pointer),
        (38, 1..=4) | (41, 1..=4) => value(Kind::Size),
        // Options that take nothing.
        (3 | 7 | 21 | 27 | 30 | 31 | 32 | 42 | 64, _) => None,
        (39 | 66, 1..=4) => value(Kind::Size),
        (1 | 2 | 4 | 8 | 15 | 16 | 19 | 22 | 23 | 24 | 25 | 29 | 36 | 37 | 40, _) => None,
        _ => value(Kind::Hex),
    }
}

fn arch_prctl(option: u32) -> Option<Meaning> {
    match option {
        // ARCH_GET_FS, ARCH_GET_GS
        0x1003 | 0x1004 => written(Shape::Address),
        0x1011 => None,
        // ARCH_SET_GS, ARCH_SET_FS
        0x1001 | 0x1002 => value(Kind::Pointer),
        _ => value(Kind::Hex),
    }
}

fn mount(flags: u64, index: usize) -> Option<Meaning> {
    // MS_BIND, MS_MOVE and the kinds of propagation ignore type and data; MS_REMOUNT the type.
    const ONLY_PATHS: u64 = 0x1000 | 0x2000 | 0x1e_0000;
    const REMOUNT: u64 = 0x20;
    // Above the flags, old programs have a mark (`MS_MGC_VAL`).
    let flags = match flags >> 16 {
        0xc0ed => flags & 0xffff,
        _ => flags,
    };
    let ignored = if index == 2 {
        ONLY_PATHS | REMOUNT
    } else {
        ONLY_PATHS
    };
    if flags & ignored != 0 {
        value(Kind::Pointer)
    } else {
        read(Shape::CStr)
    }
}

fn ptrace(request: u64, index: usize) -> Option<Meaning> {
    // PTRACE_TRACEME takes nothing; the thread is the only argument of PTRACE_KILL, PTRACE_ATTACH,
    // PTRACE_INTERRUPT and PTRACE_LISTEN.
    const ONLY_THREAD: [u64; 5] = [0, 8, 0x10, 0x4207, 0x4208];
    match (request, index) {
        (0, 1) => None,
        (_, 1) => value(Kind::Pid),
        (request, 2..) if ONLY_THREAD.contains(&request) => None,
        // PTRACE_PEEKTEXT, PTRACE_PEEKDATA, PTRACE_PEEKUSER
        (1..=3, 3) => written(Shape::Address),
        // PTRACE_CONT, PTRACE_SINGLESTEP, PTRACE_DETACH, PTRACE_SYSCALL, PTRACE_SYSEMU,
        // PTRACE_SYSEMU_SINGLESTEP, PTRACE_SINGLEBLOCK deliver a signal.
        (7 | 9 | 0x11 | 0x18 | 0x1f..=0x21, 3) => value(Kind::Signal),
        // PTRACE_GETREGS, PTRACE_SETREGS, PTRACE_GETFPREGS, PTRACE_SETFPREGS
        (0xc..=0xf, 2) => None,
        (0xc, 3) => written(Shape::Registers),
        (0xd, 3) => read(Shape::Registers),
        // PTRACE_SETOPTIONS, PTRACE_SEIZE
        (0x4200 | 0x4206, 3) => value(Kind::Flags(&values::PTRACE_OPTIONS)),
        // PTRACE_GETEVENTMSG
        (0x4201, 3) => written(Shape::Size),
        // PTRACE_GETSIGINFO, PTRACE_SETSIGINFO
        (0x4202, 3) => written(Shape::Siginfo),
        (0x4203, 3) => read(Shape::Siginfo),
        // PTRACE_GETREGSET, PTRACE_SETREGSET
        (0x4204 | 0x4205, 2) => value(Kind::Choice(&values::REGISTER_SET)),
        (0x4204 | 0x4205, 3) => read(Shape::RemoteIovec),
        // PTRACE_GETSIGMASK, PTRACE_SETSIGMASK
        (0x420a | 0x420b, 2) => value(Kind::Size),
        (0x420a, 3) => written_run(Shape::Sigset, Extent::Bytes(Length::Argument(2))),
        (0x420b, 3) => read_run(Shape::Sigset, Extent::Bytes(Length::Argument(2))),
        // PTRACE_SECCOMP_GET_FILTER, PTRACE_SECCOMP_GET_METADATA, PTRACE_GET_SYSCALL_INFO
        (0x420c..=0x420e, 2) => value(Kind::Size),
        _ => value(Kind::Pointer),
    }
}

fn quotactl(command: u32, index: usize) -> Option<Meaning> {
    let what = command >> 8;
    match (what, index) {
        // Q_SYNC, Q_QUOTAOFF, Q_XQUOTASYNC
        (0x80_0001 | 0x80_0003 | 0x5807, _) => None,
        // Q_QUOTAON
        (0x80_0002, 2) => value(Kind::Choice(&values::QUOTA_FORMAT)),
        (0x80_0002, _) => read(Shape::Path),
        // Q_GETFMT, Q_GETINFO, Q_SETINFO are about no user or group.
        (0x80_0004..=0x80_0006, 2) => None,
        // Nor are Q_XQUOTAON, Q_XQUOTAOFF, Q_XGETQSTAT, Q_XQUOTARM, Q_XGETQSTATV.
        (0x5801 | 0x5802 | 0x5805 | 0x5806 | 0x5808, 2) => None,
        (0x80_0004, _) => written(Shape::QuotaFormat),
        (0x80_0005, _) => written(Shape::QuotaInformation),
        (0x80_0006, _) => read(Shape::QuotaInformation),
        // Q_GETQUOTA, Q_SETQUOTA, Q_GETNEXTQUOTA
        (0x80_0007, 3) => written(Shape::Quota),
        (0x80_0008, 3) => read(Shape::Quota),
        (0x80_0009, 3) => written(Shape::NextQuota),
        // Q_XQUOTAON, Q_XQUOTAOFF, Q_XQUOTARM
        (0x5801 | 0x5802 | 0x5806, _) => read(Shape::XfsQuotaFlags),
        (_, 2) => value(Kind::Id),
        _ => value(Kind::Pointer),
    }
}

fn keyctl(operation: u32, index: usize) -> Option<Meaning> {
    match (operation, index) {
        (0 | 3 | 5 | 7 | 15 | 21, 1) => value(Kind::KeySerial),
        (0, 2) => value(Kind::Int),
        (1, 1) => read(Shape::CStr),
        (3 | 7 | 21, 2..) | (0 | 5 | 15, 3..) | (1, 2..) => None,
        _ => value(Kind::Hex),
    }
}

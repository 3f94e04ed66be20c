//! What a description of a system call says.
//!
//! Only types: the table is in `table`, what is made of it in `text`, `footprint` and `filter`.

use super::class::Classes;
use super::shape::Shape;
use super::values::Names;

/// One system call.
#[derive(Debug)]
pub struct Description {
    /// Its number in the table that it belongs to.
    pub number: u32,
    /// Its name in the kernel.
    pub name: &'static str,
    /// The classes that a filter may name it by.
    pub classes: Classes,
    /// Its arguments, in the order of their registers: at most six.
    pub arguments: &'static [Argument],
    /// What it returns when it succeeds.
    pub outcome: Outcome,
}

/// One argument of a call.
#[derive(Debug)]
pub struct Argument {
    /// Its name in the kernel.
    pub name: &'static str,
    /// Whether it is a value, or memory that the kernel reads, writes or both.
    pub direction: Direction,
    /// What the value, or the memory, means.
    pub kind: Kind,
    /// How much memory it is.
    pub extent: Extent,
}

/// Which way the bytes behind an argument go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The argument itself is all there is.
    Value,
    /// The kernel reads the memory.
    In,
    /// The kernel writes the memory.
    Out,
    /// The kernel reads the memory, then writes it.
    InOut,
}

/// How much memory an argument stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// None.
    Value,
    /// What its shape says: a structure of fixed size, or something that has an end mark.
    Shape,
    /// This many bytes.
    Bytes(Length),
    /// This many elements of its shape.
    Elements(Length),
}

/// Where a count of bytes or elements is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// The call's result, when it is not negative.
    Result,
    /// The argument of this index.
    Argument(usize),
    /// The 32-bit number that the argument of this index points to.
    Pointed(usize),
    /// Always the same.
    Fixed(u64),
}

/// What a value means; for [`Kind::Memory`], what is at the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 16 unsigned bits.
    Short,
    /// 16 signed bits.
    SignedShort,
    /// 32 signed bits.
    Int,
    /// 32 unsigned bits.
    Uint,
    /// 64 signed bits.
    Long,
    /// 64 unsigned bits.
    Size,
    /// 64 bits that are not a quantity.
    Hex,
    /// 32 bits that are not a quantity.
    Hex32,
    /// An address that the call does not look behind, or not in a way that the table states.
    Pointer,
    /// A file descriptor.
    Fd,
    /// A file descriptor of a directory, or `AT_FDCWD`.
    Directory,
    /// A process, thread, group or session.
    Pid,
    /// A user or group; −1 leaves it as it is.
    Id,
    /// The number of a signal.
    Signal,
    /// Permission bits.
    Mode,
    /// Permission bits and the type of a file.
    FileMode,
    /// A device's number.
    Device,
    /// A System V key.
    Key,
    /// A keyring or key.
    KeySerial,
    /// The request of an ioctl.
    Ioctl,
    /// A class and level of input and output priority.
    Ioprio,
    /// An execution domain.
    Personality,
    /// A quota command and type.
    QuotaCommand,
    /// Flags of fanotify_init.
    FanotifyInit,
    /// A futex operation with its modifiers.
    FutexOperation,
    /// Access mode and flags of open(2).
    OpenFlags,
    /// Type and flags of a mapping.
    MapFlags,
    /// Type and flags of a socket.
    SocketType,
    /// A memory policy with its mode flags.
    MemoryPolicy,
    /// As [`Kind::MemoryPolicy`], all 64 bits of the register.
    MemoryPolicy64,
    /// Flags of kexec_load(2), and an architecture.
    KexecFlags,
    /// Flags of swapon(2), and a priority.
    SwapFlags,
    /// Flags of mount(2).
    MountFlags,
    /// Flags of memfd_create(2), and the size of huge pages.
    MemfdFlags,
    /// The descriptor of a directory, or `FAN_NOFD`.
    MarkedDirectory,
    /// Synchronisation and lookup flags of statx(2).
    StatxFlags,
    /// Seconds since 1970.
    Time,
    /// A resource limit, counted in units of 1024 where that is exact.
    Limit,
    /// Permission bits, and above them bits that have names.
    FlagsAndMode(&'static Names),
    /// Bits, each of which has a name.
    Flags(&'static Names),
    /// One of several named values.
    Choice(&'static Names),
    /// One of several named values, written as a number with its name.
    Numbered(&'static Names),
    /// Whether a page is in memory; the other bits of the byte mean nothing yet.
    Residency,
    /// Bits of which all may be set at once, as a way to say any.
    BitSet,
    /// An operation, comparison and operands in one word.
    FutexWakeOperation,
    /// What another argument decides.
    Depends,
    /// The address of memory of this shape.
    Memory(Shape),
}

impl Kind {
    /// How many bytes of the register, or of a field of this kind, count.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Kind::Short | Kind::SignedShort => 2,
            Kind::Flags(names) | Kind::Choice(names) => names.bits as usize / 8,
            Kind::Long
            | Kind::Size
            | Kind::Hex
            | Kind::Pointer
            | Kind::MapFlags
            | Kind::MountFlags
            | Kind::KexecFlags
            | Kind::MemoryPolicy64
            | Kind::Limit
            | Kind::Time
            | Kind::Depends
            | Kind::Memory(_) => 8,
            _ => 4,
        }
    }
}

/// What a call returns when it succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A number.
    Decimal,
    /// An address.
    Address,
    /// A new descriptor.
    Fd,
    /// Permission bits.
    Octal,
    /// The number of a signal.
    Signal,
    /// How many descriptors are ready; 0 when the time is over.
    Poll,
    /// As [`Outcome::Poll`], for sets of descriptors.
    Select,
    /// What fcntl's command says.
    Fcntl,
    /// What prctl's option says.
    Prctl,
    /// A scheduling policy.
    Scheduler,
    /// An execution domain.
    Personality,
    /// A class and level of input and output priority.
    Ioprio,
    /// A number or an error of 32 bits only.
    Narrow,
    /// How many messages were received; the time to wait is changed.
    Messages,
    /// Seconds since 1970.
    Time,
    /// The state of the clock.
    Timex,
    /// The commands of membarrier(2) that there are.
    Membarrier,
}

//! Why a file is no image that can run.

use core::fmt;

/// `ENOEXEC` of errno(3).
const ENOEXEC: i32 = 8;

/// Why a file cannot be loaded. Its text continues a sentence that begins with the file's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ImageError {
    /// No bytes at all.
    Empty,
    /// No ELF magic.
    NotElf,
    /// Shorter than an ELF header.
    TruncatedHeader,
    /// i386 or x32.
    Bits32,
    /// The `e_machine` of another architecture.
    Machine(u16),
    /// `ET_REL`.
    Object,
    /// `ET_CORE`.
    Core,
    /// An `e_type` that is not known.
    Type(u16),
    /// An `e_phentsize` that is not that of 64-bit files.
    ProgramHeaderSize(u16),
    /// More program headers than the kernel reads.
    TooManyProgramHeaders,
    /// The program headers are not inside the file.
    TruncatedProgramHeaders,
    /// `PT_INTERP` points outside the file.
    TruncatedInterpreter,
    /// `PT_INTERP` is empty, too long, or not ended by a NUL.
    Interpreter,
    /// No `PT_LOAD`.
    NothingToLoad,
    /// A `PT_LOAD` that takes more from the file than it takes in memory.
    SegmentSizes,
    /// A `PT_LOAD` whose offset and address differ within a page.
    SegmentOffset,
    /// A `PT_LOAD` outside the 47 bits of a program's addresses, or of the file's offsets.
    SegmentAddress,
}

impl ImageError {
    /// What execve(2) answers for such a file. `None` for bad segments, which the kernel refuses too late to
    /// answer: the process then dies of a `SIGSEGV` in the middle of execve.
    #[must_use]
    pub fn native_errno(&self) -> Option<i32> {
        match self {
            ImageError::TruncatedInterpreter => Some(5), // EIO, as elf_read says it
            ImageError::NothingToLoad
            | ImageError::SegmentSizes
            | ImageError::SegmentOffset
            | ImageError::SegmentAddress => None,
            _ => Some(ENOEXEC),
        }
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageError::Empty => to.write_str("is empty"),
            ImageError::NotElf => to.write_str("is not an ELF file"),
            ImageError::TruncatedHeader => to.write_str("is truncated: its ELF header is cut off"),
            ImageError::Bits32 => to.write_str("is a 32-bit program; only x86-64 programs can run"),
            ImageError::Machine(machine) => {
                write!(
                    to,
                    "is made for another architecture ({})",
                    Machine(*machine)
                )
            }
            ImageError::Object => to.write_str("is an object file, not a program"),
            ImageError::Core => to.write_str("is a core file, not a program"),
            ImageError::Type(kind) => {
                write!(
                    to,
                    "is an ELF file of an unknown type ({kind}), not a program"
                )
            }
            ImageError::ProgramHeaderSize(size) => {
                write!(
                    to,
                    "is damaged: its program headers are {size} bytes long instead of 56"
                )
            }
            ImageError::TooManyProgramHeaders => {
                to.write_str("has more program headers than the kernel accepts")
            }
            ImageError::TruncatedProgramHeaders => {
                to.write_str("is truncated: its program headers lie outside the file")
            }
            ImageError::TruncatedInterpreter => {
                to.write_str("is truncated: the name of its interpreter lies outside the file")
            }
            ImageError::Interpreter => {
                to.write_str("is damaged: the name of its interpreter is not a path")
            }
            ImageError::NothingToLoad => to.write_str("has no loadable segment"),
            ImageError::SegmentSizes => {
                to.write_str("is damaged: a segment is larger in the file than in memory")
            }
            ImageError::SegmentOffset => {
                to.write_str("is damaged: a segment's offset does not fit its address")
            }
            ImageError::SegmentAddress => {
                to.write_str("is damaged: a segment lies outside the address space")
            }
        }
    }
}

impl core::error::Error for ImageError {}

/// An `e_machine`, by name where it is a common one.
struct Machine(u16);

impl fmt::Display for Machine {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            2 => "SPARC",
            8 => "MIPS",
            20 => "PowerPC",
            21 => "64-bit PowerPC",
            22 => "S/390",
            40 => "ARM",
            43 => "64-bit SPARC",
            50 => "Itanium",
            183 => "AArch64",
            243 => "RISC-V",
            247 => "BPF",
            258 => "LoongArch",
            other => return write!(to, "ELF machine {other}"),
        };
        to.write_str(name)
    }
}

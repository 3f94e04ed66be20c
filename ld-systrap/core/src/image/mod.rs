//! ELF files: what their headers ask for.
//!
//! Reads bytes and nothing else. The bytes are a lazily paged view of a file, so nothing is touched
//! before it is asked for: [`Image::parse`] reads the header and the program headers only. Whatever
//! the file says is a claim: every offset and size is checked before it is followed.

mod dynamic;
mod error;
mod notes;
mod sections;
mod segment;

pub(crate) use dynamic::{SymbolTable, string};
pub use error::ImageError;
pub use segment::Segment;

use crate::address::{self, PAGE};
use core::ops::Range;
use goblin::elf64::header::{self, Header, SIZEOF_EHDR};
use goblin::elf64::program_header::{
    PF_X, PT_DYNAMIC, PT_GNU_STACK, PT_INTERP, PT_LOAD, ProgramHeader, SIZEOF_PHDR,
};
use plain::Plain;

/// The longest path of an interpreter that the kernel accepts, with its NUL: `PATH_MAX`.
const LONGEST_INTERPRETER: u64 = 4096;
/// The most bytes of program headers that the kernel reads (`load_elf_phdrs` in fs/binfmt_elf.c).
const MOST_HEADER_BYTES: usize = 65536;

/// Where an image may be mapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `ET_EXEC`: at its own addresses only.
    Executable,
    /// `ET_DYN`: anywhere; a position-independent program or a shared object.
    Dynamic,
}

/// An ELF file that the kernel would load.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    bytes: &'a [u8],
    header: Header,
    kind: Kind,
    /// The program header table, `SIZEOF_PHDR` bytes each, checked to lie inside the file.
    table: &'a [u8],
    span: (u64, u64),
    alignment: u64,
}

impl<'a> Image<'a> {
    /// Reads the headers of the file whose content is `bytes`.
    ///
    /// # Errors
    /// Whatever makes the kernel's ELF loader refuse the file, before or after the point where it
    /// can still say so (`load_elf_binary` in fs/binfmt_elf.c).
    pub fn parse(bytes: &'a [u8]) -> Result<Image<'a>, ImageError> {
        if bytes.is_empty() {
            return Err(ImageError::Empty);
        }
        if !bytes.starts_with(header::ELFMAG) {
            return Err(ImageError::NotElf);
        }
        let header: Header = read(bytes, 0).ok_or(ImageError::TruncatedHeader)?;
        let kind = kind(&header)?;
        let table = program_header_table(bytes, &header)?;

        let mut image = Image {
            bytes,
            header,
            kind,
            table,
            span: (u64::MAX, 0),
            alignment: PAGE,
        };
        for program_header in image.program_headers() {
            match program_header.p_type {
                PT_LOAD => image.admit(&program_header)?,
                PT_INTERP => image.check_interpreter(&program_header)?,
                _ => {}
            }
        }
        match image.span.0 < image.span.1 {
            true => Ok(image),
            false => Err(ImageError::NothingToLoad),
        }
    }

    /// Widens span and alignment by one segment, if it can be mapped at all.
    fn admit(&mut self, program_header: &ProgramHeader) -> Result<(), ImageError> {
        let pages = segment::pages(program_header)?;
        if pages.is_empty() {
            return Ok(());
        }
        self.span = (self.span.0.min(pages.start), self.span.1.max(pages.end));
        if program_header.p_align.is_power_of_two() {
            self.alignment = self.alignment.max(program_header.p_align);
        }
        Ok(())
    }

    /// Refuses the paths that `load_elf_binary` refuses.
    fn check_interpreter(&self, program_header: &ProgramHeader) -> Result<(), ImageError> {
        let size = program_header.p_filesz;
        let path = slice(self.bytes, program_header.p_offset, size);
        match path {
            _ if !(2..=LONGEST_INTERPRETER).contains(&size) => Err(ImageError::Interpreter),
            None => Err(ImageError::TruncatedInterpreter),
            Some(path) if path.last() != Some(&0) => Err(ImageError::Interpreter),
            Some(_) => Ok(()),
        }
    }

    /// All that was given to [`Image::parse`].
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where it may be mapped.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The address of its first instruction, before relocation.
    #[must_use]
    pub fn entry(&self) -> u64 {
        self.header.e_entry
    }

    /// What is to be mapped, in the order of the program headers.
    pub fn segments(&self) -> impl Iterator<Item = Segment> + use<'a> {
        program_headers(self.table)
            .filter(|header| header.p_type == PT_LOAD)
            .map(Segment::from)
    }

    /// The pages from the lowest to the highest address of any segment, before relocation.
    #[must_use]
    pub fn span(&self) -> Range<u64> {
        self.span.0..self.span.1
    }

    /// The largest alignment that a segment asks for, a power of two and at least a page. Alignments
    /// that are no powers of two count for nothing, as for the kernel (`maximum_alignment`).
    #[must_use]
    pub fn alignment(&self) -> u64 {
        self.alignment
    }

    /// The path of the interpreter it asks for, without the NUL that ends it.
    #[must_use]
    pub fn interpreter(&self) -> Option<&'a [u8]> {
        let path = self.content(PT_INTERP)?;
        path.split(|byte| *byte == 0).next()
    }

    /// Whether it asks for an executable stack; `None` when it does not say.
    #[must_use]
    pub fn stack_executable(&self) -> Option<bool> {
        // The kernel takes the last word when there are several.
        let last = self
            .program_headers()
            .filter(|header| header.p_type == PT_GNU_STACK)
            .last()?;
        Some(last.p_flags & PF_X != 0)
    }

    /// Where the program headers are once mapped, before relocation: what the kernel computes for
    /// `AT_PHDR`. `None` when no segment holds them.
    #[must_use]
    pub fn program_headers_address(&self) -> Option<u64> {
        let offset = self.header.e_phoff;
        let holds = |segment: &Segment| {
            segment.offset <= offset && offset - segment.offset < segment.file_size
        };
        let segment = self.segments().filter(holds).last()?;
        segment.address.checked_add(offset - segment.offset)
    }

    /// The bytes of the program headers, which are in memory at `AT_PHDR`.
    #[must_use]
    pub fn program_header_bytes(&self) -> &'a [u8] {
        self.table
    }

    /// The number of program headers: `AT_PHNUM`.
    #[must_use]
    pub fn program_header_count(&self) -> u16 {
        self.header.e_phnum
    }

    /// Whether it describes itself to a dynamic linker.
    #[must_use]
    pub fn has_dynamic(&self) -> bool {
        self.program_headers()
            .any(|header| header.p_type == PT_DYNAMIC)
    }

    /// The address, before relocation, at which the byte at `offset` of the file is mapped.
    #[must_use]
    pub fn address_of_offset(&self, offset: u64) -> Option<u64> {
        self.segments().find_map(|segment| {
            let within = offset.checked_sub(segment.offset)?;
            (within < segment.file_size).then(|| segment.address + within)
        })
    }

    /// Where in the file the byte is that is mapped at `address` (before relocation).
    #[must_use]
    pub fn offset_of_address(&self, address: u64) -> Option<u64> {
        let segment = self.segments().find(|segment| segment.holds(address))?;
        segment.offset.checked_add(address - segment.address)
    }

    /// As [`Image::address_of_offset`], for bytes that only share a page with an executable segment:
    /// they are mapped with it and can be run.
    pub(crate) fn address_of_code(&self, offset: u64) -> Option<u64> {
        self.segments()
            .filter(|segment| segment.executable)
            .find_map(|segment| {
                let pages = address::pages(&(segment.offset..segment.offset + segment.file_size));
                pages.contains(&offset).then(|| {
                    segment
                        .address
                        .wrapping_sub(segment.offset)
                        .wrapping_add(offset)
                })
            })
    }

    /// Whether the byte at `address` (before relocation) comes from the file and can be run.
    pub(crate) fn is_executable(&self, address: u64) -> bool {
        self.segments()
            .any(|segment| segment.executable && segment.holds(address))
    }

    /// The bytes of the file that are mapped from `address` (before relocation) to the end of what
    /// its segment takes from the file.
    pub(crate) fn bytes_from(&self, address: u64) -> Option<&'a [u8]> {
        let segment = self.segments().find(|segment| segment.holds(address))?;
        let within = address - segment.address;
        let offset = segment.offset.checked_add(within)?;
        let start = usize::try_from(offset).ok()?;
        let rest = self.bytes.get(start..)?;
        let length = usize::try_from(segment.file_size - within).ok()?;
        Some(&rest[..rest.len().min(length)])
    }

    /// The bytes that the first program header of type `kind` points to.
    pub(crate) fn content(&self, kind: u32) -> Option<&'a [u8]> {
        let header = self
            .program_headers()
            .find(|header| header.p_type == kind)?;
        slice(self.bytes, header.p_offset, header.p_filesz)
    }

    /// The first program header of type `kind`.
    pub(crate) fn program_header(&self, kind: u32) -> Option<ProgramHeader> {
        self.program_headers().find(|header| header.p_type == kind)
    }

    fn program_headers(&self) -> impl Iterator<Item = ProgramHeader> + use<'a> {
        program_headers(self.table)
    }
}

fn program_headers(table: &[u8]) -> impl Iterator<Item = ProgramHeader> + use<'_> {
    table
        .chunks_exact(SIZEOF_PHDR)
        .filter_map(|entry| read(entry, 0))
}

/// What kind of image the header promises, if one that can run here.
fn kind(header: &Header) -> Result<Kind, ImageError> {
    match header.e_machine {
        header::EM_X86_64 => {}
        header::EM_386 => return Err(ImageError::Bits32),
        machine => return Err(ImageError::Machine(machine)),
    }
    match header.e_type {
        header::ET_EXEC => Ok(Kind::Executable),
        header::ET_DYN => Ok(Kind::Dynamic),
        header::ET_REL => Err(ImageError::Object),
        header::ET_CORE => Err(ImageError::Core),
        other => Err(ImageError::Type(other)),
    }
}

/// The bytes of the program headers. The kernel never looks at `EI_CLASS`: it knows 64-bit files by
/// their machine and by the size of their program headers.
fn program_header_table<'a>(bytes: &'a [u8], header: &Header) -> Result<&'a [u8], ImageError> {
    if usize::from(header.e_phentsize) != SIZEOF_PHDR {
        return Err(match header.e_ident[header::EI_CLASS] {
            header::ELFCLASS32 => ImageError::Bits32,
            _ => ImageError::ProgramHeaderSize(header.e_phentsize),
        });
    }
    let size = usize::from(header.e_phnum) * SIZEOF_PHDR;
    match size {
        0 => Err(ImageError::NothingToLoad),
        size if size > MOST_HEADER_BYTES => Err(ImageError::TooManyProgramHeaders),
        size => {
            slice(bytes, header.e_phoff, size as u64).ok_or(ImageError::TruncatedProgramHeaders)
        }
    }
}

/// Copies a structure out of `bytes`, however it is aligned there.
pub(crate) fn read<T: Plain + Default>(bytes: &[u8], offset: u64) -> Option<T> {
    let from = bytes.get(usize::try_from(offset).ok()?..)?;
    let mut value = T::default();
    plain::copy_from_bytes(&mut value, from).ok()?;
    Some(value)
}

/// `size` bytes of `bytes` from `offset` on, if all of them are there.
pub(crate) fn slice(bytes: &[u8], offset: u64, size: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    bytes.get(start..end)
}

const _: () = assert!(SIZEOF_EHDR == size_of::<Header>());

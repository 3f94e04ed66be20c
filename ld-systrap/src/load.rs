//! Maps the program, and the interpreter that it would have had, as the kernel's ELF loader
//! (fs/binfmt_elf.c) maps them.
#![expect(unsafe_code, reason = "maps files and reads them as bytes")]

use crate::memory::copy;
use crate::options::Refusal;
use crate::postponed;
use crate::sys::file::Version;
use crate::sys::memory::{self, Content, EXECUTE, Place, READ, WRITE};
use crate::sys::{Errno, file, process};
use crate::view::View;
use alloc::ffi::CString;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ffi::CStr;
use core::ops::Range;
use ld_systrap_core::address::{PAGE, pages};
use ld_systrap_core::image::{Image, Kind, Segment};
use linux_raw_sys::general::{O_CLOEXEC, O_RDONLY};

/// An image in memory.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// What is to be added to addresses in the file.
    pub(crate) bias: u64,
    /// Its first instruction.
    pub(crate) entry: u64,
    /// Its program headers, or 0.
    pub(crate) headers: u64,
    /// Their number.
    pub(crate) header_count: u64,
    /// Its code and data, as `/proc/self/stat` counts them.
    pub(crate) code: Range<u64>,
    /// Its data.
    pub(crate) data: Range<u64>,
    /// The end of its bss: where the heap may begin.
    pub(crate) end: u64,
    /// Some segment is writable and executable.
    pub(crate) writable_code: bool,
}

/// Opens a file and says what is wrong in a shell's terms.
pub(crate) fn open(path: &CStr) -> Result<i32, Refusal> {
    file::open(path, O_RDONLY | O_CLOEXEC).map_err(|error| {
        let status = if error == Errno::ENOENT || error == Errno::ENOTDIR {
            127
        } else {
            126
        };
        Refusal::error(status, format_args!("{}: {error}", path.to_string_lossy()))
    })
}

/// Reads the headers of an image for `name`. What is an interpreter like this one, whose gate would take this
/// one's %gs for its own, is refused.
pub(crate) fn parse<'a>(view: &'a View, name: &str) -> Result<Image<'a>, Refusal> {
    let image = Image::parse(view.bytes())
        .map_err(|error| Refusal::Unloadable(format!("{name}: {error}")))?;
    match image.note(c"ld-systrap".to_bytes_with_nul(), 1) {
        None => Ok(image),
        Some(_) => Err(Refusal::error(
            126,
            format_args!("{name}: is such an interpreter itself; one cannot run under another"),
        )),
    }
}

/// Takes care of what has been mapped of a view to be run: its range, its protection, the view, and where in
/// that it begins.
pub(crate) type Care = fn(Range<u64>, u32, &Arc<View>, u64) -> Result<(), Errno>;

/// Maps the image that `view` shows and takes care of its code.
pub(crate) fn map(
    view: &Arc<View>,
    image: &Image<'_>,
    descriptor: i32,
    name: &str,
    place: Base,
    care: Care,
) -> Result<Loaded, Refusal> {
    let refuse = |error: Errno| Refusal::Unloadable(format!("{name}: cannot be mapped: {error}"));
    let bias = map_segments(image, descriptor, place).map_err(refuse)?;
    let mut loaded = Loaded {
        bias,
        entry: image.entry().wrapping_add(bias),
        headers: image
            .program_headers_address()
            .map_or(0, |address| address.wrapping_add(bias)),
        header_count: u64::from(image.program_header_count()),
        #[expect(
            clippy::reversed_empty_ranges,
            reason = "each segment of code widens it"
        )]
        code: u64::MAX..0,
        data: 0..0,
        end: 0,
        writable_code: false,
    };
    if loaded.entry >= copy::END {
        let what = "is damaged: it begins outside the address space";
        return Err(Refusal::Unloadable(format!("{name}: {what}")));
    }
    for segment in image.segments() {
        account(&segment, &mut loaded);
    }
    for segment in image.segments().filter(|segment| segment.executable) {
        instrument_segment(view, &segment, bias, care).map_err(refuse)?;
    }
    Ok(loaded)
}

/// Where an image that can lie anywhere shall lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Base {
    /// Where the kernel puts position-independent programs.
    Program,
    /// Where mappings go.
    Anywhere,
}

/// `ELF_ET_DYN_BASE`: two thirds of the address space.
const PROGRAM_BASE: u64 = 0x5555_5555_4000;
const ADDR_NO_RANDOMIZE: u32 = 0x0004_0000;

/// A random number of pages below `2^bits`, or 0 where randomisation is off.
pub(crate) fn random_pages(bits: u32) -> u64 {
    if process::personality() & ADDR_NO_RANDOMIZE != 0 {
        return 0;
    }
    (process::random() & ((1 << bits) - 1)) * PAGE
}

/// Maps the segments of an image, and gives its bias.
fn map_segments(image: &Image<'_>, descriptor: i32, place: Base) -> Result<u64, Errno> {
    let span = image.span();
    if image.kind() == Kind::Executable {
        map_at(image, 0, descriptor)?;
        return Ok(0);
    }
    if place == Base::Program {
        for _ in 0..8 {
            let base = (PROGRAM_BASE + random_pages(28)) & !(image.alignment() - 1);
            let bias = base.wrapping_sub(span.start);
            if map_at(image, bias, descriptor).is_ok() {
                return Ok(bias);
            }
        }
    }
    let bias = room(image)?.wrapping_sub(span.start);
    map_at(image, bias, descriptor)?;
    Ok(bias)
}

/// Where there is room for an image, as long as nobody else maps anything.
fn room(image: &Image<'_>) -> Result<u64, Errno> {
    let span = image.span();
    let length = span.end - span.start + image.alignment() - PAGE;
    // SAFETY: new memory, which is given back.
    unsafe {
        let start = memory::map(Place::Anywhere, length, 0, Content::Reserved)?;
        memory::unmap(start..start + length)?;
        Ok(start.next_multiple_of(image.alignment()))
    }
}

/// A mapping that an image asks for.
struct Piece {
    range: Range<u64>,
    protection: u32,
    content: Content,
}

/// Maps the segments of an image where nothing is yet; all of them or none.
fn map_at(image: &Image<'_>, bias: u64, descriptor: i32) -> Result<(), Errno> {
    let pieces: Vec<Piece> = image
        .segments()
        .flat_map(|segment| pieces(&segment, bias, descriptor))
        .collect();
    let mut pairs = pieces.iter().zip(pieces.iter().skip(1));
    let apart = pairs.all(|(one, next)| one.range.end <= next.range.start);
    let mut mapped = Vec::new();
    let done = if apart {
        map_pieces(&pieces, Place::Free, &mut mapped)
    } else {
        // They meet in a page, which the later one has.
        let span = image.span();
        let whole = Piece {
            range: span.start.wrapping_add(bias)..span.end.wrapping_add(bias),
            protection: 0,
            content: Content::Reserved,
        };
        map_pieces(&[whole], Place::Free, &mut mapped)
            .and_then(|()| map_pieces(&pieces, Place::Over, &mut mapped))
    };
    if done.is_err() {
        for range in mapped {
            // SAFETY: mapped here.
            let _ = unsafe { memory::unmap(range) };
        }
        return done;
    }
    image
        .segments()
        .try_for_each(|segment| zero_end(&segment, bias))
}

/// Maps pieces and adds their ranges to `mapped`.
fn map_pieces(
    pieces: &[Piece],
    place: impl Fn(u64) -> Place,
    mapped: &mut Vec<Range<u64>>,
) -> Result<(), Errno> {
    for piece in pieces {
        let Range { start, end } = piece.range;
        // SAFETY: where nothing is, or over what is mapped for the same image.
        unsafe { memory::map(place(start), end - start, piece.protection, piece.content)? };
        mapped.push(piece.range.clone());
    }
    Ok(())
}

fn protection(segment: &Segment) -> u32 {
    [
        (segment.readable, READ),
        (segment.writable, WRITE),
        (segment.executable, EXECUTE),
    ]
    .iter()
    .fold(0, |all, (is, bit)| if *is { all | bit } else { all })
}

/// What a segment asks for: the file's pages, then zeros.
fn pieces(segment: &Segment, bias: u64, descriptor: i32) -> impl Iterator<Item = Piece> + use<> {
    let protection = protection(segment);
    let start = segment.address.wrapping_add(bias);
    let file = match segment.file_size {
        0 => start & !(PAGE - 1)..start & !(PAGE - 1),
        size => pages(&(start..start + size)),
    };
    let zeros = file.end..pages(&(start..start + segment.memory_size)).end;
    let offset = segment.offset.wrapping_sub(start - file.start);
    let content = [Content::File { descriptor, offset }, Content::Zeros];
    let all = [file, zeros].into_iter().zip(content);
    all.filter(|(range, _)| !range.is_empty())
        .map(move |(range, content)| Piece {
            range,
            protection,
            content,
        })
}

/// Zeros what a segment has of its last page that is not in the file.
fn zero_end(segment: &Segment, bias: u64) -> Result<(), Errno> {
    if segment.memory_size > segment.file_size && segment.file_size > 0 && segment.writable {
        let end = segment.address.wrapping_add(bias) + segment.file_size;
        zero(end..end.next_multiple_of(PAGE))?;
    }
    Ok(())
}

/// Zeros memory of the program.
fn zero(range: Range<u64>) -> Result<(), Errno> {
    let zeros = [0; 256]; // not a page, as the stack would need one more for it
    range.clone().step_by(zeros.len()).try_for_each(|at| {
        let length = zeros.len().min((range.end - at) as usize);
        copy::write_bytes(at, &zeros[..length]).map_err(|_| Errno::EFAULT)
    })
}

fn account(segment: &Segment, loaded: &mut Loaded) {
    let start = segment.address.wrapping_add(loaded.bias);
    if segment.executable {
        loaded.code.start = loaded.code.start.min(start);
        loaded.code.end = loaded.code.end.max(start + segment.file_size);
    }
    if start >= loaded.data.start {
        loaded.data = start..start + segment.file_size;
    }
    loaded.end = loaded.end.max(start + segment.memory_size);
    loaded.writable_code |= segment.executable && segment.writable;
}

/// Takes care of the code of an image that the kernel, or [`map`], has mapped.
pub(crate) fn instrument_segment(
    view: &Arc<View>,
    segment: &Segment,
    bias: u64,
    care: Care,
) -> Result<(), Errno> {
    let start = segment.address.wrapping_add(bias);
    let range = pages(&(start..start + segment.file_size));
    let offset = segment.offset - (start - range.start);
    care(range, protection(segment), view, offset)
}

/// Takes care of the vDSO's code.
pub(crate) fn instrument_vdso(base: u64) {
    let view = Arc::new(View::of_vdso(base));
    let Ok(image) = Image::parse(view.bytes()) else {
        return;
    };
    for segment in image.segments().filter(|segment| segment.executable) {
        // An error leaves it as it was, for the seal to watch.
        if instrument_segment(&view, &segment, base, postponed::mapped).is_err() {
            crate::seal::arm();
        }
    }
}

/// The interpreter that a program would have had, when ours stands in its PT_INTERP: by what it needs.
pub(crate) fn usual_interpreter(image: &Image<'_>) -> Option<CString> {
    let mut needed = image.needed().peekable();
    needed.peek()?;
    let musl = image
        .needed()
        .any(|name| name == b"libc.so" || name.starts_with(b"libc.musl"));
    Some(
        if musl {
            c"/lib/ld-musl-x86_64.so.1"
        } else {
            c"/lib64/ld-linux-x86-64.so.2"
        }
        .into(),
    )
}

/// The interpreter that this process's program has.
static INTERPRETER: spin::Once<Version> = spin::Once::new();

/// Whether a file is the interpreter that this process's program has, which the kernel would load as well.
pub(crate) fn is_interpreter(status: &file::Status) -> bool {
    INTERPRETER.get() == Some(&Version::of(status))
}

/// Opens, maps and instruments the interpreter at `path` for the program `name`.
pub(crate) fn interpreter(path: &CStr, name: &str) -> Result<Loaded, Refusal> {
    let shown = String::from_utf8_lossy(path.to_bytes()).into_owned();
    let descriptor = file::open(path, O_RDONLY | O_CLOEXEC).map_err(|error| {
        Refusal::error(
            127,
            format_args!("{name}: its interpreter {shown}: {error}"),
        )
    })?;
    let view = View::of(descriptor)
        .map_err(|error| Refusal::error(126, format_args!("{shown}: {error}")))?;
    let view = Arc::new(view);
    let image = parse(&view, &shown)?;
    INTERPRETER.call_once(|| view.version());
    let care = postponed::interpreter_mapped;
    let loaded = map(&view, &image, descriptor, &shown, Base::Anywhere, care);
    file::close(descriptor);
    loaded
}

//! execve(2) and execveat(2): the new program starts under this interpreter, with these options.
//!
//! The kernel is given our own image, by descriptor, and in argv: the hand-over (the open program, our
//! descriptors, the path it was called by), the options, `--`, and the program's argv. What would have
//! failed fails here, with the kernel's error.
#![expect(unsafe_code, reason = "closes descriptors of a prepared program")]
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use crate::load;
use crate::memory::{copy, ensure_heap};
use crate::options::INHERITED;
use crate::process::descriptor::{self, IMAGE};
use crate::process::thread::Thread;
use crate::process::{identity, signal, spawn, traced};
use crate::sys::raw;
use crate::sys::{Errno, file, process};
use alloc::ffi::CString;
use alloc::format;
use alloc::vec::Vec;
use core::ffi::CStr;
use ld_systrap_core::image::Image;
use ld_systrap_core::script::{self, Script};
use linux_raw_sys::general::*;

/// A program ready to be executed; dropped, its file is closed.
pub(crate) struct Prepared {
    program: i32,
    arguments: Vec<u64>,
    strings: Vec<CString>,
    trap_blocked: Option<bool>,
}

impl Drop for Prepared {
    fn drop(&mut self) {
        file::close(self.program);
    }
}

/// The option words of this process, to be given to the next.
static OPTIONS: spin::Once<Vec<CString>> = spin::Once::new();

/// Remembers the options for programs to come.
pub(crate) fn set_options(words: Vec<CString>) {
    OPTIONS.call_once(|| words);
}

/// What programs call our image, in PT_INTERP.
static OWN_PATH: spin::Once<CString> = spin::Once::new();

/// Remembers the path of our image.
pub(crate) fn set_own_path(path: CString) {
    OWN_PATH.call_once(|| path);
}

/// The path of our image.
pub(crate) fn own_path() -> &'static CStr {
    OWN_PATH.get().map_or(c"", CString::as_c_str)
}

/// As many interpreters of interpreters as the kernel allows (`exec_binprm`).
const DEPTH: usize = 5;
/// `PATH_MAX`.
const LONGEST_PATH: usize = 4096;

/// Turns the call into one that executes our image.
pub(crate) fn before(thread: &mut Thread) -> Result<(), Errno> {
    match turn(thread) {
        // The kernel opens programs without descriptors: their limit says nothing about execve(2).
        Err(Errno::EMFILE) => process::above_descriptor_limit(|| turn(thread)),
        other => other,
    }
}

fn turn(thread: &mut Thread) -> Result<(), Errno> {
    let (at, path, argv, envp, flags) = match thread.number as u32 {
        __NR_execve => {
            let [path, argv, envp, ..] = thread.arguments;
            (AT_FDCWD, path, argv, envp, 0)
        }
        _ => {
            let [at, path, argv, envp, flags, _] = thread.arguments;
            (at as i32, path, argv, envp, flags as u32)
        }
    };
    if flags & AT_EXECVE_CHECK != 0 {
        return Ok(()); // executes nothing
    }
    let path = copy::read_string(path, LONGEST_PATH)
        .map_err(|_| Errno::EFAULT)?
        .ok_or(Errno::ENAMETOOLONG)?;
    if path.is_empty() && flags & AT_EMPTY_PATH == 0 {
        return Err(Errno::ENOENT);
    }
    if flags & !(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0 {
        return Err(Errno::EINVAL);
    }
    ensure_heap(1 << 20)?;
    let image = thread.files.lock().get(IMAGE).ok_or(Errno::ENOENT)?;
    let mut path = CString::new(path).map_err(|_| Errno::ENOENT)?;
    allowed(at, &path, flags)?;
    let program = open(thread, at, &path, flags)?;
    if at != AT_FDCWD && path.as_bytes().first() != Some(&b'/') {
        let name = path.to_string_lossy();
        let separator = if name.is_empty() { "" } else { "/" };
        path = CString::new(format!("/dev/fd/{at}{separator}{name}")).map_err(|_| Errno::ENOENT)?;
    }
    let mut arguments = read_pointers(argv)?;
    if arguments.is_empty() {
        arguments.push(c"".as_ptr() as u64); // as the kernel since 5.18
    }
    let closes = closes_on_exec(at, flags);
    thread.scratch.exec = Some(prepare(thread, program, path, arguments, closes)?);
    let Some(prepared) = &thread.scratch.exec else {
        return Err(Errno::ENOMEM);
    };
    thread.number = u64::from(__NR_execveat);
    thread.arguments = [
        image as u64,
        c"".as_ptr() as u64,
        prepared.arguments.as_ptr() as u64,
        envp,
        u64::from(AT_EMPTY_PATH),
        0,
    ];
    signal::lend_to_next(thread);
    Ok(())
}

/// Only asks whether a file could be executed, since Linux 6.14.
const AT_EXECVE_CHECK: u32 = 0x10000;

/// The call has failed after all, or is not made.
pub(crate) fn abandon(thread: &mut Thread) {
    if let Some(prepared) = thread.scratch.exec.take() {
        traced::abandon_exec(thread, prepared.trap_blocked);
    }
}

/// Asks the kernel whether it would execute a file, where it can be asked: it knows of writers
/// (`ETXTBSY`), mounts and security modules.
fn allowed(at: i32, path: &CStr, flags: u32) -> Result<(), Errno> {
    // SAFETY: executes nothing; a C string.
    let asked = unsafe {
        let flags = flags | AT_EXECVE_CHECK;
        raw::call!(__NR_execveat, at as i64, path.as_ptr(), 0, 0, flags)
    };
    match asked {
        Err(Errno::EINVAL) => Ok(()), // a kernel before 6.14
        other => other.map(drop),
    }
}

/// Opens a file as execve(2) would, for reading, with its errors.
fn open(thread: &Thread, at: i32, path: &CStr, flags: u32) -> Result<i32, Errno> {
    let own = identity::executable_for(thread, path.to_bytes()).map(CString::new);
    let path = match &own {
        Some(Ok(executable)) => executable.as_c_str(),
        _ => path,
    };
    let nofollow = if flags & AT_SYMLINK_NOFOLLOW != 0 {
        O_NOFOLLOW
    } else {
        0
    };
    // First without any effect on the file: it may be a FIFO or a device.
    let found = if path.is_empty() {
        // SAFETY: makes a descriptor only.
        unsafe { raw::call!(__NR_dup, at as i64) }? as i32
    } else {
        file::open_at(at, path, O_PATH | O_CLOEXEC | nofollow)?
    };
    let opened = check(found).and_then(|()| match path.is_empty() {
        true => reopen(found),
        false => file::open_at(at, path, O_RDONLY | O_NONBLOCK | nofollow),
    });
    file::close(found);
    let opened = opened?;
    let moved = check(opened).and_then(|()| descriptor::out_of_the_way(opened));
    file::close(opened);
    moved
}

/// Whether execve(2) would take what a descriptor refers to.
fn check(descriptor: i32) -> Result<(), Errno> {
    let status = file::status(descriptor)?;
    if status.st_mode & S_IFMT == S_IFLNK {
        return Err(Errno::ELOOP);
    }
    if !file::is_regular(&status) {
        return Err(Errno::EACCES);
    }
    file::may_execute(descriptor)
}

/// Opens for reading what a descriptor refers to that may have been opened otherwise.
fn reopen(descriptor: i32) -> Result<i32, Errno> {
    let link = CString::new(format!("/proc/self/fd/{descriptor}")).map_err(|_| Errno::ENOENT)?;
    match file::open(&link, O_RDONLY) {
        // No /proc here. A descriptor that can be read will do.
        Err(Errno::ENOENT) => {
            // SAFETY: makes a descriptor only.
            unsafe { raw::call!(__NR_dup, descriptor as i64) }.map(|number| number as i32)
        }
        other => other,
    }
}

/// Whether a path leads to our own image, so that it is no interpreter for the program.
pub(crate) fn is_own_image(path: &CStr) -> bool {
    if OWN_PATH.get().is_some_and(|own| **own == *path) {
        return true; // even where it cannot be found, as in a chroot
    }
    let Some(image) = Thread::current().files.lock().get(IMAGE) else {
        return false;
    };
    let Ok(descriptor) = file::open(path, O_PATH | O_CLOEXEC) else {
        return false;
    };
    let same = match (file::status(image), file::status(descriptor)) {
        (Ok(own), Ok(other)) => own.st_dev == other.st_dev && own.st_ino == other.st_ino,
        _ => false,
    };
    file::close(descriptor);
    same
}

/// Reads an array of pointers up to its null; a null array is empty.
fn read_pointers(mut from: u64) -> Result<Vec<u64>, Errno> {
    let mut pointers = Vec::new();
    if from == 0 {
        return Ok(pointers);
    }
    loop {
        match copy::read_value::<u64>(from).map_err(|_| Errno::EFAULT)? {
            0 => return Ok(pointers),
            pointer => {
                pointers.try_reserve(1).map_err(|_| Errno::ENOMEM)?;
                pointers.push(pointer);
            }
        }
        if pointers.len() > 1 << 22 {
            return Err(Errno::E2BIG);
        }
        from += 8;
    }
}

/// Why a program cannot be executed.
pub(crate) struct Failure {
    /// As execve(2) says it.
    pub(crate) error: Errno,
    /// The interpreter in a `#!` line that is the reason.
    pub(crate) interpreter: Option<CString>,
}

impl From<Errno> for Failure {
    fn from(error: Errno) -> Failure {
        Failure {
            error,
            interpreter: None,
        }
    }
}

/// A program named on a command line: its ELF file, opened, and its argv.
pub(crate) fn resolve(
    path: &CStr,
    arguments: Vec<CString>,
) -> Result<(i32, Vec<CString>), Failure> {
    let thread = Thread::current();
    let program = open(thread, AT_FDCWD, path, 0)?;
    let (program, head) = follow_scripts(thread, program, path, false)?;
    let skipped = usize::from(!head.is_empty());
    let arguments = head
        .into_iter()
        .chain(arguments.into_iter().skip(skipped))
        .collect();
    Ok((program, arguments))
}

/// Follows `#!` lines from an open file to the ELF file that the kernel would load in the end. Gives
/// that, and what takes argv[0]'s place, if anything does.
fn follow_scripts(
    thread: &Thread,
    program: i32,
    path: &CStr,
    path_closes: bool,
) -> Result<(i32, Vec<CString>), Failure> {
    let (mut program, mut script, mut head) = (program, CString::from(path), Vec::new());
    for depth in 0.. {
        let found = script_of(program);
        if !matches!(found, Ok(None)) {
            file::close(program);
        }
        let Some((interpreter, argument)) = found? else {
            break;
        };
        if depth >= DEPTH {
            return Err(Errno::ELOOP.into());
        }
        if path_closes {
            return Err(Errno::ENOENT.into()); // the interpreter could not open it
        }
        program = open(thread, AT_FDCWD, &interpreter, 0).map_err(|error| Failure {
            error,
            interpreter: Some(interpreter.clone()),
        })?;
        if !head.is_empty() {
            head.remove(0);
        }
        let new = [Some(interpreter.clone()), argument, Some(script)];
        head = new.into_iter().flatten().chain(head).collect();
        script = interpreter;
    }
    Ok((program, head))
}

/// The interpreter and its argument, if the file begins with `#!`.
fn script_of(program: i32) -> Result<Option<(CString, Option<CString>)>, Errno> {
    let mut start = [0; script::LONGEST];
    let length = file::read_at(program, &mut start, 0)?;
    let string = |bytes: &[u8]| CString::new(bytes).map_err(|_| Errno::ENOEXEC);
    match script::parse(&start[..length]) {
        Script::None => Ok(None),
        Script::Invalid => Err(Errno::ENOEXEC),
        Script::Found {
            interpreter,
            argument,
        } => Ok(Some((
            string(interpreter)?,
            argument.map(string).transpose()?,
        ))),
    }
}

/// Finds the ELF file and builds argv for our image.
fn prepare(
    thread: &Thread,
    program: i32,
    path: CString,
    argv: Vec<u64>,
    path_closes: bool,
) -> Result<Prepared, Errno> {
    let (program, head) =
        follow_scripts(thread, program, &path, path_closes).map_err(|failure| failure.error)?;
    let mut prepared = Prepared {
        program,
        arguments: Vec::new(),
        strings: Vec::new(),
        trap_blocked: None,
    };
    check_image(program)?;
    let mut hand_over = format!("{INHERITED}program:{program}");
    for (name, number) in thread.files.lock().iter() {
        hand_over.push_str(&format!(",{}:{number}", name.text()));
    }
    if spawn::several() {
        hand_over.push_str(",several:0");
    }
    if thread.signals.ignored() != 0 {
        hand_over.push_str(&format!(",ignored:{}", thread.signals.ignored()));
    }
    if signal::signalfd::reported() != 0 {
        hand_over.push_str(&format!(",signalfd:{}", signal::signalfd::reported()));
    }
    prepared.trap_blocked = traced::before_exec(thread);
    if let Some(blocked) = prepared.trap_blocked {
        hand_over.push_str(&format!(",trap:{}", u8::from(blocked)));
    }
    let hand_over = CString::new(hand_over).map_err(|_| Errno::EINVAL)?;
    let replaced = usize::from(!head.is_empty());
    prepared.strings = [
        CString::from(c"ld-systrap"),
        hand_over,
        OWN_PATH.get().cloned().unwrap_or_default(),
        path,
    ]
    .into();
    let own = prepared.strings.len();
    prepared.strings.extend(head);
    let address = |string: &CString| string.as_ptr() as u64;
    let options = OPTIONS.get().map_or(&[][..], Vec::as_slice);
    prepared.arguments = prepared.strings[..own]
        .iter()
        .chain(options)
        .map(address)
        .chain([c"--".as_ptr() as u64])
        .chain(prepared.strings[own..].iter().map(address))
        .chain(argv.into_iter().skip(replaced))
        .chain([0])
        .collect();
    Ok(prepared)
}

/// Whether a file begins as one that the kernel would load.
fn check_beginning(program: i32) -> Result<(), Errno> {
    let mut magic = [0; 4];
    file::read_at(program, &mut magic, 0)?;
    match magic == *b"\x7fELF" {
        true => Ok(()),
        false => Err(Errno::ENOEXEC),
    }
}

fn closes_on_exec(at: i32, flags: u32) -> bool {
    if at == AT_FDCWD || flags & AT_EMPTY_PATH == 0 {
        return false;
    }
    // SAFETY: asks only.
    let flags = unsafe { raw::call!(__NR_fcntl, at as i64, F_GETFD) };
    flags.is_ok_and(|flags| flags & u64::from(FD_CLOEXEC) != 0)
}

/// Whether the kernel would load the file, as far as it says so before there is no way back.
fn check_image(program: i32) -> Result<(), Errno> {
    let view = match load::View::of(program) {
        Ok(view) => view,
        // The process may have little address space, which says nothing about what it executes.
        Err(Errno::ENOMEM) => return check_beginning(program),
        Err(_) => return Err(Errno::ENOEXEC),
    };
    let image = Image::parse(view.bytes()).map_err(|_| Errno::ENOEXEC)?;
    let interpreter = match image.interpreter() {
        Some(path) => {
            let path = CString::new(path).map_err(|_| Errno::ENOEXEC)?;
            if is_own_image(&path) {
                load::usual_interpreter(&image)
            } else {
                Some(path)
            }
        }
        None => None,
    };
    if let Some(path) = interpreter {
        let descriptor = open(Thread::current(), AT_FDCWD, &path, 0)?;
        let view = load::View::of(descriptor);
        file::close(descriptor);
        match view {
            Ok(view) if Image::parse(view.bytes()).is_ok() => {}
            Err(Errno::ENOMEM) => {}
            _ => return Err(Errno::ELIBBAD),
        }
    }
    Ok(())
}

//! execve(2) and execveat(2): the new program starts under this interpreter, with these options.
//!
//! The kernel is given our own image, by descriptor, and in argv: the hand-over (the open program, our
//! descriptors, the path it was called by), the options, `--`, and the program's argv. What would have
//! failed fails here, with the kernel's error.
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

pub(crate) mod copied;
mod program;
mod scripts;

pub(crate) use scripts::resolve;

use crate::memory::{copy, ensure_heap};
use crate::options::INHERITED;
use crate::process::descriptor::{IMAGE, PROGRAM};
use crate::process::thread::Thread;
use crate::process::{filter, signal, spawn, traced};
use crate::sys::{Errno, file, process};
use alloc::ffi::CString;
use alloc::format;
use alloc::vec::Vec;
use core::ffi::CStr;
use linux_raw_sys::general::*;
use program::{Opened, allowed_with, check_image, open};
use scripts::follow_scripts;

/// A program ready to be executed.
pub(crate) struct Prepared {
    /// Its file. Dropping does not close it: whose block this is may have executed it, and have had descriptors
    /// of its own (vfork(2)).
    program: i32,
    arguments: Vec<u64>,
    strings: Vec<CString>,
    trap_blocked: Option<bool>,
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

/// `PATH_MAX`.
const LONGEST_PATH: usize = 4096;
/// Only asks whether a file could be executed, since Linux 6.14.
const AT_EXECVE_CHECK: u32 = 0x10000;

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
    allowed_with(at, &path, argv, envp, flags)?;
    let program = open(thread, at, &path, flags)?;
    let mut closes = false;
    if at != AT_FDCWD && path.as_bytes().first() != Some(&b'/') {
        closes = file::closes_on_exec(at) == Ok(true);
        let name = path.to_string_lossy();
        let separator = if name.is_empty() { "" } else { "/" };
        path = CString::new(format!("/dev/fd/{at}{separator}{name}")).map_err(|_| Errno::ENOENT)?;
    }
    let mut arguments = read_pointers(argv)?;
    if arguments.is_empty() {
        arguments.push(c"".as_ptr() as u64); // as the kernel since 5.18
    }
    thread.scratch.exec = Some(prepare(thread, program, path, arguments, closes)?);
    let Some(prepared) = &mut thread.scratch.exec else {
        return Err(Errno::ENOMEM);
    };
    let argv = prepared.arguments.as_ptr() as u64;
    // Filters may tell the two calls apart.
    let is_told_apart = thread.number == u64::from(__NR_execve) && filter::is_installed();
    let link = is_told_apart.then(|| file::link(image));
    thread.arguments = match link.filter(|link| file::status_at(AT_FDCWD, link, 0).is_ok()) {
        Some(link) => {
            let path = link.as_ptr() as u64;
            prepared.strings.push(link);
            [path, argv, envp, 0, 0, 0]
        }
        None => {
            thread.number = u64::from(__NR_execveat);
            let empty = c"".as_ptr() as u64;
            [image as u64, empty, argv, envp, u64::from(AT_EMPTY_PATH), 0]
        }
    };
    signal::lend_to_next(thread);
    Ok(())
}

/// The call has failed after all, or is not made.
pub(crate) fn abandon(thread: &mut Thread) {
    if let Some(prepared) = thread.scratch.exec.take() {
        file::close(prepared.program);
        traced::abandon_exec(thread, prepared.trap_blocked);
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
    match (file::status(image), file::status_at(AT_FDCWD, path, 0)) {
        (Ok(image), Ok(there)) => file::is_same(&image, &there),
        _ => false,
    }
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

/// Finds the ELF file and builds argv for our image.
fn prepare(
    thread: &Thread,
    program: Opened,
    path: CString,
    argv: Vec<u64>,
    path_closes: bool,
) -> Result<Prepared, Errno> {
    let (program, head) =
        follow_scripts(thread, program, &path, path_closes).map_err(|failure| failure.error)?;
    check_image(program.number())?;
    let mut hand_over = format!("{INHERITED}program:{}", program.number());
    for (name, number) in thread.files.lock().iter() {
        if name.text() == PROGRAM {
            continue; // this process's, which closes
        }
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
    let trap_blocked = traced::before_exec(thread);
    if let Some(blocked) = trap_blocked {
        hand_over.push_str(&format!(",trap:{}", u8::from(blocked)));
    }
    let hand_over = CString::new(hand_over).map_err(|_| Errno::EINVAL)?;
    let replaced = usize::from(!head.is_empty());
    let mut strings = Vec::from([
        CString::from(c"ld-systrap"),
        hand_over,
        OWN_PATH.get().cloned().unwrap_or_default(),
        path,
    ]);
    let own = strings.len();
    strings.extend(head);
    let address = |string: &CString| string.as_ptr() as u64;
    let options = OPTIONS.get().map_or(&[][..], Vec::as_slice);
    let arguments = strings[..own]
        .iter()
        .chain(options)
        .map(address)
        .chain([c"--".as_ptr() as u64])
        .chain(strings[own..].iter().map(address))
        .chain(argv.into_iter().skip(replaced))
        .chain([0])
        .collect();
    Ok(Prepared {
        program: program.keep(),
        arguments,
        strings,
        trap_blocked,
    })
}

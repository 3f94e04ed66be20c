//! The file that a path names, opened and looked at with the errors of execve(2).
#![expect(unsafe_code, reason = "asks the kernel about descriptors and files")]

use super::{AT_EXECVE_CHECK, is_own_image};
use crate::load;
use crate::process::thread::Thread;
use crate::process::{descriptor, filter, identity};
use crate::sys::raw;
use crate::sys::{Errno, file};
use crate::view::View;
use alloc::ffi::CString;
use core::ffi::CStr;
use core::mem::ManuallyDrop;
use ld_systrap_core::image::Image;
use linux_raw_sys::general::*;

/// Asks the kernel whether it would execute a file, where it can be asked, and no filter of the program's takes
/// that for another call: it knows of writers (`ETXTBSY`), mounts and security modules.
pub(super) fn allowed(at: i32, path: &CStr, flags: u32) -> Result<(), Errno> {
    let argv = [path.as_ptr(), core::ptr::null()];
    allowed_with(at, path, argv.as_ptr() as u64, 0, flags)
}

/// The same with the program's arguments: the kernel looks at them before it does at what the file holds.
pub(super) fn allowed_with(
    at: i32,
    path: &CStr,
    argv: u64,
    envp: u64,
    flags: u32,
) -> Result<(), Errno> {
    if filter::is_installed() {
        return Ok(());
    }
    // SAFETY: executes nothing; a C string, and what else it reads it checks.
    let asked = unsafe {
        let flags = flags | AT_EXECVE_CHECK;
        raw::call!(__NR_execveat, at as i64, path.as_ptr(), argv, envp, flags)
    };
    match asked {
        Err(Errno::EINVAL) => Ok(()), // a kernel before 6.14
        other => other.map(drop),
    }
}

/// A file opened to be executed, out of the program's way.
pub(super) struct Opened(i32);

impl Opened {
    pub(super) fn number(&self) -> i32 {
        self.0
    }
    /// Leaves it open.
    pub(super) fn keep(self) -> i32 {
        ManuallyDrop::new(self).0
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        file::close(self.0);
    }
}

/// Opens a file as execve(2) would, for reading, with its errors.
pub(super) fn open(thread: &Thread, at: i32, path: &CStr, flags: u32) -> Result<Opened, Errno> {
    let own = identity::executable_for(thread, at, path.to_bytes());
    let path = own.as_deref().unwrap_or(path);
    let nofollow = if flags & AT_SYMLINK_NOFOLLOW != 0 {
        O_NOFOLLOW
    } else {
        0
    };
    // First without any effect on the file: it may be a FIFO or a device.
    check_kind(&file::status_at(at, path, flags)?)?;
    let opened = Opened(match path.is_empty() {
        true => reopen(at),
        false => file::open_at(at, path, O_RDONLY | O_NONBLOCK | nofollow),
    }?);
    check_kind(&file::status(opened.number())?)?;
    file::may_execute(opened.number())?;
    descriptor::out_of_the_way(opened.number()).map(Opened)
}

/// Whether execve(2) would take a file of this kind.
fn check_kind(status: &file::Status) -> Result<(), Errno> {
    match status.st_mode & S_IFMT {
        S_IFREG => Ok(()),
        S_IFLNK => Err(Errno::ELOOP),
        _ => Err(Errno::EACCES),
    }
}

/// Opens for reading what a descriptor refers to that may have been opened otherwise.
fn reopen(descriptor: i32) -> Result<i32, Errno> {
    match file::open(&file::link(descriptor), O_RDONLY) {
        // No /proc here. A descriptor that can be read will do.
        Err(Errno::ENOENT) => {
            // SAFETY: makes a descriptor only.
            unsafe { raw::call!(__NR_dup, descriptor as i64) }.map(|number| number as i32)
        }
        other => other,
    }
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

/// Whether the kernel would load the file, as far as it says so before there is no way back.
pub(super) fn check_image(program: i32) -> Result<(), Errno> {
    match interpreter_of(program) {
        Ok(None) => Ok(()),
        Ok(Some(path)) => check_interpreter(&path),
        // The process may have little address space, which says nothing about what it executes.
        Err(Errno::ENOMEM) => check_beginning(program),
        Err(error) => Err(error),
    }
}

/// The interpreter that the program in a file will have.
fn interpreter_of(program: i32) -> Result<Option<CString>, Errno> {
    // Most say it in the beginning, which is quicker to read than to map.
    let mut beginning = [0; 1024];
    let length = file::read_at(program, &mut beginning, 0)?;
    if let Ok(image) = Image::parse(&beginning[..length])
        && let asked = asked_for(&image)?
        && asked.as_deref().is_none_or(|path| !is_own_image(path))
    {
        return Ok(asked);
    }
    let view = View::of(program).map_err(|error| match error {
        Errno::ENOMEM => error,
        _ => Errno::ENOEXEC,
    })?;
    let image = match Image::parse(view.bytes()) {
        Ok(image) => image,
        Err(error) => return error.native_errno().map_or(Ok(None), |it| Err(Errno(it))),
    };
    Ok(match asked_for(&image)? {
        Some(path) if is_own_image(&path) => load::usual_interpreter(&image),
        asked => asked,
    })
}

/// The interpreter that an image asks for.
fn asked_for(image: &Image<'_>) -> Result<Option<CString>, Errno> {
    let path = image.interpreter().map(CString::new).transpose();
    path.map_err(|_| Errno::ENOEXEC)
}

/// Whether the kernel would load the interpreter at `path`.
fn check_interpreter(path: &CStr) -> Result<(), Errno> {
    let there = file::status_at(AT_FDCWD, path, 0)?;
    if load::is_interpreter(&there) && file::may_execute_at(AT_FDCWD, path).is_ok() {
        return Ok(());
    }
    let opened = open(Thread::current(), AT_FDCWD, path, 0)?;
    match View::of(opened.number()) {
        Ok(view) => match Image::parse(view.bytes()) {
            Err(error) if error.native_errno().is_some() => Err(Errno::ELIBBAD),
            _ => Ok(()),
        },
        Err(Errno::ENOMEM) => Ok(()),
        Err(_) => Err(Errno::ELIBBAD),
    }
}

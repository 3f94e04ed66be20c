//! The file that a path names, opened and looked at with the errors of execve(2).
#![expect(unsafe_code, reason = "asks the kernel about descriptors and files")]

use super::{AT_EXECVE_CHECK, is_own_image};
use crate::load;
use crate::process::thread::Thread;
use crate::process::{descriptor, identity};
use crate::sys::raw;
use crate::sys::{Errno, file};
use crate::view::View;
use alloc::ffi::CString;
use core::ffi::CStr;
use ld_systrap_core::image::Image;
use linux_raw_sys::general::*;

/// Asks the kernel whether it would execute a file, where it can be asked: it knows of writers
/// (`ETXTBSY`), mounts and security modules.
pub(super) fn allowed(at: i32, path: &CStr, flags: u32) -> Result<(), Errno> {
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
pub(super) fn open(thread: &Thread, at: i32, path: &CStr, flags: u32) -> Result<i32, Errno> {
    let own = identity::executable_for(thread, at, path.to_bytes());
    let path = own.as_deref().unwrap_or(path);
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

/// Whether a path that begins at a descriptor leads nowhere once a program is executed.
pub(super) fn closes_on_exec(at: i32) -> bool {
    // SAFETY: asks only.
    let flags = unsafe { raw::call!(__NR_fcntl, at as i64, F_GETFD) };
    flags.is_ok_and(|flags| flags & u64::from(FD_CLOEXEC) != 0)
}

/// Whether the kernel would load the file, as far as it says so before there is no way back.
pub(super) fn check_image(program: i32) -> Result<(), Errno> {
    let view = match View::of(program) {
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
        let view = View::of(descriptor);
        file::close(descriptor);
        match view {
            Ok(view) if Image::parse(view.bytes()).is_ok() => {}
            Err(Errno::ENOMEM) => {}
            _ => return Err(Errno::ELIBBAD),
        }
    }
    Ok(())
}

//! Tables kept from one process to the next, by build-id: finding and planning is most of a start.
//!
//! They lie in a directory that belongs to the user and that nobody else can write,
//! `/var/tmp/ld-systrap-UID`. A table is used only if the code is, byte for byte, what it was made for;
//! without one, or without the directory, everything is found and planned anew. Debuggers read the same
//! files, to find out what a trampoline stands for (`core/frames`).
#![expect(unsafe_code, reason = "makes a directory and files of our own")]

use crate::gate;
use crate::load::View;
use crate::process::filter;
use crate::sys::quiet::{self, Raises};
use crate::sys::{Errno, file, process, raw};
use alloc::ffi::CString;
use alloc::format;
use alloc::string::String;
use core::fmt::Write;
use core::ops::Range;
use ld_systrap_core::image::Image;
use linux_raw_sys::general::*;

/// The name of a table: the image, the part of it that is mapped, and the interpreter that made it.
pub(crate) struct Key(String);

impl Key {
    /// The key of a part of an image that has a build-id.
    pub(crate) fn new(image: &Image<'_>, offset: u64, range: &Range<u64>) -> Option<Key> {
        let build_id = image.build_id()?;
        if !(8..=64).contains(&build_id.len()) {
            return None;
        }
        let mut name = String::new();
        for byte in build_id.iter().chain(gate::build_id()) {
            write!(name, "{byte:02x}").ok()?;
        }
        write!(name, "-{offset:x}-{:x}", range.end - range.start).ok()?;
        Some(Key(name))
    }

    /// The path of its file.
    pub(crate) fn path(&self) -> Option<CString> {
        let directory = path_of_directory(process::user());
        CString::new(format!("{directory}/{}", self.0)).ok()
    }
}

/// When the directory itself has grown to this many bytes, some 1,500 tables, it is emptied.
const LARGEST_DIRECTORY: i64 = 256 << 10;

fn path_of_directory(user: u32) -> String {
    format!("/var/tmp/ld-systrap-{user}")
}

/// The directory, opened, if it is ours alone. `None` where there is none and none can be made.
fn directory(make: bool) -> Option<i32> {
    if filter::is_installed() {
        return None; // it may end programs that open files
    }
    let user = process::user();
    let path = CString::new(path_of_directory(user)).ok()?;
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    let descriptor = match file::open(&path, flags) {
        Err(Errno::ENOENT) if make => {
            // SAFETY: a C string.
            let _ = unsafe { raw::call!(__NR_mkdir, path.as_ptr(), 0o700) };
            file::open(&path, flags).ok()?
        }
        other => other.ok()?,
    };
    if is_ours(descriptor, S_IFDIR, user) {
        let full = file::status(descriptor).is_ok_and(|it| it.st_size > LARGEST_DIRECTORY);
        if !(make && full) {
            return Some(descriptor);
        }
        empty(descriptor);
        // SAFETY: a C string. The next process makes it anew, small.
        let _ = unsafe { raw::call!(__NR_rmdir, path.as_ptr()) };
    }
    file::close(descriptor);
    None
}

/// Removes all files of a directory.
fn empty(directory: i32) {
    let mut entries = alloc::vec![0u8; 32 << 10];
    loop {
        // SAFETY: the kernel writes within the buffer.
        let read = unsafe {
            raw::call!(
                __NR_getdents64,
                directory as i64,
                entries.as_mut_ptr(),
                entries.len()
            )
        };
        let Ok(length @ 1..) = read else { return };
        let mut rest = &entries[..length as usize];
        // `struct linux_dirent64`: the length at 16, the name at 19.
        while let Some(&[low, high]) = rest.get(16..18) {
            let size = usize::from(u16::from_le_bytes([low, high]));
            let (Some(entry), Some(next)) = (rest.get(19..size), rest.get(size..)) else {
                break;
            };
            if !entry.starts_with(b".") {
                // SAFETY: a name that ends with a NUL, which the kernel wrote.
                let _ = unsafe { raw::call!(__NR_unlinkat, directory as i64, entry.as_ptr(), 0) };
            }
            rest = next;
        }
    }
}

/// Whether what a descriptor refers to is of this type, belongs to `user`, and is writable by nobody
/// else.
fn is_ours(descriptor: i32, kind: u32, user: u32) -> bool {
    file::status(descriptor).is_ok_and(|status| {
        status.st_mode & S_IFMT == kind && status.st_uid == user && status.st_mode & 0o022 == 0
    })
}

/// The file of this key, mapped.
pub(crate) fn find(key: &Key) -> Option<View> {
    let directory = directory(false)?;
    let name = CString::new(key.0.as_str()).ok()?;
    let opened = file::open_at(directory, &name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    file::close(directory);
    let descriptor = opened.ok()?;
    let view = match is_ours(descriptor, S_IFREG, process::user()) {
        true => View::of(descriptor).ok(),
        false => None,
    };
    file::close(descriptor);
    view
}

/// Keeps a file, if it can.
pub(crate) fn keep(key: &Key, content: &[u8]) -> Option<()> {
    let directory = directory(true)?;
    let kept = write(directory, key, content);
    file::close(directory);
    kept
}

/// Writes a file under a name of its own and moves it into place, so that nobody reads a part.
fn write(directory: i32, key: &Key, content: &[u8]) -> Option<()> {
    let name = CString::new(key.0.as_str()).ok()?;
    let draft = CString::new(format!("{}.{}", key.0, process::tid())).ok()?;
    // SAFETY: C strings; the descriptor is closed here.
    unsafe {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        let opened = raw::call!(__NR_openat, directory as i64, draft.as_ptr(), flags, 0o600);
        let descriptor = opened.ok()? as i32;
        let written = quiet::write_all(descriptor, Raises::of(descriptor), content);
        file::close(descriptor);
        let done = written.and_then(|()| {
            let place = directory as i64;
            raw::call!(__NR_renameat, place, draft.as_ptr(), place, name.as_ptr())
        });
        if done.is_err() {
            let _ = raw::call!(__NR_unlinkat, directory as i64, draft.as_ptr(), 0);
        }
        done.ok().map(drop)
    }
}

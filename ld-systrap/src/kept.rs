//! Tables kept from one process to the next: finding and planning is most of a start.
//!
//! They lie in a directory that belongs to the user and that nobody else can write,
//! `/var/tmp/ld-systrap-UID`. A table is used only for the image that it was made for, known by its build-id,
//! size and time of change (`st_ctime`), or where it has no build-id by a hash of the code; and only if what it
//! replaces is, byte for byte, what it was. Without one, or without the directory, everything is found and
//! planned anew. Debuggers read the same files, to find out what a trampoline stands for (`core/frames`).
#![expect(unsafe_code, reason = "makes a directory and files of our own")]

use crate::gate;
use crate::instrument::Source;
use crate::process::filter;
use crate::sys::quiet::{self, Raises};
use crate::sys::{Errno, file, process, raw};
use crate::view::View;
use alloc::ffi::CString;
use alloc::format;
use alloc::string::String;
use core::ffi::CStr;
use core::fmt::Write;
use core::ops::Range;
use ld_systrap_core::image::Image;
use linux_raw_sys::general::*;
use xxhash_rust::xxh3::xxh3_128;

/// The directory of this user.
pub(crate) struct Directory {
    user: u32,
    /// Its descriptor, if it stays open.
    descriptor: Option<i32>,
}

impl Directory {
    /// Opened for each file, as another thread may look at descriptors meanwhile, or fork.
    pub(crate) fn new() -> Directory {
        Directory {
            user: process::user(),
            descriptor: None,
        }
    }

    /// Opened once for all that the only thread looks for.
    pub(crate) fn opened() -> Directory {
        let user = process::user();
        let descriptor = open(user, false);
        Directory { user, descriptor }
    }

    /// Opens a file in it for reading.
    fn open_file(&self, name: &CStr) -> Option<i32> {
        let directory = match self.descriptor {
            Some(descriptor) => descriptor,
            None => open(self.user, false)?,
        };
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;
        let opened = file::open_at(directory, name, flags).ok();
        if self.descriptor.is_none() {
            file::close(directory);
        }
        opened
    }

    /// The key of the part of an image that `range` shows.
    pub(crate) fn key(
        &self,
        image: &Image<'_>,
        source: &Source<'_>,
        range: &Range<u64>,
    ) -> Option<Key<'_>> {
        let bytes = source.view.bytes();
        let mut name = String::new();
        write_hex(&mut name, gate::build_id())?;
        let length = range.end - range.start;
        match image.build_id().filter(|id| (8..=64).contains(&id.len())) {
            Some(build_id) => {
                name.push('-');
                write_hex(&mut name, build_id)?;
                // That stays as it is when somebody edits what the linker has made.
                let [seconds, nanoseconds] = source.view.version().changed;
                write!(name, "-{:x}-{seconds:x}.{nanoseconds:x}", bytes.len()).ok()?;
            }
            None => {
                let end = bytes.len().min((source.offset + length) as usize);
                let code = bytes.get(source.offset as usize..end)?;
                write!(name, "-{:032x}", xxh3_128(code)).ok()?;
            }
        }
        write!(name, "-{:x}-{length:x}", source.offset).ok()?;
        let directory = self;
        Some(Key { directory, name })
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Some(descriptor) = self.descriptor {
            file::close(descriptor);
        }
    }
}

/// The name of a table: the image, the part of it that is mapped, and the interpreter that made it.
pub(crate) struct Key<'a> {
    directory: &'a Directory,
    name: String,
}

impl Key<'_> {
    /// Its file, mapped.
    pub(crate) fn find(&self) -> Option<View> {
        let name = CString::new(self.name.as_str()).ok()?;
        let descriptor = self.directory.open_file(&name)?;
        let view = status_of_ours(descriptor, S_IFREG, self.directory.user)
            .and_then(|status| View::with_status(descriptor, &status).ok());
        file::close(descriptor);
        view
    }

    /// Keeps a file, if it can.
    pub(crate) fn keep(&self, content: &[u8]) -> Option<()> {
        let directory = open(self.directory.user, true)?;
        let kept = write(directory, &self.name, content);
        file::close(directory);
        kept
    }

    /// The path of its file.
    pub(crate) fn path(&self) -> Option<CString> {
        let directory = path_of_directory(self.directory.user);
        CString::new(format!("{directory}/{}", self.name)).ok()
    }
}

/// Two digits for each byte.
fn write_hex(to: &mut String, bytes: &[u8]) -> Option<()> {
    bytes
        .iter()
        .try_for_each(|byte| write!(to, "{byte:02x}").ok())
}

/// When the directory itself has grown to this many bytes, some 1,500 tables, it is emptied.
const LARGEST_DIRECTORY: i64 = 256 << 10;

fn path_of_directory(user: u32) -> String {
    format!("/var/tmp/ld-systrap-{user}")
}

/// Opens the directory of a user, if it is ours alone. `None` where there is none and none can be made.
fn open(user: u32, make: bool) -> Option<i32> {
    if filter::is_installed() {
        return None; // it may end programs that open files
    }
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
    if let Some(status) = status_of_ours(descriptor, S_IFDIR, user) {
        if !(make && status.st_size > LARGEST_DIRECTORY) {
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
    file::for_each_name(directory, |name| {
        // SAFETY: a C string.
        let _ = unsafe { raw::call!(__NR_unlinkat, directory as i64, name.as_ptr(), 0) };
    });
}

/// What fstat(2) tells, if what a descriptor refers to is of this type, belongs to `user`, and is writable
/// by nobody else.
fn status_of_ours(descriptor: i32, kind: u32, user: u32) -> Option<file::Status> {
    let status = file::status(descriptor).ok()?;
    let mode = status.st_mode;
    let ours = mode & S_IFMT == kind && status.st_uid == user && mode & 0o022 == 0;
    ours.then_some(status)
}

/// Writes a file under a name of its own and moves it into place, so that nobody reads a part.
fn write(directory: i32, key: &str, content: &[u8]) -> Option<()> {
    let name = CString::new(key).ok()?;
    let draft = CString::new(format!("{key}.{}", process::tid())).ok()?;
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

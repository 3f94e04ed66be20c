//! Our image where the program forbids itself to execute it, as landlock(7) lets it do.
//!
//! What it forbids are files by their place. A file of memory has none, and can always be executed: so there
//! is a copy of our image in one, made before the call.
#![expect(unsafe_code, reason = "makes a file of memory")]

use crate::process::descriptor::IMAGE;
use crate::process::filter;
use crate::process::thread::Thread;
use crate::sys::{Errno, file, process, raw};
use linux_raw_sys::general::*;

/// landlock_restrict_self(2), before: keeps a copy of our image in the image's place. Where none can be made,
/// the rules say whether the program can execute anything.
pub(crate) fn before(thread: &Thread) {
    let Some(image) = thread.files.lock().get(IMAGE) else {
        return;
    };
    let Ok(status) = file::status(image) else {
        return;
    };
    let is_copy = status.st_nlink == 0;
    if is_copy || filter::is_installed() {
        return;
    }
    let size = status.st_size.cast_unsigned();
    // EBADF: ours lies beyond the limit.
    if matches!(replace(image, size), Err(Errno::EMFILE | Errno::EBADF)) {
        let _ = process::above_descriptor_limit(|| replace(image, size));
    }
}

fn replace(image: i32, size: u64) -> Result<(), Errno> {
    let copy = create()?;
    let replaced = fill(copy, image, size).and_then(|()| {
        // SAFETY: both are ours; the number stays what it is.
        unsafe { raw::call!(__NR_dup3, copy as i64, image as i64, 0) }
    });
    file::close(copy);
    replaced.map(drop)
}

/// An empty file of memory that can be executed, memfd_create(2).
fn create() -> Result<i32, Errno> {
    let create = |flags: u32| {
        // SAFETY: a C string; makes a descriptor only.
        unsafe { raw::call!(__NR_memfd_create, c"ld-systrap".as_ptr(), flags) }
    };
    create(MFD_CLOEXEC | MFD_EXEC)
        .or_else(|_| create(MFD_CLOEXEC)) // Linux before 6.3
        .map(|number| number as i32)
}

fn fill(copy: i32, image: i32, size: u64) -> Result<(), Errno> {
    let mut copied = 0u64;
    while copied < size {
        // SAFETY: the kernel reads and writes the offset, which is ours.
        let now = unsafe {
            raw::call!(
                __NR_sendfile,
                copy as i64,
                image as i64,
                &raw mut copied,
                size - copied
            )
        }?;
        if now == 0 {
            return Err(Errno::EIO);
        }
    }
    Ok(())
}

//! Descriptors: open(2), read(2), write(2), fstat(2), fcntl(2).
#![expect(unsafe_code, reason = "hands buffers of ours to the kernel")]

use super::{Errno, raw};
use alloc::ffi::CString;
use alloc::format;
use alloc::vec::Vec;
use core::ffi::CStr;
use linux_raw_sys::general::*;

/// What fstat(2) tells.
pub(crate) type Status = stat;

/// Opens `path`, relative to descriptor `at` or `AT_FDCWD`.
pub(crate) fn open_at(at: i32, path: &CStr, flags: u32) -> Result<i32, Errno> {
    // SAFETY: a C string, and no memory of ours changes.
    unsafe { raw::call!(__NR_openat, at as i64, path.as_ptr(), flags, 0) }.map(|fd| fd as i32)
}

/// Opens `path`.
pub(crate) fn open(path: &CStr, flags: u32) -> Result<i32, Errno> {
    open_at(AT_FDCWD, path, flags)
}

/// Has a descriptor of ours close when the process executes something.
pub(crate) fn close_on_exec(descriptor: i32) {
    // SAFETY: a descriptor of ours; no memory changes.
    let _ = unsafe { raw::call!(__NR_fcntl, descriptor as i64, F_SETFD, FD_CLOEXEC) };
}

/// Closes a descriptor of ours.
pub(crate) fn close(descriptor: i32) {
    // SAFETY: a descriptor of ours, which the caller gives up. An error leaves nothing to do.
    let _ = unsafe { raw::call!(__NR_close, descriptor as i64) };
}

/// Writes all of `bytes`, going on after `EINTR` and short writes.
pub(crate) fn write_all(descriptor: i32, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        // SAFETY: the kernel reads within `bytes`.
        let written =
            unsafe { raw::call!(__NR_write, descriptor as i64, bytes.as_ptr(), bytes.len()) };
        match written {
            Ok(n) => bytes = &bytes[n as usize..],
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => wait_writable(descriptor),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Waits until a descriptor that somebody made non-blocking takes more.
fn wait_writable(descriptor: i32) {
    let mut poll = pollfd {
        fd: descriptor,
        events: POLLOUT as i16,
        revents: 0,
    };
    // SAFETY: one entry, ours. Whatever it returns, the write is tried again.
    let _ = unsafe { raw::call!(__NR_poll, &raw mut poll, 1, -1i64) };
}

/// Reads at `offset` until `into` is full or the file ends; gives the bytes read.
pub(crate) fn read_at(descriptor: i32, into: &mut [u8], offset: u64) -> Result<usize, Errno> {
    let mut done = 0;
    while done < into.len() {
        let rest = &mut into[done..];
        // SAFETY: the kernel writes within `rest`.
        match unsafe {
            raw::call!(
                __NR_pread64,
                descriptor as i64,
                rest.as_mut_ptr(),
                rest.len(),
                offset + done as u64
            )
        } {
            Ok(0) => break,
            Ok(n) => done += n as usize,
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Type, mode and size of what a descriptor refers to.
pub(crate) fn status(descriptor: i32) -> Result<Status, Errno> {
    let mut status = core::mem::MaybeUninit::<Status>::zeroed();
    // SAFETY: the kernel writes one `stat`; zeros are a valid one too.
    unsafe {
        raw::call!(__NR_fstat, descriptor as i64, status.as_mut_ptr())?;
        Ok(status.assume_init())
    }
}

/// The same of what `path`, relative to descriptor `at` or `AT_FDCWD`, leads to; `flags` are fstatat(2)'s.
pub(crate) fn status_at(at: i32, path: &CStr, flags: u32) -> Result<Status, Errno> {
    let mut status = core::mem::MaybeUninit::<Status>::zeroed();
    // SAFETY: a C string; the kernel writes one `stat`; zeros are a valid one too.
    unsafe {
        raw::call!(
            __NR_newfstatat,
            at as i64,
            path.as_ptr(),
            status.as_mut_ptr(),
            flags
        )?;
        Ok(status.assume_init())
    }
}

/// Which file it is, and when it was last changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Version {
    device: u64,
    inode: u64,
    /// `st_ctime`: seconds and nanoseconds since 1970. Nobody can set that as they like.
    pub(crate) changed: [u64; 2],
}

impl Version {
    /// Of the file that `status` tells of.
    pub(crate) fn of(status: &Status) -> Version {
        Version {
            device: status.st_dev,
            inode: status.st_ino,
            changed: [status.st_ctime, status.st_ctime_nsec],
        }
    }
}

/// Whether what a descriptor refers to is a regular file.
pub(crate) fn is_regular(status: &Status) -> bool {
    status.st_mode & S_IFMT == S_IFREG
}

/// Whether a file is mapped in huge pages, more of it than was asked for.
pub(crate) fn has_huge_pages(descriptor: i32, status: &Status) -> bool {
    const SIZES: [i64; 2] = [2 << 20, 1 << 30];
    const HUGETLBFS: u64 = 0x9584_58f6;
    let mut system = [0u64; 15]; // `struct statfs`: the type comes first
    SIZES.contains(&status.st_blksize)
        // SAFETY: the kernel writes 120 bytes.
        && unsafe { raw::call!(__NR_fstatfs, descriptor as i64, system.as_mut_ptr()) }.is_ok()
        && system[0] == HUGETLBFS
}

/// The target of a symbolic link, however long. What is longer than usual goes to the heap at once, since so much
/// of the stack would be more than all else needs.
pub(crate) fn read_long_link(path: &CStr) -> Result<Vec<u8>, Errno> {
    let mut usual = [0; 256];
    let target = read_link(path, &mut usual)?;
    if target.len() < 256 {
        return Ok(target.to_vec());
    }
    let mut target = alloc::vec![0; PATH_MAX as usize];
    let length = read_link(path, &mut target)?.len();
    target.truncate(length);
    Ok(target)
}

/// The target of a symbolic link, or its beginning.
pub(crate) fn read_link<'a>(path: &CStr, into: &'a mut [u8]) -> Result<&'a [u8], Errno> {
    // SAFETY: the kernel writes within `into`.
    let n = unsafe {
        raw::call!(
            __NR_readlinkat,
            AT_FDCWD,
            path.as_ptr(),
            into.as_mut_ptr(),
            into.len()
        )
    }?;
    Ok(&into[..n as usize])
}

/// The symbolic link to what a descriptor of the process's first thread refers to.
pub(crate) fn link_in_first(descriptor: i32) -> CString {
    CString::new(format!("/proc/self/fd/{descriptor}")).unwrap_or_default()
}

/// The symbolic link to what a descriptor of this thread's refers to. It takes twice as long to find.
pub(crate) fn link(descriptor: i32) -> CString {
    CString::new(format!("/proc/thread-self/fd/{descriptor}")).unwrap_or_default()
}

/// The symbolic link to the directory that a call names by `at`: a descriptor or `AT_FDCWD`.
pub(crate) fn directory(at: i32) -> CString {
    match at {
        AT_FDCWD => c"/proc/thread-self/cwd".into(),
        descriptor => link(descriptor),
    }
}

/// The path of the directory that `path` leads to, relative to descriptor `at` or `AT_FDCWD`.
pub(crate) fn resolved(at: i32, path: &CStr) -> Result<Vec<u8>, Errno> {
    let descriptor = open_at(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC)?;
    let resolved = read_long_link(&link(descriptor));
    close(descriptor);
    resolved
}

/// Whether this process may execute the file, by its effective identity (faccessat2(2)).
pub(crate) fn may_execute(descriptor: i32) -> Result<(), Errno> {
    may_execute_at(descriptor, c"")
}

/// The same of what `path`, relative to descriptor `at` or `AT_FDCWD`, leads to; empty, of `at` itself.
pub(crate) fn may_execute_at(at: i32, path: &CStr) -> Result<(), Errno> {
    // SAFETY: a C string; nothing of ours is written.
    let result = unsafe {
        raw::call!(
            __NR_faccessat2,
            at as i64,
            path.as_ptr(),
            X_OK,
            AT_EACCESS | AT_EMPTY_PATH
        )
    };
    match result {
        Err(Errno::ENOSYS) => Ok(()),
        other => other.map(drop),
    }
}

/// A copy of `descriptor` at `lowest` or above, kept across exec.
pub(crate) fn duplicate_above(descriptor: i32, lowest: u64) -> Result<i32, Errno> {
    // SAFETY: makes a new descriptor only.
    unsafe { raw::call!(__NR_fcntl, descriptor as i64, F_DUPFD, lowest) }.map(|fd| fd as i32)
}

/// Whether a descriptor is closed when a program is executed.
pub(crate) fn closes_on_exec(descriptor: i32) -> Result<bool, Errno> {
    // SAFETY: asks only.
    let flags = unsafe { raw::call!(__NR_fcntl, descriptor as i64, F_GETFD) }?;
    Ok(flags & u64::from(FD_CLOEXEC) != 0)
}

/// Moves a descriptor of ours to `lowest` or above; whether it is kept across exec stays.
pub(crate) fn move_above(descriptor: i32, lowest: u64) -> Result<i32, Errno> {
    let how = match closes_on_exec(descriptor)? {
        false => F_DUPFD,
        true => F_DUPFD_CLOEXEC,
    };
    // SAFETY: makes a descriptor only.
    let moved = unsafe { raw::call!(__NR_fcntl, descriptor as i64, how, lowest) }?;
    close(descriptor);
    Ok(moved as i32)
}

/// Whether the file can be written to by this descriptor.
pub(crate) fn is_writable(descriptor: i32) -> bool {
    // SAFETY: reads flags only.
    let flags = unsafe { raw::call!(__NR_fcntl, descriptor as i64, F_GETFL) };
    flags.is_ok_and(|flags| flags & u64::from(O_ACCMODE) != u64::from(O_RDONLY))
}

/// Whether two descriptors refer to the same file.
pub(crate) fn are_same(one: i32, other: i32) -> bool {
    match (status(one), status(other)) {
        (Ok(one), Ok(other)) => is_same(&one, &other),
        _ => false,
    }
}

/// Whether both tell of the same file.
pub(crate) fn is_same(one: &Status, other: &Status) -> bool {
    one.st_dev == other.st_dev && one.st_ino == other.st_ino
}

/// Hands over the name of each file of a directory that does not begin with a dot.
pub(crate) fn for_each_name(directory: i32, mut take: impl FnMut(&CStr)) {
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
            if let Ok(name) = CStr::from_bytes_until_nul(entry)
                && !entry.starts_with(b".")
            {
                take(name);
            }
            rest = next;
        }
    }
}

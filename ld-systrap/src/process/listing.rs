//! /proc/self/fd: our descriptors are left out of what getdents64(2) lists, have no path, and do not count.
#![expect(
    unsafe_code,
    reason = "makes the program's call again when nothing is left of its answer"
)]
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use crate::memory::copy;
use crate::process::descriptor;
use crate::process::identity::Shown;
use crate::process::thread::Thread;
use crate::sys::raw;
use crate::sys::{Errno, file};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::mem::offset_of;
use linux_raw_sys::general::{__NR_getdents, __NR_newfstatat, __NR_stat, stat, statx};

/// Offsets in `struct linux_dirent64` and `struct linux_dirent`: the same up to the name.
const LENGTH: usize = 16;

/// Enough of an answer to have the entries of `.` and `..`, and of a third one the first byte of its name.
const HEAD: usize = 72;

/// Takes our descriptors out of what the call has answered.
///
/// # Errors
/// As the call, when it had to be made again.
pub(crate) fn after(thread: &mut Thread) -> Result<(), Errno> {
    let [descriptor, buffer, size, ..] = thread.arguments;
    let old = thread.number as u32 == __NR_getdents;
    let name = if old { 18 } else { 19 };
    while thread.result != 0 {
        let mut head = [0; HEAD];
        let head = &mut head[..HEAD.min(thread.result as usize)];
        copy::read_bytes(buffer, head).map_err(|_| Errno::EFAULT)?;
        if !may_be_descriptors(head, name) {
            return Ok(());
        }
        let mut entries = vec![0; thread.result as usize];
        copy::read_bytes(buffer, &mut entries).map_err(|_| Errno::EFAULT)?;
        let ours = |entry: &[u8]| {
            let name = entry.get(name..).unwrap_or(&[]);
            name.split(|&byte| byte == 0)
                .next()
                .is_some_and(|name| is_ours(thread, name))
        };
        let mut kept = 0;
        let mut at = 0;
        while let Some(length) = entries.get(at + LENGTH..at + LENGTH + 2) {
            let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
            let Some(entry) = entries
                .get(at..at + length)
                .filter(|entry| !entry.is_empty())
            else {
                break;
            };
            if !ours(entry) {
                if kept != at {
                    entries.copy_within(at..at + length, kept);
                }
                kept += length;
            }
            at += length;
        }
        if kept == entries.len() || !lists_own_descriptors(thread, descriptor as i32) {
            return Ok(());
        }
        copy::write_bytes(buffer, &entries[..kept]).map_err(|_| Errno::EFAULT)?;
        thread.result = kept as u64;
        if kept != 0 {
            return Ok(());
        }
        // Nothing left is not the end: there may be more behind it.
        // SAFETY: as the program asked for it.
        thread.result = unsafe { raw::call!(thread.number, descriptor, buffer, size) }?;
    }
    Ok(())
}

/// Whether an answer that begins with `head`, in whose entries names are at `name`, may list descriptors: the first that is
/// neither `.` nor `..` begins with a digit.
fn may_be_descriptors(mut head: &[u8], name: usize) -> bool {
    loop {
        match head.get(name..) {
            Some([b'.', 0, ..] | [b'.', b'.', 0, ..]) => {
                let length = u16::from_le_bytes([head[LENGTH], head[LENGTH + 1]]);
                head = head.get(usize::from(length.max(1))..).unwrap_or(&[]); // 0 if it is being changed
            }
            Some([first, ..]) => return first.is_ascii_digit(),
            _ => return true,
        }
    }
}

/// Whether a name is the number of a descriptor of ours.
fn is_ours(thread: &Thread, name: &[u8]) -> bool {
    if !name.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let number = core::str::from_utf8(name).ok();
    number
        .and_then(|number| number.parse().ok())
        .is_some_and(|number| thread.files.lock().holds(number))
}

/// Whether a path is that of the directory.
pub(super) fn is_own(thread: &Thread, path: &[u8]) -> bool {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    let shown = path.strip_suffix(b"/fd").and_then(Shown::by);
    shown.is_some_and(|it| it.is_own(thread))
}

/// The path that a call names, or one that leads nowhere instead of to a descriptor of ours.
pub(super) fn hide(thread: &Thread, mut path: Vec<u8>) -> Vec<u8> {
    let mut parts = path.rsplitn(3, |&byte| byte == b'/');
    if let (Some(name), Some(b"fd" | b"fdinfo"), Some(process)) =
        (parts.next(), parts.next(), parts.next())
        && is_ours(thread, name)
        && Shown::by(process).is_some_and(|it| it.is_own(thread))
    {
        path.truncate(path.len() - name.len());
        path.extend_from_slice(format!("{}", descriptor::NONE).as_bytes());
    }
    path
}

/// What stat(2) or a relative has said of the directory.
///
/// # Errors
/// Where the program's memory is gone.
pub(super) fn after_status(thread: &mut Thread) -> Result<(), Errno> {
    let [_, second, third, _, fifth, _] = thread.arguments;
    let size = match thread.number as u32 {
        __NR_stat => second + offset_of!(stat, st_size) as u64,
        __NR_newfstatat => third + offset_of!(stat, st_size) as u64,
        _ => fifth + offset_of!(statx, stx_size) as u64,
    };
    let ours = thread.files.lock().iter().count() as u64;
    // Kernels before 6.2 do not count.
    copy::read_value::<u64>(size)
        .and_then(|all| copy::write_value(size, &all.saturating_sub(ours)))
        .map_err(|_| Errno::EFAULT)
}

/// Whether a directory is this process's /proc/PID/fd or fdinfo, by whatever name.
fn lists_own_descriptors(thread: &Thread, descriptor: i32) -> bool {
    let mut path = [0; 64];
    let Ok(path) = file::read_link(&file::link(descriptor), &mut path) else {
        return false;
    };
    let own = format!("/proc/{}/", thread.pid());
    path.strip_prefix(own.as_bytes())
        .is_some_and(|rest| rest.ends_with(b"fd") || rest.ends_with(b"fdinfo"))
}

//! The program of another process, where /proc/PID/exe is our image.
//!
//! Such a process has told the kernel where its program's code is (`PR_SET_MM_MAP`), so that
//! /proc/PID/stat and /proc/PID/maps name the file, and keeps that open: see proc(5).

use crate::process::descriptor::IMAGE;
use crate::process::filter;
use crate::process::thread::Thread;
use crate::sys::{Errno, file};
use alloc::ffi::CString;
use alloc::format;
use alloc::vec::Vec;
use ld_systrap_core::proc::{Stat, mapped_at};
use linux_raw_sys::general::{O_CLOEXEC, O_DIRECTORY, O_PATH, O_RDONLY};

/// The number of a field of /proc/PID/stat.
const START_OF_CODE: usize = 26;

/// A link to the program that the process at `place` (/proc/PID, or /proc/PID/task/TID) runs, if the kernel
/// has our image in its place. Asks for nothing that who may read /proc/PID/exe may not.
pub(crate) fn program_of(place: &str) -> Option<CString> {
    if filter::is_installed() || !runs_our_image(place) {
        return None;
    }
    let code = Stat::parse(&contents(place, "stat")?)?.field(START_OF_CODE);
    let path = mapped_at(&contents(place, "maps")?, code)?;
    let directory = path_of(place, "fd")?;
    let directory = file::open(&directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC).ok()?;
    let mut found = None;
    file::for_each_name(directory, |name| {
        let Some(link) = path_of(place, &format!("fd/{}", name.to_string_lossy())) else {
            return;
        };
        // The last one is ours: the program's own, of the same name, could be another file.
        if file::read_long_link(&link).is_ok_and(|target| target == path) {
            found = Some(link);
        }
    });
    file::close(directory);
    found
}

fn path_of(place: &str, name: &str) -> Option<CString> {
    CString::new(format!("{place}/{name}")).ok()
}

fn runs_our_image(place: &str) -> bool {
    let Some(image) = Thread::current().files.lock().get(IMAGE) else {
        return false;
    };
    let executed = path_of(place, "exe").ok_or(Errno::ENOENT);
    let Ok(executed) = executed.and_then(|path| file::open(&path, O_PATH | O_CLOEXEC)) else {
        return false;
    };
    let same = file::are_same(image, executed);
    file::close(executed);
    same
}

/// What a file of /proc holds.
fn contents(place: &str, name: &str) -> Option<Vec<u8>> {
    let descriptor = file::open(&path_of(place, name)?, O_RDONLY | O_CLOEXEC).ok()?;
    let mut bytes = Vec::new();
    let read = loop {
        let done = bytes.len();
        bytes.resize(done + 4096, 0);
        match file::read_at(descriptor, &mut bytes[done..], done as u64) {
            Ok(0) => {
                bytes.truncate(done);
                break Some(bytes);
            }
            Ok(length) => bytes.truncate(done + length),
            Err(_) => break None,
        }
    };
    file::close(descriptor);
    read
}

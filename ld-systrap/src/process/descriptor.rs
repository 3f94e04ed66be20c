//! Our own descriptors: kept out of the program's way, across exec too, and not for it to close.
#![expect(
    unsafe_code,
    reason = "makes close_range and dup calls in the program's stead"
)]
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use crate::memory::lock::Lock;
use crate::process::thread::Thread;
use crate::sys::quiet::Raises;
use crate::sys::raw;
use crate::sys::{Errno, file, process, quiet};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicI32, Ordering};
use ld_systrap_core::syscall::takes_descriptor;
use linux_raw_sys::general::*;

/// close_range(2): the caller gets a table of its own.
const CLOSE_RANGE_UNSHARE: u64 = 2;

/// The number of a descriptor that there never is: no limit is as high (fs.nr_open).
pub(crate) const NONE: u64 = i32::MAX as u64;

/// The soft limit on numbers that most processes have.
const USUAL_LIMIT: u64 = 1024;

/// How many descriptors of ours there can be.
const MOST: usize = 8;

/// What the descriptor of our own image is kept as: exec needs it.
pub(crate) const IMAGE: &str = "image";

/// What the descriptor of the program's file is kept as, until it executes another.
pub(crate) const PROGRAM: &str = "program";

/// Our descriptors in one table of the kernel (`CLONE_FILES` shares it).
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    ours: [Option<(Name, i32)>; MOST],
}

/// No descriptor of ours has ever had a smaller number in this process.
#[unsafe(link_section = ".data.each_call")]
static LOWEST: AtomicI32 = AtomicI32::new(i32::MAX);

/// A descriptor's name across exec: up to eight bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Name([u8; 8]);

impl Name {
    fn new(name: &str) -> Name {
        let mut bytes = [0; 8];
        for (to, from) in bytes.iter_mut().zip(name.bytes()) {
            *to = from;
        }
        Name(bytes)
    }
    pub(crate) fn text(&self) -> &str {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(8);
        core::str::from_utf8(&self.0[..end]).unwrap_or("")
    }
}

impl Files {
    /// The number of the descriptor of this name.
    pub(crate) fn get(&self, name: &str) -> Option<i32> {
        let name = Name::new(name);
        self.ours
            .iter()
            .flatten()
            .find(|(own, _)| *own == name)
            .map(|(_, number)| *number)
    }
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Name, i32)> {
        self.ours.iter().flatten()
    }
    /// Whether `number` is one of ours.
    pub(crate) fn holds(&self, number: i32) -> bool {
        self.iter().any(|(_, own)| *own == number)
    }
    /// Takes `number` as ours from now on.
    pub(crate) fn adopt(&mut self, name: &str, number: i32) {
        LOWEST.fetch_min(number, Ordering::Relaxed);
        if let Some(free) = self.ours.iter_mut().find(|entry| entry.is_none()) {
            *free = Some((Name::new(name), number));
        }
    }
}

/// A descriptor of a handler's, invisible to the program and kept across exec.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    name: &'static str,
    raises: Raises,
}

impl Descriptor {
    /// Takes an open descriptor, moves it out of the program's way and keeps it under `name`, of up to
    /// eight bytes.
    ///
    /// # Errors
    /// As fcntl(2) for `F_DUPFD`.
    pub fn keep(name: &'static str, number: i32) -> Result<Descriptor, Errno> {
        let moved = out_of_the_way(number)?;
        Thread::current().files.lock().adopt(name, moved);
        let raises = Raises::of(moved);
        Ok(Descriptor { name, raises })
    }

    /// The descriptor that the process before an exec kept under this name.
    #[must_use]
    pub fn inherited(name: &'static str) -> Option<Descriptor> {
        let number = Thread::current().files.lock().get(name)?;
        let raises = Raises::of(number);
        Some(Descriptor { name, raises })
    }

    /// Opens a file for appending, made anew, and keeps it.
    ///
    /// # Errors
    /// As open(2).
    pub fn create(name: &'static str, path: &core::ffi::CStr) -> Result<Descriptor, Errno> {
        // SAFETY: a C string; makes a descriptor only.
        let opened = unsafe {
            raw::call!(
                __NR_openat,
                AT_FDCWD as i64,
                path.as_ptr(),
                O_WRONLY | O_CREAT | O_TRUNC | O_APPEND,
                0o666
            )
        }?;
        let kept = Self::keep(name, opened as i32);
        file::close(opened as i32);
        kept
    }

    /// Writes all of `bytes`, in one call if the kernel takes them so. Raises neither SIGPIPE nor
    /// SIGXFSZ in the program.
    ///
    /// # Errors
    /// As write(2), but for EINTR and EAGAIN; EBADF after the descriptor has been lost.
    pub fn write_all(&self, bytes: &[u8]) -> Result<(), Errno> {
        let number = Thread::current()
            .files
            .lock()
            .get(self.name)
            .ok_or(Errno::EBADF)?;
        quiet::write_all(number, self.raises, bytes)
    }
}

/// A copy of `number` where programs do not look: high, but not so high that the kernel's table grows.
pub(crate) fn out_of_the_way(number: i32) -> Result<i32, Errno> {
    let lowest = process::descriptor_limit()
        .min(USUAL_LIMIT)
        .saturating_sub(64);
    file::duplicate_above(number, lowest)
        .or_else(|_| file::duplicate_above(number, 3))
        .or_else(|_| file::duplicate_above(number, 0))
}

/// Moves ours to where the program can have none: beyond the limit on numbers, and the usual one if that is higher, as
/// programs lower and raise it. Not where it is so high that the kernel's table would grow much.
///
/// The process must have one thread: the limit is another one meanwhile.
pub(crate) fn out_of_reach() {
    let limit = process::descriptor_limit();
    let usual = limit.max(USUAL_LIMIT);
    let files = &mut Thread::current().files.lock();
    let is_within = |number: i32| u64::from(number.cast_unsigned()) < usual;
    if limit > process::HIGHEST_REACH || !files.iter().any(|(_, number)| is_within(*number)) {
        return;
    }
    process::above_descriptor_limit(|| {
        for (_, number) in files.ours.iter_mut().flatten() {
            if is_within(*number) {
                let moved = file::move_above(*number, usual);
                *number = moved
                    .or_else(|_| file::move_above(*number, limit)) // as high as there may be
                    .unwrap_or(*number);
            }
        }
    });
    let lowest = files.iter().map(|(_, number)| *number).min();
    LOWEST.store(lowest.unwrap_or(i32::MAX), Ordering::Relaxed);
}

/// Whether an argument, if it is a descriptor, may be one of ours: [`hide`] knows.
#[inline(always)]
pub(crate) fn may_be_ours(argument: u64) -> bool {
    argument as i32 >= LOWEST.load(Ordering::Relaxed)
}

/// Whether a call with this first argument may meet one of ours, which the program must not see.
pub(crate) fn may_be_hidden(number: u64, argument: u64) -> bool {
    // The kernel takes the number from eax; whatever is above it does not count.
    may_be_ours(argument) && takes_descriptor(u64::from(number as u32))
}

/// Has the kernel find none where the call names one of ours, by its first argument or as the file to be mapped. What it
/// finds first, as flags that make no sense or a path that needs no directory, it says.
pub(crate) fn hide(thread: &mut Thread) {
    let number = thread.number as u32;
    let index = match number {
        __NR_mmap => 4,
        _ if takes_descriptor(number.into()) => 0,
        _ => return,
    };
    let argument = thread.arguments[index];
    if !may_be_ours(argument) || !thread.files.lock().holds(argument as i32) {
        return;
    }
    thread.arguments[index] = NONE;
    // Of a descriptor to itself: another error.
    if matches!(number, __NR_dup2 | __NR_dup3) && thread.arguments[1] as u32 == argument as u32 {
        thread.arguments[1] = NONE;
    }
}

/// dup2(2), dup3(2) and close_range(2) where they meet our descriptors. `Some` is the program's answer.
pub(crate) fn before(thread: &mut Thread) -> Option<Result<u64, Errno>> {
    let [first, second, third, ..] = thread.arguments;
    match thread.number as u32 {
        __NR_dup2 | __NR_dup3 if is_replaced(thread) => {
            let mut files = thread.files.lock();
            let mut ours = files.ours.iter_mut().flatten();
            let (_, number) = ours.find(|(_, own)| *own == second as i32)?;
            match leave(*number) {
                Ok(moved) => *number = moved,
                Err(error) => return Some(Err(error)),
            }
            None
        }
        __NR_close_range => {
            let closed = close_around(thread, first as u32, second as u32, third);
            if closed.is_ok() && third & CLOSE_RANGE_UNSHARE != 0 {
                have_own_table(thread);
            }
            Some(closed)
        }
        _ => None,
    }
}

/// A copy of one of ours, which is about to be replaced.
fn leave(number: i32) -> Result<i32, Errno> {
    let moved = out_of_the_way(number)?;
    if file::closes_on_exec(number)? {
        file::close_on_exec(moved);
    }
    LOWEST.fetch_min(moved, Ordering::Relaxed);
    Ok(moved)
}

/// Whether dup2(2) or dup3(2) is about to put a file in the place of one of ours: where it fails, that stays.
fn is_replaced(thread: &Thread) -> bool {
    let [first, second, third, ..] = thread.arguments;
    let flags = match thread.number as u32 {
        __NR_dup2 => 0,
        _ => third as u32,
    };
    thread.files.lock().holds(second as i32)
        && flags & !O_CLOEXEC == 0
        && u64::from(second as u32) < process::descriptor_limit()
        && file::closes_on_exec(first as i32).is_ok() // which is open
}

/// unshare(2), after.
pub(crate) fn after_unshare(thread: &mut Thread) {
    if thread.arguments[0] & u64::from(CLONE_FILES) != 0 {
        have_own_table(thread);
    }
}

/// The thread shares its descriptors with nobody any more, nor what we know of ours.
fn have_own_table(thread: &mut Thread) {
    let own = thread.files.lock().clone();
    thread.files = Arc::new(Lock::new(own));
}

/// close_range(2) in pieces that leave ours out.
fn close_around(thread: &Thread, first: u32, last: u32, flags: u64) -> Result<u64, Errno> {
    let mut ours: alloc::vec::Vec<u32> = thread
        .files
        .lock()
        .iter()
        .map(|(_, number)| *number as u32)
        .collect();
    ours.retain(|number| (first..=last).contains(number));
    ours.sort_unstable();
    let mut start = first;
    let mut result = Ok(0);
    let close = |from: u32, to: u32| {
        // SAFETY: the program asked for it, and none of these is ours.
        unsafe { raw::call!(__NR_close_range, from, to, flags) }
    };
    for number in ours {
        if number > start {
            result = close(start, number - 1);
        }
        start = number + 1;
    }
    if start <= last || first > last {
        result = close(start, last);
    }
    result
}

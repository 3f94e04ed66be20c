//! Who the program is: /proc/self/exe, prctl(2), arch_prctl(2), personality(2).
#![expect(unsafe_code, reason = "asks the kernel what makes sense")]
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use crate::memory::copy;
use crate::process::descriptor::PROGRAM;
use crate::process::thread::Thread;
use crate::process::{filter, listing, others, own_dispatch, segment};
use crate::sys::process::{ARCH_GET_GS, ARCH_SET_GS};
use crate::sys::{Errno, file, process};
use crate::{apply, guarded, postponed, seal};
use alloc::ffi::CString;
use alloc::format;
use alloc::vec::Vec;
use core::ffi::CStr;
use core::sync::atomic::{AtomicBool, Ordering};
use linux_raw_sys::general::*;
use linux_raw_sys::prctl::{PR_SET_MDWE, PR_SET_SECCOMP, PR_SET_SYSCALL_USER_DISPATCH};

/// Where the program's file was when it started, where /proc/self/exe leads to ours.
#[unsafe(link_section = ".data.each_call")]
static EXECUTABLE: spin::Once<Vec<u8>> = spin::Once::new();
static READ_IMPLIES_EXECUTE: AtomicBool = AtomicBool::new(false);

/// personality(2), of linux/personality.h.
pub(crate) const READ_IMPLIES_EXEC: u32 = 0x0040_0000;
const ARCH_MAP_VDSO_X32: u32 = 0x2001;
const ARCH_MAP_VDSO_64: u32 = 0x2003;

/// Says where /proc/self/exe shall lead: an absolute path.
pub(crate) fn set_executable(path: Vec<u8>) {
    EXECUTABLE.call_once(|| path);
}

/// Keeps the program's file open, which may be given another name, or none, while it runs.
pub(crate) fn keep_program(descriptor: i32) {
    file::close_on_exec(descriptor);
    Thread::current().files.lock().adopt(PROGRAM, descriptor);
}

/// Where /proc/self/exe led at the start, if it is not as the kernel has it.
pub(crate) fn executable() -> Option<&'static [u8]> {
    EXECUTABLE.get().map(Vec::as_slice)
}

/// Whether what can be read may be executable, too.
pub(crate) fn read_implies_execute() -> bool {
    READ_IMPLIES_EXECUTE.load(Ordering::Relaxed)
}

/// Says that what can be read is executable from now on.
pub(crate) fn set_read_implies_execute() {
    READ_IMPLIES_EXECUTE.store(true, Ordering::Relaxed);
    seal::arm();
}

/// Calls that would take from us what we stand on. `Some` is the program's answer.
pub(crate) fn before(thread: &mut Thread) -> Option<Result<u64, Errno>> {
    let [first, second, ..] = thread.arguments;
    // The kernel takes it as an `int`.
    match (thread.number as u32, first as u32) {
        (__NR_prctl, PR_SET_SYSCALL_USER_DISPATCH) => Some(own_dispatch::set(thread)),
        (__NR_prctl, PR_SET_SECCOMP) => {
            postponed::settle(); // a filter may forbid what that takes
            filter::before(thread);
            None
        }
        (__NR_prctl, PR_SET_MDWE) => {
            postponed::settle();
            apply::cannot_from_now_on();
            guarded::disturbed(&(0..u64::MAX));
            seal::arm();
            None
        }
        (__NR_arch_prctl, ARCH_GET_GS) => Some(
            copy::write_value(second, &segment::base(thread))
                .map(|()| 0)
                .map_err(|_| Errno::EFAULT),
        ),
        (__NR_arch_prctl, ARCH_SET_GS) => Some(match second {
            0..copy::END => {
                segment::set_base(thread, second);
                Ok(0)
            }
            _ => Err(Errno::EPERM),
        }),
        // The kernel maps code.
        (__NR_arch_prctl, ARCH_MAP_VDSO_X32..=ARCH_MAP_VDSO_64) => {
            seal::arm();
            None
        }
        (__NR_personality, wanted) if wanted != u32::MAX && wanted & READ_IMPLIES_EXEC != 0 => {
            set_read_implies_execute();
            None
        }
        _ => None,
    }
}

/// The path that a call names, relative to the directory `at`, is the exe link of a process that has our
/// image there: gives one that leads where the program believes that it does.
pub(crate) fn executable_for(thread: &Thread, at: i32, path: &[u8]) -> Option<CString> {
    let directory = match path {
        b"exe" => b"",
        _ => path.strip_suffix(b"/exe")?,
    };
    if let Some(process) = Shown::by(directory) {
        return process.executable(thread);
    }
    let directory = match directory {
        b"" => file::read_long_link(&file::directory(at)),
        // Links on the way, and dots: the kernel knows where they lead.
        _ if !filter::is_installed() => file::resolved(at, &CString::new(directory).ok()?),
        _ => return None,
    };
    Shown::by(&directory.ok()?)?.executable(thread)
}

/// The process or thread that a directory of /proc shows.
pub(super) struct Shown<'a> {
    directory: &'a str,
    process: Option<i32>,
    task: Option<i32>,
}

impl Shown<'_> {
    /// By the directory's path.
    pub(super) fn by(directory: &[u8]) -> Option<Shown<'_>> {
        let directory = core::str::from_utf8(directory).ok()?;
        let mut parts = directory.strip_prefix("/proc/")?.split('/');
        let process = match parts.next()? {
            "self" | "thread-self" => None,
            digits => Some(number(digits)?),
        };
        let task = match (parts.next(), parts.next(), parts.next()) {
            (None, None, None) => None,
            (Some("task"), Some(digits), None) => Some(number(digits)?),
            _ => return None,
        };
        Some(Shown {
            directory,
            process,
            task,
        })
    }

    /// Whether it is this process, or a thread of its.
    pub(super) fn is_own(&self, thread: &Thread) -> bool {
        self.is_of_own(thread) && self.task.is_none_or(process::is_own_thread)
    }

    /// Whether the directory is that of this process, or below it.
    fn is_of_own(&self, thread: &Thread) -> bool {
        let is_own = |number| number == thread.pid() || number == thread.tid();
        self.process.is_none_or(is_own)
    }

    /// Where its exe link leads to, if the kernel has our image there.
    fn executable(&self, thread: &Thread) -> Option<CString> {
        if !self.is_of_own(thread) {
            return others::program_of(self.directory);
        }
        if !self.is_own(thread) {
            return None; // a thread of another process
        }
        let started = EXECUTABLE.get()?;
        match thread.files.lock().get(PROGRAM) {
            Some(descriptor) => Some(file::link(descriptor)),
            None => CString::new(started.as_slice()).ok(),
        }
    }
}

/// The number of a process, as /proc has it for a name.
fn number(name: &str) -> Option<i32> {
    let number: i32 = name.parse().ok()?;
    (format!("{number}") == name).then_some(number)
}

/// Whether a path that [`executable_for`] gave leads by a link to the file, and is not the file's own.
fn is_link(path: &CStr) -> bool {
    path.to_bytes().starts_with(b"/proc/")
}

/// Whether the program's string at `path` may lead to what /proc shows of our image. Another thread may be changing it:
/// of paths in /proc the kernel gets a copy, whatever they lead to.
#[inline(always)]
pub(crate) fn may_be_executable(path: u64) -> bool {
    copy::may_begin_or_end_with(path, *b"/pro", *b"exe")
}

/// Whether a file that is opened with these flags can be written to: with O_ACCMODE it can neither be read nor
/// written to (open(2)).
#[inline(always)]
fn opens_for_writing(flags: u64) -> bool {
    matches!(flags as u32 & O_ACCMODE, O_WRONLY | O_RDWR) && flags & u64::from(O_PATH) == 0
}

/// Whether a call that opens a file may open one for writing that has been there before.
pub(crate) fn opens_what_is_there(number: u32, [_, second, third, ..]: [u64; 6]) -> bool {
    const MAKES: u64 = (O_CREAT | O_EXCL) as u64;
    let flags = match number {
        __NR_open => second,
        __NR_openat => third,
        _ => return true, // openat2(2) has them in memory, creat(2) has none
    };
    opens_for_writing(flags) && flags & MAKES != MAKES
}

/// A file has been opened. Through that which shows the memory of a process, by whatever path it was named, code may be
/// written whatever its protection.
pub(crate) fn opened(thread: &Thread) {
    // As files of proc(5) are, and hardly any other.
    const BLOCK: i64 = 1024;
    let may_be_memory = |status: &file::Status| {
        file::is_regular(status)
            && (status.st_mode & 0o777, status.st_size, status.st_blksize) == (0o600, 0, BLOCK)
    };
    if opens_what_is_there(thread.number as u32, thread.arguments)
        && file::status(thread.result as i32).is_ok_and(|it| may_be_memory(&it))
    {
        seal::arm();
    }
}

/// How open(2) or a relative is to open a file; 0 for calls that do not.
fn open_flags(thread: &Thread) -> u64 {
    match thread.number as u32 {
        __NR_open => thread.arguments[1],
        __NR_openat => thread.arguments[2],
        // `struct open_how`: the flags come first.
        __NR_openat2 => copy::read_value(thread.arguments[2]).unwrap_or(0),
        _ => 0,
    }
}

/// Whether a call that names a file is about a link itself, if that is what its path leads to, as its arguments say.
/// Those of openat2(2) are in memory, and do not.
#[inline(always)]
pub(crate) fn is_about_link(number: u32, [_, second, third, fourth, fifth, _]: &[u64; 6]) -> bool {
    let has = |flags: &u64, flag: u32| flags & u64::from(flag) != 0;
    match number {
        __NR_newfstatat | __NR_faccessat2 | __NR_utimensat | __NR_fchmodat2 => {
            has(fourth, AT_SYMLINK_NOFOLLOW)
        }
        __NR_statx => has(third, AT_SYMLINK_NOFOLLOW),
        __NR_fchownat => has(fifth, AT_SYMLINK_NOFOLLOW),
        __NR_linkat | __NR_name_to_handle_at => !has(fifth, AT_SYMLINK_FOLLOW),
        __NR_inotify_add_watch => has(third, IN_DONT_FOLLOW),
        __NR_open => has(second, O_NOFOLLOW),
        __NR_openat => has(third, O_NOFOLLOW),
        _ => false,
    }
}

/// Calls that name a file, by the argument at `index`: /proc/PID/exe is the program's.
pub(crate) fn before_path(thread: &mut Thread, index: usize) -> Option<Result<u64, Errno>> {
    let number = thread.number as u32;
    let from = thread.arguments[index];
    let path = copy::read_string(from, PATH_MAX as usize).ok()??;
    let at = match index {
        1 if number != __NR_inotify_add_watch => thread.arguments[0] as i32,
        _ => AT_FDCWD,
    };
    let flags = open_flags(thread);
    let Some(executable) = executable_for(thread, at, &path) else {
        thread.scratch.is_count = listing::is_own(thread, &path);
        // The kernel shall see what was looked at, whatever becomes of it meanwhile.
        let path = listing::hide(thread, path);
        hand_path(thread, index, path);
        return None;
    };
    if matches!(number, __NR_readlink | __NR_readlinkat) && !is_link(&executable) {
        let (buffer, size) = (
            thread.arguments[index + 1],
            thread.arguments[index + 2] as i32,
        );
        if size <= 0 {
            return Some(Err(Errno::EINVAL));
        }
        let mut shown = executable.into_bytes();
        shown.truncate(size as usize);
        return Some(match copy::write_bytes(buffer, &shown) {
            Ok(()) => Ok(shown.len() as u64),
            Err(_) => Err(Errno::EFAULT),
        });
    }
    let is_about_link = is_about_link(number, &thread.arguments)
        || (number == __NR_openat2 && flags & u64::from(O_NOFOLLOW) != 0);
    if !is_about_link {
        // The kernel knows that the file is executed where it has executed it itself.
        let truncates = flags & u64::from(O_TRUNC) != 0 && flags & u64::from(O_PATH) == 0;
        if opens_for_writing(flags) || truncates {
            return Some(Err(Errno::ETXTBSY));
        }
        hand_path(thread, index, executable.into_bytes());
    }
    None
}

/// Gives the kernel a path of ours.
fn hand_path(thread: &mut Thread, index: usize, path: Vec<u8>) {
    thread.scratch.path = path;
    thread.scratch.path.push(0);
    thread.arguments[index] = thread.scratch.path.as_ptr() as u64;
}

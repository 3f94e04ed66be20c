//! Which calls leave assembly, by number: those that the handler wants to see, and those that the
//! runtime must see itself. Set before the program runs, and added to when it does what needs more.
#![expect(unsafe_code, reason = "a table that the gate reads")]
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use crate::call::Call;
use crate::handler::Interest;
use crate::process::identity;
use crate::process::thread::Thread;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use linux_raw_sys::general::*;

/// The runtime must see it.
pub(super) const RUNTIME: u32 = 1;
const HANDLER: u32 = 2;
/// The runtime must see it if its first argument is a path under /proc, or its second.
const FIRST_PATH: u32 = 4;
const SECOND_PATH: u32 = 8;
/// The runtime must see it if [`may_change_code`].
const MAY_CHANGE_CODE: u32 = 16;

/// The runtime must see it if its first argument is a descriptor of ours, of which a program may learn by it. Of other
/// calls that is true as well where they take the long way for another reason.
const FIRST_DESCRIPTOR: u32 = 32;

/// The runtime must see it if it waits under a mask of its own.
const WAITS: u32 = 64;

/// The thread may want it refused ([`crate::process::own_dispatch`]).
const MAY_BE_REFUSED: u32 = 128;

/// The entry of calls that all see, as those by `int 0x80`: their numbers are of another table.
pub(crate) const ALWAYS: u32 = RUNTIME | HANDLER | MAY_BE_REFUSED;

/// A byte per 16-bit number; zero takes the short way. What is above 16 bits takes the long one, to the runtime.
#[repr(transparent)]
pub(crate) struct Table(UnsafeCell<[u8; 65536]>);

// SAFETY: written in the process's first moments, by its only thread; later byte by byte, by way of `entry`.
unsafe impl Sync for Table {}

/// The table of this process.
#[unsafe(link_section = ".bss.interest")]
pub(crate) static TABLE: Table = Table(UnsafeCell::new([0; 65536]));

/// Calls that `dispatch` handles, whatever the handler wants.
const MUST_SEE: &[u32] = &[
    __NR_rt_sigaction,
    __NR_sigaltstack,
    __NR_rt_sigprocmask,
    __NR_rt_sigpending,
    __NR_rt_sigsuspend,
    __NR_rt_sigtimedwait,
    __NR_io_pgetevents,
    __NR_rt_sigreturn,
    __NR_kill,
    __NR_rt_sigqueueinfo,
    __NR_tkill,
    __NR_tgkill,
    __NR_rt_tgsigqueueinfo,
    __NR_pidfd_send_signal,
    __NR_signalfd,
    __NR_signalfd4,
    __NR_clone,
    __NR_clone3,
    __NR_fork,
    __NR_vfork,
    __NR_execve,
    __NR_execveat,
    __NR_exit,
    __NR_exit_group,
    __NR_ptrace,
    __NR_mmap,
    __NR_munmap,
    __NR_mprotect,
    __NR_pkey_mprotect,
    __NR_mremap,
    __NR_brk,
    __NR_shmat,
    __NR_remap_file_pages,
    __NR_madvise,
    __NR_process_madvise,
    __NR_mseal,
    __NR_mlockall,
    __NR_close_range,
    __NR_dup2,
    __NR_dup3,
    __NR_unshare,
    __NR_prctl,
    __NR_arch_prctl,
    __NR_personality,
    __NR_setrlimit,
    __NR_prlimit64,
    __NR_seccomp,
    __NR_membarrier,
    __NR_landlock_restrict_self,
    __NR_io_uring_setup,
    __NR_io_uring_enter,
    __NR_userfaultfd,
    __NR_creat,
    __NR_getdents,
    __NR_getdents64,
];

/// Calls that may wait under a mask.
const BY_MASK: &[u32] = &[
    __NR_ppoll,
    __NR_pselect6,
    __NR_epoll_pwait,
    __NR_epoll_pwait2,
];

/// Calls that may make a descriptor by which code can be changed.
const BY_FLAGS: &[u32] = &[__NR_open, __NR_openat, __NR_openat2, __NR_ioctl];

/// Calls by which programs look for descriptors.
const BY_DESCRIPTOR: &[u32] = &[__NR_close, __NR_dup, __NR_fcntl, __NR_fstat];

/// Calls that name a file by a path, which is their first argument, or their second. Those that only work on a
/// link itself, or on what is not executed (`ETXTBSY`), are not here: the kernel's answer is right.
const BY_PATH: [(u32, &[u32]); 2] = [
    (
        FIRST_PATH,
        &[
            __NR_readlink,
            __NR_open,
            __NR_stat,
            __NR_access,
            __NR_chmod,
            __NR_chown,
            __NR_utime,
            __NR_utimes,
            __NR_statfs,
            __NR_setxattr,
            __NR_getxattr,
            __NR_listxattr,
            __NR_removexattr,
        ],
    ),
    (
        SECOND_PATH,
        &[
            __NR_readlinkat,
            __NR_openat,
            __NR_openat2,
            __NR_newfstatat,
            __NR_statx,
            __NR_faccessat,
            __NR_faccessat2,
            __NR_fchmodat,
            __NR_fchmodat2,
            __NR_fchownat,
            __NR_utimensat,
            __NR_futimesat,
            __NR_linkat,
            __NR_name_to_handle_at,
            __NR_inotify_add_watch,
        ],
    ),
];

/// Which argument of a call is the path that it names a file by.
pub(crate) fn path_argument(number: u32) -> Option<usize> {
    BY_PATH
        .iter()
        .position(|(_, numbers)| numbers.contains(&number))
}

/// The handler wants to see every call. Each thread adds that to what the table has ([`of_all`]): to have
/// it there would touch all of the table.
static ALL: AtomicBool = AtomicBool::new(false);

/// Says what the handler wants to see.
///
/// # Safety
/// The process has one thread, and the program has not begun.
pub(crate) unsafe fn set(interest: &Interest) {
    // SAFETY: nobody else looks at it yet.
    let table = unsafe { &mut *TABLE.0.get() };
    let others = [
        (RUNTIME, MUST_SEE),
        (MAY_CHANGE_CODE, BY_FLAGS),
        (FIRST_DESCRIPTOR, BY_DESCRIPTOR),
        (WAITS, BY_MASK),
    ];
    for (bit, numbers) in BY_PATH.into_iter().chain(others) {
        for number in numbers {
            table[*number as usize] |= bit as u8;
        }
    }
    if *interest == Interest::all() {
        ALL.store(true, Ordering::Relaxed);
        Thread::current().always = of_all();
        return;
    }
    for (number, entry) in table[..Interest::NUMBERS].iter_mut().enumerate() {
        if interest.contains(number as u64) {
            *entry |= HANDLER as u8;
        }
    }
    if interest.unknown() {
        table[Interest::NUMBERS..].fill(HANDLER as u8);
    }
}

/// Has the runtime see these calls as well from now on.
pub(crate) fn must_see(numbers: &[u32]) {
    for number in numbers {
        entry(*number as u16).fetch_or(RUNTIME as u8, Ordering::Relaxed);
    }
}

/// A thread wants some calls refused.
pub(crate) fn may_be_refused_from_now_on() {
    // What has been added to the last has been added to all.
    if entry(u16::MAX).load(Ordering::Acquire) & MAY_BE_REFUSED as u8 == 0 {
        for number in 0..=u16::MAX {
            entry(number).fetch_or(MAY_BE_REFUSED as u8, Ordering::Release);
        }
    }
}

/// The entry of a number, to be added to.
fn entry(number: u16) -> &'static AtomicU8 {
    // SAFETY: a byte of the table. Whoever reads it meanwhile finds it as it was or as it will be.
    unsafe { AtomicU8::from_ptr(TABLE.0.get().cast::<u8>().add(usize::from(number))) }
}

/// Whether a thread may want a call refused whose entry is `entry`.
#[inline(always)]
pub(crate) fn may_be_refused(entry: u32) -> bool {
    entry & MAY_BE_REFUSED != 0
}

/// What the handler wants of every call, as in its entry.
pub(crate) fn of_all() -> u32 {
    match is_all() {
        true => HANDLER,
        false => 0,
    }
}

/// Whether the handler wants to see every call.
pub(crate) fn is_all() -> bool {
    ALL.load(Ordering::Relaxed)
}

/// Whether the handler wants to see a call whose entry is `entry`.
#[inline(always)]
pub(crate) fn of_handler(entry: u32) -> bool {
    entry & HANDLER != 0
}

/// Whether the runtime has to see a call, made by `syscall`, whose entry is `entry`.
pub(crate) fn of_runtime(entry: u32, call: &Call) -> bool {
    let path = call.arguments[usize::from(entry & SECOND_PATH != 0)];
    entry & RUNTIME != 0
        || (entry & (FIRST_PATH | SECOND_PATH) != 0
            && !identity::is_about_link(call.number as u32, &call.arguments)
            && identity::may_be_executable(path))
        || (entry & MAY_CHANGE_CODE != 0 && may_change_code(call))
        || (entry & WAITS != 0 && has_mask(call))
}

/// Makes a descriptor by which memory may be changed whatever its protection: of /dev/userfaultfd.
pub(crate) const USERFAULTFD_IOC_NEW: u32 = 0xaa00;

/// Whether code may be changed by the descriptor that a call makes.
fn may_change_code(call: &Call) -> bool {
    match call.number as u32 {
        __NR_ioctl => call.arguments[1] as u32 == USERFAULTFD_IOC_NEW,
        number => identity::opens_what_is_there(number, *call.arguments),
    }
}

/// Whether a call of [`BY_MASK`] has one, or may have.
fn has_mask(call: &Call) -> bool {
    let [_, _, _, fourth, fifth, sixth] = *call.arguments;
    0 != match call.number as u32 {
        __NR_ppoll => fourth,
        __NR_pselect6 => sixth, // leads to where it is
        _ => fifth,
    }
}

/// Whether the runtime never has to see a call whose entry is `entry`, whatever its arguments but for descriptors of ours.
#[inline(always)]
pub(crate) fn is_none_of_runtime(entry: u32) -> bool {
    entry & (RUNTIME | FIRST_PATH | SECOND_PATH | MAY_CHANGE_CODE | WAITS) == 0
}

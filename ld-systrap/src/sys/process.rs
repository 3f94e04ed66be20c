//! Identity, limits and the end of processes and threads.
#![expect(unsafe_code, reason = "hands buffers of ours to the kernel")]

use super::{Errno, file, raw};
use alloc::ffi::CString;
use alloc::format;
use core::arch::asm;
use core::sync::atomic::{AtomicBool, Ordering};
use ld_systrap_core::address::PAGE;
use linux_raw_sys::general::*;

/// Ends the process with an exit status.
pub fn exit_group(status: i32) -> ! {
    loop {
        // SAFETY: does not return.
        let _ = unsafe { raw::call!(__NR_exit_group, status as i64) };
    }
}

/// The process's number.
#[must_use]
pub fn pid() -> i32 {
    // SAFETY: cannot fail, changes nothing.
    unsafe { raw::syscall(u64::from(__NR_getpid), 0, 0, 0, 0, 0, 0) as i32 }
}

/// The number of the process's parent; 0 if that is in another PID namespace.
#[must_use]
pub fn parent() -> i32 {
    // SAFETY: cannot fail, changes nothing.
    unsafe { raw::syscall(u64::from(__NR_getppid), 0, 0, 0, 0, 0, 0) as i32 }
}

/// The thread's number.
#[must_use]
pub fn tid() -> i32 {
    // SAFETY: cannot fail, changes nothing.
    unsafe { raw::syscall(u64::from(__NR_gettid), 0, 0, 0, 0, 0, 0) as i32 }
}

/// Whether this process has a thread of this number, tgkill(2).
pub(crate) fn is_own_thread(tid: i32) -> bool {
    // SAFETY: no signal is sent.
    unsafe { raw::call!(__NR_tgkill, pid(), tid, 0) }.is_ok()
}

/// Whether /proc has processes by the numbers that they have here: it is there, and of this PID namespace.
pub(crate) fn proc_has_own_numbers() -> bool {
    let mut own = [0; 16];
    let own = file::read_link(c"/proc/self", &mut own);
    own.is_ok_and(|own| own == format!("{}", pid()).as_bytes())
}

/// Whether the kernel has this version or a later one, uname(2). In doubt it has.
pub(crate) fn kernel_is_at_least(major: u32, minor: u32) -> bool {
    // `struct new_utsname`: the release is the third string.
    let mut name = [[0u8; 65]; 6];
    // SAFETY: the kernel writes that structure.
    let _ = unsafe { raw::call!(__NR_uname, name.as_mut_ptr()) };
    let mut numbers = name[2].split(|byte| !byte.is_ascii_digit());
    let mut next = || str::from_utf8(numbers.next()?).ok()?.parse::<u32>().ok();
    match (next(), next()) {
        (Some(first), Some(second)) => (first, second) >= (major, minor),
        _ => true,
    }
}

/// The size of a System V segment of shared memory in bytes; a page, if the kernel does not say.
pub(crate) fn segment_size(identifier: u64) -> u64 {
    const IPC_STAT: u32 = 2;
    // `struct shmid64_ds`: the size comes behind the permissions.
    let mut description = [0u64; 16];
    // SAFETY: the kernel writes 112 bytes.
    let told = unsafe { raw::call!(__NR_shmctl, identifier, IPC_STAT, description.as_mut_ptr()) };
    told.map_or(PAGE, |_| description[6])
}

/// Where in its code a thread goes on that waits in a system call, as proc(5) tells. `None` if it does not
/// wait, or nothing is told.
pub(crate) fn waits_at(pid: i32, tid: i32) -> Option<u64> {
    let mut text = [0; 256];
    let path = CString::new(format!("/proc/{pid}/task/{tid}/syscall")).ok()?;
    let descriptor = file::open(&path, O_RDONLY | O_CLOEXEC).ok()?;
    let read = file::read_at(descriptor, &mut text, 0);
    file::close(descriptor);
    // The call's number, its arguments, the stack pointer, and where it goes on.
    let text = core::str::from_utf8(&text[..read.ok()?]).ok()?;
    let last = text.trim_end().rsplit(' ').next()?;
    u64::from_str_radix(last.strip_prefix("0x")?, 16).ok()
}

/// prctl(2).
///
/// # Safety
/// As the option asked for.
pub(crate) unsafe fn prctl(option: u32, a: u64, b: u64, c: u64, d: u64) -> Result<u64, Errno> {
    // SAFETY: the caller answers for it.
    unsafe { raw::call!(__NR_prctl, option, a, b, c, d) }
}

/// Sets the base of %gs for this thread, arch_prctl(2).
///
/// # Safety
/// Whatever is addressed through %gs has to be found at the new base.
pub(crate) unsafe fn set_gs(base: u64) {
    if HAS_GS_INSTRUCTIONS.load(Ordering::Relaxed) {
        // SAFETY: the processor and the kernel have the instruction; the caller answers for the rest.
        unsafe { asm!("wrgsbase {}", in(reg) base, options(nomem, nostack, preserves_flags)) };
    } else {
        // SAFETY: the caller answers for it; it cannot fail for an address of a program's.
        let _ = unsafe { raw::call!(__NR_arch_prctl, ARCH_SET_GS, base) };
    }
}

/// The base of %gs of this thread.
pub(crate) fn gs() -> u64 {
    let mut base = 0u64;
    if HAS_GS_INSTRUCTIONS.load(Ordering::Relaxed) {
        // SAFETY: the processor and the kernel have the instruction.
        unsafe { asm!("rdgsbase {}", out(reg) base, options(nomem, nostack, preserves_flags)) };
    } else {
        // SAFETY: the kernel writes one word of ours.
        let _ = unsafe { raw::call!(__NR_arch_prctl, ARCH_GET_GS, &raw mut base) };
    }
    base
}

/// `rdgsbase` and `wrgsbase` can be used (x86/x86_64/fsgs.rst in the kernel's documentation).
static HAS_GS_INSTRUCTIONS: AtomicBool = AtomicBool::new(false);

/// Says what `AT_HWCAP2` says of `rdgsbase` and `wrgsbase`.
pub(crate) fn set_capabilities(hwcap2: u64) {
    const HWCAP2_FSGSBASE: u64 = 2;
    HAS_GS_INSTRUCTIONS.store(hwcap2 & HWCAP2_FSGSBASE != 0, Ordering::Relaxed);
}

pub(crate) const ARCH_SET_GS: u32 = 0x1001;
pub(crate) const ARCH_GET_GS: u32 = 0x1004;

/// The highest limit on descriptors beyond which ours are put.
pub(crate) const HIGHEST_REACH: u64 = 4096;

/// The soft limit on descriptors' numbers, getrlimit(2).
pub(crate) fn descriptor_limit() -> u64 {
    limit(RLIMIT_NOFILE).unwrap_or(1024)
}

/// Whether files may not grow for ever, getrlimit(2).
pub(crate) fn file_size_is_limited() -> bool {
    limit(RLIMIT_FSIZE).is_ok_and(|limit| limit != u64::MAX)
}

fn limit(resource: u32) -> Result<u64, Errno> {
    let mut limit = rlimit64 {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the kernel writes one rlimit64.
    unsafe { raw::call!(__NR_prlimit64, 0, resource, 0, &raw mut limit) }?;
    Ok(limit.rlim_cur)
}

/// Whether address space is limited, getrlimit(2).
pub(crate) fn address_space_is_limited() -> bool {
    limit(RLIMIT_AS).is_ok_and(|limit| limit != u64::MAX)
}

/// Does something with as high a limit on descriptors as there may be.
pub(crate) fn above_descriptor_limit<T>(act: impl FnOnce() -> T) -> T {
    const ENOUGH: u64 = 2 * HIGHEST_REACH;
    let exchange = |new: Option<u64>, old: &mut rlimit64| {
        let both = new.map(|limit| rlimit64 {
            rlim_cur: limit,
            rlim_max: limit,
        });
        let new = both.as_ref().map_or(core::ptr::null(), core::ptr::from_ref);
        // SAFETY: the kernel reads and writes one rlimit64 each.
        unsafe { raw::call!(__NR_prlimit64, 0, RLIMIT_NOFILE, new, &raw mut *old) }
    };
    let mut old = rlimit64 {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // Only the privileged may raise the hard limit.
    let raised = exchange(None, &mut old)
        .and_then(|_| exchange(Some(old.rlim_max.max(ENOUGH)), &mut old))
        .or_else(|_| exchange(Some(old.rlim_max), &mut old));
    let result = act();
    if raised.is_ok() {
        // SAFETY: the kernel reads one rlimit64.
        let _ = unsafe { raw::call!(__NR_prlimit64, 0, RLIMIT_NOFILE, &raw const old, 0) };
    }
    result
}

/// The personality of the process, personality(2).
pub(crate) fn personality() -> u32 {
    // SAFETY: 0xffffffff only asks.
    unsafe { raw::call!(__NR_personality, 0xffff_ffffu32) }.unwrap_or(0) as u32
}

/// Whether thread `tid` has the same memory as we, kcmp(2). In doubt it has.
pub(crate) fn shares_memory(tid: i32) -> bool {
    const KCMP_VM: u32 = 1;
    // The process's first thread may be gone, and has no memory then.
    let own = self::tid();
    // SAFETY: asks only.
    let compared = unsafe { raw::call!(__NR_kcmp, own, tid, KCMP_VM, 0, 0) };
    !matches!(compared, Ok(1 | 2) | Err(Errno::ESRCH))
}

/// Lets another thread run, sched_yield(2).
pub(crate) fn yield_now() {
    // SAFETY: changes nothing.
    let _ = unsafe { raw::call!(__NR_sched_yield) };
}

/// Sends a signal to one thread of this process, with what it shall find in siginfo.
///
/// # Errors
/// As rt_tgsigqueueinfo(2).
pub(crate) fn queue_signal(tid: i32, signal: u32, info: &[u64; 16]) -> Result<(), Errno> {
    queue_signal_to(pid(), tid, signal, info)
}

/// Sends a signal to thread `tid` of process `pid`, with what it shall find in siginfo.
///
/// # Errors
/// As rt_tgsigqueueinfo(2).
pub(crate) fn queue_signal_to(
    pid: i32,
    tid: i32,
    signal: u32,
    info: &[u64; 16],
) -> Result<(), Errno> {
    // SAFETY: the kernel reads 128 bytes.
    unsafe { raw::call!(__NR_rt_tgsigqueueinfo, pid, tid, signal, info.as_ptr()) }.map(drop)
}

/// Sends a signal to process `pid`, to whichever thread, with what it shall find in siginfo.
///
/// # Errors
/// As rt_sigqueueinfo(2).
pub(crate) fn queue_signal_to_all(pid: i32, signal: u32, info: &[u64; 16]) -> Result<(), Errno> {
    // SAFETY: the kernel reads 128 bytes.
    unsafe { raw::call!(__NR_rt_sigqueueinfo, pid, signal, info.as_ptr()) }.map(drop)
}

/// Eight random bytes, as good as the kernel has them now.
pub(crate) fn random() -> u64 {
    let mut value = 0u64;
    // SAFETY: eight bytes of ours. An error leaves zero: no randomisation.
    let _ = unsafe { raw::call!(__NR_getrandom, &raw mut value, 8, GRND_NONBLOCK) };
    value
}

/// The end of the heap, brk(2).
pub(crate) fn program_break() -> u64 {
    // SAFETY: 0 only asks.
    unsafe { raw::syscall(u64::from(__NR_brk), 0, 0, 0, 0, 0, 0) }
}

/// Lets [`order_all_threads`] be quick: to be called while there is one thread (membarrier(2),
/// MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED waits for all others).
pub(crate) fn prepare_order() {
    const REGISTER: u32 = 16;
    // SAFETY: changes no memory.
    let _ = unsafe { raw::call!(__NR_membarrier, REGISTER, 0, 0) };
}

/// Orders the memory accesses of all threads against ours, membarrier(2). A kernel without it leaves a
/// gap of a few nanoseconds.
pub(crate) fn order_all_threads() {
    const ORDER: u32 = 8; // MEMBARRIER_CMD_PRIVATE_EXPEDITED
    // SAFETY: changes no memory.
    let _ = unsafe { raw::call!(__NR_membarrier, ORDER, 0, 0) };
}

/// The real user, getuid(2).
pub(crate) fn real_user() -> u32 {
    // SAFETY: cannot fail, changes nothing.
    unsafe { raw::syscall(u64::from(__NR_getuid), 0, 0, 0, 0, 0, 0) as u32 }
}

/// The effective user, geteuid(2).
pub(crate) fn user() -> u32 {
    // SAFETY: cannot fail, changes nothing.
    unsafe { raw::syscall(u64::from(__NR_geteuid), 0, 0, 0, 0, 0, 0) as u32 }
}

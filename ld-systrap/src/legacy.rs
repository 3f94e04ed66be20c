//! Calls by `int 0x80`, which the kernel numbers and reads by the i386 table.

use crate::gate::Step;
use crate::process::calls::{self, answer};
use crate::process::thread::Thread;
use crate::sys::Errno;
use ld_systrap_core::syscall::{self, Abi};
use linux_raw_sys::general::*;

/// Fills in the call that the registers ask for by the 32-bit table's rules. Called by the gate.
pub(crate) extern "C" fn arrived(thread: &mut Thread) {
    let context = &thread.context;
    let call = &mut thread.call;
    let low = |register: u64| register & 0xffff_ffff;
    let [rbx, rcx, rdx, rsi] = [context.rbx, context.rcx, context.rdx, context.rsi];
    call.number = low(context.rax);
    call.arguments = [rbx, rcx, rdx, rsi, context.rdi, context.rbp].map(low);
    call.after = context.after;
    call.stack = context.rsp;
    call.thread = thread.tid;
    call.process = thread.pid;
}

/// Calls by `int 0x80`: most go to the kernel as they are. Those that the runtime must see are made as the 64-bit
/// call of that name, or refused where their structures differ, or places, rather than let through unseen.
pub(super) fn before(thread: &mut Thread) -> Step {
    let name = syscall::name(Abi::Int80, thread.number).unwrap_or_default();
    let [first, second, ..] = thread.arguments;
    let twin = match name {
        "fcntl" | "fcntl64" if takes_lock(second) => return Step::Int80,
        "fcntl64" => "fcntl",
        "ppoll_time64" => "ppoll",
        "mmap2" => {
            let [_, _, _, flags, _, offset] = &mut thread.arguments;
            *flags |= u64::from(MAP_32BIT);
            *offset <<= 12;
            "mmap"
        }
        "ipc" if first & 0xffff != SHMAT => return Step::Int80,
        "access"
        | "brk"
        | "close"
        | "close_range"
        | "dup"
        | "dup2"
        | "dup3"
        | "epoll_pwait"
        | "epoll_pwait2"
        | "exit"
        | "exit_group"
        | "fcntl"
        | "fork"
        | "getdents64"
        | "io_uring_enter"
        | "io_uring_setup"
        | "kill"
        | "landlock_restrict_self"
        | "madvise"
        | "membarrier"
        | "mprotect"
        | "mseal"
        | "munmap"
        | "open"
        | "openat"
        | "openat2"
        | "personality"
        | "pkey_mprotect"
        | "prctl"
        | "prlimit64"
        | "readlink"
        | "readlinkat"
        | "remap_file_pages"
        | "rt_sigpending"
        | "rt_sigprocmask"
        | "rt_sigsuspend"
        | "signalfd"
        | "signalfd4"
        | "unshare"
        | "vfork" => name,
        "clone"
        | "clone3"
        | "execve"
        | "execveat"
        | "io_pgetevents"
        | "io_pgetevents_time64"
        | "ipc"
        | "mmap"
        | "mremap"
        | "ppoll"
        | "process_madvise"
        | "pselect6"
        | "pselect6_time64"
        | "ptrace"
        | "rt_sigaction"
        | "rt_sigqueueinfo"
        | "rt_sigreturn"
        | "rt_sigtimedwait"
        | "rt_sigtimedwait_time64"
        | "rt_tgsigqueueinfo"
        | "seccomp"
        | "setrlimit"
        | "shmat"
        | "sigaction"
        | "sigaltstack"
        | "signal"
        | "sigpending"
        | "sigprocmask"
        | "sigreturn"
        | "sigsuspend"
        | "ssetmask" => {
            thread.number = u64::MAX; // in neither table
            return answer(thread, Err(Errno::ENOSYS));
        }
        _ => return Step::Int80,
    };
    thread.number = syscall::number(twin).unwrap_or(u64::MAX);
    calls::before(thread)
}

/// ipc(2)'s number for shmat(2), below its version.
const SHMAT: u64 = 21;

/// Whether an fcntl(2) command has a `struct flock`, of which there are several.
fn takes_lock(command: u64) -> bool {
    const F_GETLK64: u32 = 12;
    const F_SETLKW64: u32 = 14;
    matches!(
        command as u32,
        F_GETLK | F_SETLK | F_SETLKW | F_GETLK64..=F_SETLKW64 | F_OFD_GETLK..=F_OFD_SETLKW
    )
}

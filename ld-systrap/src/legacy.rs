//! Calls by `int 0x80`, which the kernel numbers and reads by the i386 table.

use crate::gate::{Step, interest};
use crate::process::calls::{self, answer};
use crate::process::thread::Thread;
use crate::seal;
use crate::sys::Errno;
use linux_raw_sys::general::*;

/// Fills in the call that the registers ask for by the 32-bit table's rules. Called by the gate.
pub(crate) extern "C" fn arrived(thread: &mut Thread) {
    let context = &thread.context;
    let call = &mut thread.call;
    let low = |register: u64| register & 0xffff_ffff;
    let [rdi, rsi, rdx, ..] = call.arguments.registers;
    let arguments = [context.rbx, context.rcx, rdx, rsi, rdi, context.rbp];
    call.number = low(context.rax);
    *call.arguments = arguments.map(low);
}

/// Calls that the runtime must see, by their number in syscall_32.tbl, and the 64-bit call that takes the same
/// arguments. Numbers, as names would have to be relocated in each process.
const TWINS: &[(u16, u32)] = &[
    (1, __NR_exit),
    (2, __NR_fork),
    (5, __NR_open),
    (6, __NR_close),
    (8, __NR_creat),
    (15, __NR_chmod),
    (33, __NR_access),
    (37, __NR_kill),
    (41, __NR_dup),
    (45, __NR_brk),
    (55, __NR_fcntl),
    (63, __NR_dup2),
    (85, __NR_readlink),
    (91, __NR_munmap),
    (125, __NR_mprotect),
    (136, __NR_personality),
    (152, __NR_mlockall),
    (172, __NR_prctl),
    (175, __NR_rt_sigprocmask),
    (176, __NR_rt_sigpending),
    (179, __NR_rt_sigsuspend),
    (190, __NR_vfork),
    (192, __NR_mmap),
    (212, __NR_chown),
    (219, __NR_madvise),
    (220, __NR_getdents64),
    (221, __NR_fcntl),
    (226, __NR_setxattr),
    (229, __NR_getxattr),
    (232, __NR_listxattr),
    (235, __NR_removexattr),
    (252, __NR_exit_group),
    (257, __NR_remap_file_pages),
    (292, __NR_inotify_add_watch),
    (295, __NR_openat),
    (298, __NR_fchownat),
    (303, __NR_linkat),
    (305, __NR_readlinkat),
    (306, __NR_fchmodat),
    (307, __NR_faccessat),
    (310, __NR_unshare),
    (319, __NR_epoll_pwait),
    (321, __NR_signalfd),
    (327, __NR_signalfd4),
    (330, __NR_dup3),
    (340, __NR_prlimit64),
    (341, __NR_name_to_handle_at),
    (374, __NR_userfaultfd),
    (375, __NR_membarrier),
    (380, __NR_pkey_mprotect),
    (383, __NR_statx),
    (412, __NR_utimensat),
    (414, __NR_ppoll),
    (425, __NR_io_uring_setup),
    (426, __NR_io_uring_enter),
    (436, __NR_close_range),
    (437, __NR_openat2),
    (439, __NR_faccessat2),
    (441, __NR_epoll_pwait2),
    (446, __NR_landlock_restrict_self),
    (452, __NR_fchmodat2),
    (462, __NR_mseal),
];

/// Those whose structures differ, or places.
const REFUSED: &[u16] = &[
    11,  // execve
    26,  // ptrace
    48,  // signal
    67,  // sigaction
    69,  // ssetmask
    72,  // sigsuspend
    73,  // sigpending
    75,  // setrlimit
    90,  // mmap
    117, // ipc
    119, // sigreturn
    120, // clone
    126, // sigprocmask
    163, // mremap
    173, // rt_sigreturn
    174, // rt_sigaction
    177, // rt_sigtimedwait
    178, // rt_sigqueueinfo
    186, // sigaltstack
    308, // pselect6
    309, // ppoll
    335, // rt_tgsigqueueinfo
    354, // seccomp
    358, // execveat
    385, // io_pgetevents
    397, // shmat
    413, // pselect6_time64
    416, // io_pgetevents_time64
    421, // rt_sigtimedwait_time64
    435, // clone3
    440, // process_madvise
];

const FCNTL: u16 = 55;
const IOCTL: u16 = 54;
const IPC: u16 = 117;
const MMAP2: u16 = 192;
const FCNTL64: u16 = 221;

/// Calls by `int 0x80`: most go to the kernel as they are. Those that the runtime must see are made as their twins, or
/// refused rather than let through unseen.
pub(super) fn before(thread: &mut Thread) -> Step {
    let Ok(number) = u16::try_from(thread.number) else {
        return Step::Int80; // there is none
    };
    let [first, second, _, flags, _, offset] = &mut thread.arguments;
    match number {
        FCNTL | FCNTL64 if takes_lock(*second) => return Step::Int80,
        IOCTL if *second as u32 == interest::USERFAULTFD_IOC_NEW => seal::arm(),
        IPC if *first & 0xffff != SHMAT => return Step::Int80,
        MMAP2 => {
            *flags |= u64::from(MAP_32BIT);
            *offset <<= 12;
        }
        _ => {}
    }
    if REFUSED.contains(&number) {
        thread.number = u64::MAX; // in neither table
        return answer(thread, Err(Errno::ENOSYS));
    }
    match TWINS.iter().find(|(own, _)| *own == number) {
        Some((_, twin)) => {
            thread.number = u64::from(*twin);
            calls::before(thread)
        }
        None => Step::Int80,
    }
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

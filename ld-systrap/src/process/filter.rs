//! The program's own seccomp filters, seccomp(2): they act on its calls, and not on those that the runtime
//! makes meanwhile, of which the program knows nothing.
//!
//! The kernel tells a filter where a call was made. Ours are made at places of their own, so each filter
//! that the program installs gets a few instructions in front of it that let those pass: not all calls
//! that there are, only those that the runtime makes after a program has begun, and none that opens,
//! executes or connects anything.
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]
#![expect(unsafe_code, reason = "makes a call of the program's that fails")]

use crate::gate;
use crate::memory::copy;
use crate::process::signal;
use crate::process::thread::Thread;
use crate::sys::{Errno, raw};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};
use linux_raw_sys::general::*;
use linux_raw_sys::prctl::PR_SET_SECCOMP;

/// What the runtime calls while a program runs.
const PASS: &[u32] = &[
    __NR_write,
    __NR_close,
    __NR_fstat,
    __NR_fstatfs,
    __NR_newfstatat,
    __NR_poll,
    __NR_mmap,
    __NR_mprotect,
    __NR_munmap,
    __NR_rt_sigaction,
    __NR_rt_sigprocmask,
    __NR_rt_sigpending,
    __NR_rt_sigtimedwait,
    __NR_madvise,
    __NR_getpid,
    __NR_getppid,
    __NR_fcntl,
    __NR_readlinkat,
    __NR_getuid,
    __NR_geteuid,
    __NR_personality,
    __NR_prctl,
    __NR_arch_prctl,
    __NR_gettid,
    __NR_sched_yield,
    __NR_nanosleep,
    __NR_sigaltstack,
    __NR_exit_group,
    __NR_prlimit64,
    __NR_rt_sigqueueinfo,
    __NR_rt_tgsigqueueinfo,
    __NR_kcmp,
    __NR_tgkill,
    __NR_membarrier,
    __NR_close_range,
];

/// The program has installed a filter: what it was not asked about is better not done.
static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Whether calls that [`PASS`] does not list may end the process.
pub(crate) fn is_installed() -> bool {
    INSTALLED.load(Ordering::Relaxed)
}

const SECCOMP_MODE_FILTER: u64 = 2;
const SECCOMP_SET_MODE_FILTER: u32 = 1;

/// prctl(2) and seccomp(2): a filter lets our own calls pass.
pub(crate) fn before(thread: &mut Thread) {
    let [first, second, third, ..] = thread.arguments;
    let (index, program) = match (thread.number as u32, first as u32) {
        (__NR_prctl, PR_SET_SECCOMP) if second == SECCOMP_MODE_FILTER => (2, third),
        (__NR_seccomp, SECCOMP_SET_MODE_FILTER) => (2, third),
        _ => return,
    };
    let Some(instructions) = read(program) else {
        return; // the kernel says what is wrong with it
    };
    let mut all = before_it();
    let count = all.len() + instructions.len();
    all.extend(instructions);
    const BPF_MAXINSNS: usize = 4096;
    if count > BPF_MAXINSNS {
        return;
    }
    INSTALLED.store(true, Ordering::Relaxed);
    thread.scratch.path = all.iter().flat_map(|it| it.to_le_bytes()).collect();
    // `struct sock_fprog`.
    thread.scratch.words[0] = count as u64;
    thread.scratch.words[1] = thread.scratch.path.as_ptr() as u64;
    thread.arguments[index] = thread.scratch.words.as_ptr() as u64;
}

/// What becomes of an execve(2) or execveat(2) by the program's filters, which shall see it before what the
/// runtime does for it, and by that number: it is made with an argv that cannot be read. Gives the value in rax
/// if the program's own is not to be made.
pub(crate) fn judge_exec(thread: &mut Thread) -> Option<u64> {
    const UNREADABLE: u64 = 1;
    if !is_installed() {
        return None;
    }
    let mut arguments = thread.arguments;
    let argv = match thread.number as u32 {
        __NR_execve => 1,
        _ => 2,
    };
    arguments[argv] = UNREADABLE;
    let [a, b, c, d, e, _] = arguments;
    // SAFETY: it fails, and changes nothing.
    match unsafe { raw::call!(thread.number, a, b, c, d, e) } {
        Err(Errno::EFAULT) => None,
        Ok(result) => Some(result), // for a filter's error 0
        Err(_) if signal::is_trapped(thread) => Some(thread.number), // where the kernel leaves it
        Err(error) => Some(error.returned()),
    }
}

/// The instructions of a `struct sock_fprog`, 8 bytes each.
fn read(program: u64) -> Option<Vec<u64>> {
    let [length, at] = copy::read_value::<[u64; 2]>(program).ok()?;
    let mut instructions = Vec::new();
    for index in 0..length & 0xffff {
        instructions.push(copy::read_value::<u64>(at.checked_add(8 * index)?).ok()?);
    }
    (!instructions.is_empty()).then_some(instructions)
}

/// `struct sock_filter`: uapi/linux/filter.h.
const fn instruction(code: u16, if_true: u8, if_false: u8, value: u32) -> u64 {
    code as u64 | (if_true as u64) << 16 | (if_false as u64) << 24 | (value as u64) << 32
}

/// Instructions that return for our own calls, and for all others go on behind them as if at a start.
fn before_it() -> Vec<u64> {
    const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
    const LOAD_VALUE: u16 = 0; // BPF_LD | BPF_W | BPF_IMM
    const JUMP_EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    const JUMP: u16 = 0x05; // BPF_JMP | BPF_JA
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K
    const SECCOMP_RET_ALLOW: u32 = 0x7fff_0000;
    // `struct seccomp_data`.
    const NUMBER: u32 = 0;
    const PLACE: u32 = 8;

    let own = gate::own_calls();
    let high = (own.any >> 32) as u32;
    let same_half = own.returns.iter().all(|at| (at >> 32) as u32 == high);
    let returns = if same_half { &own.returns[..] } else { &[] };
    // The last two: what lets a call pass, and what everything else goes on at.
    let passes = returns.len() + PASS.len() + 6;
    let from = |at: usize, to: usize| (to - at - 1) as u8;
    let mut all: Vec<u64> = Vec::with_capacity(passes + 2);
    all.push(instruction(LOAD, 0, 0, PLACE + 4));
    all.push(instruction(JUMP_EQUAL, 0, from(1, passes + 1), high));
    all.push(instruction(LOAD, 0, 0, PLACE));
    for place in returns {
        let to = from(all.len(), passes);
        all.push(instruction(JUMP_EQUAL, to, 0, *place as u32));
    }
    let to = from(all.len(), passes + 1);
    all.push(instruction(JUMP_EQUAL, 0, to, own.any as u32));
    all.push(instruction(LOAD, 0, 0, NUMBER));
    for number in PASS {
        let to = from(all.len(), passes);
        all.push(instruction(JUMP_EQUAL, to, 0, *number));
    }
    all.push(instruction(JUMP, 0, 0, 1));
    all.push(instruction(RETURN, 0, 0, SECCOMP_RET_ALLOW));
    all.push(instruction(LOAD_VALUE, 0, 0, 0));
    all
}

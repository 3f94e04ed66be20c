//! Signals: the kernel's structures, and rt_sigaction(2), rt_sigprocmask(2), sigaltstack(2).
#![expect(unsafe_code, reason = "hands structures of ours to the kernel")]

use super::{Errno, raw};
use crate::memory::copy::Plain;
use linux_raw_sys::general::*;

pub(crate) const ILL: u32 = SIGILL;
pub(crate) const BUS: u32 = SIGBUS;
pub(crate) const SEGV: u32 = SIGSEGV;
pub(crate) const SYS: u32 = SIGSYS;
pub(crate) const KILL: u32 = SIGKILL;
pub(crate) const STOP: u32 = SIGSTOP;

/// `si_arch` of calls by `int 0x80`, and of the others.
pub(crate) const AUDIT_ARCH_I386: u32 = 0x4000_0003;
pub(crate) const AUDIT_ARCH_X86_64: u32 = 0xc000_003e;

/// A set of one signal.
pub(crate) const fn bit(signal: u32) -> u64 {
    1 << (signal - 1)
}

/// `struct kernel_sigaction` of x86-64, as rt_sigaction(2) takes it.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Action {
    pub(crate) handler: u64,
    pub(crate) flags: u64,
    pub(crate) restorer: u64,
    pub(crate) mask: u64,
}
// SAFETY: four integers.
unsafe impl Plain for Action {}

/// `stack_t`.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stack {
    pub(crate) pointer: u64,
    pub(crate) flags: u32,
    pub(crate) padding: u32,
    pub(crate) size: u64,
}
// SAFETY: integers.
unsafe impl Plain for Stack {}

impl Stack {
    pub(crate) const DISABLED: Stack = Stack {
        pointer: 0,
        flags: SS_DISABLE,
        padding: 0,
        size: 0,
    };

    /// Whether `address` is on it, as the kernel's `__on_sig_stack` says.
    pub(crate) fn holds(&self, address: u64) -> bool {
        address > self.pointer && address - self.pointer <= self.size
    }
}

/// The `sigcontext` within a `ucontext`: uapi/asm/sigcontext.h.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers {
    pub(crate) r8: u64,
    pub(crate) r9: u64,
    pub(crate) r10: u64,
    pub(crate) r11: u64,
    pub(crate) r12: u64,
    pub(crate) r13: u64,
    pub(crate) r14: u64,
    pub(crate) r15: u64,
    pub(crate) rdi: u64,
    pub(crate) rsi: u64,
    pub(crate) rbp: u64,
    pub(crate) rbx: u64,
    pub(crate) rdx: u64,
    pub(crate) rax: u64,
    pub(crate) rcx: u64,
    pub(crate) rsp: u64,
    pub(crate) rip: u64,
    pub(crate) rflags: u64,
    pub(crate) cs: u16,
    pub(crate) gs: u16,
    pub(crate) fs: u16,
    pub(crate) ss: u16,
    pub(crate) error: u64,
    pub(crate) trap: u64,
    pub(crate) old_mask: u64,
    pub(crate) cr2: u64,
    pub(crate) fpstate: u64,
    pub(crate) reserved: [u64; 8],
}

/// The flag in rflags by which a program steps through itself.
pub(crate) const TF: u64 = 0x100;

/// `__USER_CS`, the one segment of 64-bit code.
pub(crate) const USER_CODE: u16 = 0x33;
/// `__USER_DS`, the stack segment that the kernel gives.
pub(crate) const USER_STACK: u16 = 0x2b;

impl Registers {
    /// Whether they are of 64-bit code. A program may run 32-bit code as well: what rip says then is an
    /// offset into a segment.
    pub(crate) fn is_64_bit(&self) -> bool {
        self.cs == USER_CODE
    }
}

/// The kernel's `struct ucontext`: uapi/asm-generic/ucontext.h.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ucontext {
    pub(crate) flags: u64,
    pub(crate) link: u64,
    pub(crate) stack: Stack,
    pub(crate) registers: Registers,
    pub(crate) mask: u64,
}
// SAFETY: integers.
unsafe impl Plain for Ucontext {}

/// `siginfo_t`, 128 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Info(pub(crate) [u64; 16]);
// SAFETY: integers.
unsafe impl Plain for Info {}

impl Info {
    /// As the kernel or a process makes it: `word` is the address of a fault, or the PID and the UID of a sender.
    pub(crate) fn new(number: u32, code: i32, word: u64) -> Info {
        let mut info = Info([0; 16]);
        info.0[0] = u64::from(number);
        info.0[1] = u64::from(code as u32);
        info.0[2] = word;
        info
    }
    /// As sigqueue(3) makes it.
    pub(crate) fn queued(number: u32, sender: i32, value: u64) -> Info {
        let mut info = Info::new(number, SI_QUEUE, u64::from(sender as u32));
        info.0[3] = value;
        info
    }
    pub(crate) fn number(&self) -> u32 {
        self.0[0] as u32
    }
    pub(crate) fn code(&self) -> i32 {
        self.0[1] as i32
    }
    /// `si_addr`, or `si_call_addr`.
    pub(crate) fn address(&self) -> u64 {
        self.0[2]
    }
    /// `si_syscall` of SIGSYS.
    pub(crate) fn call_number(&self) -> u32 {
        self.0[3] as u32
    }
    /// Sets `si_syscall` and `si_arch` of SIGSYS.
    pub(crate) fn set_call(&mut self, number: u32, architecture: u32) {
        self.0[3] = u64::from(number) | u64::from(architecture) << 32;
    }
    /// `si_arch` of SIGSYS.
    pub(crate) fn architecture(&self) -> u32 {
        (self.0[3] >> 32) as u32
    }
    /// The value, if it was [queued](Self::queued).
    pub(crate) fn value(&self) -> Option<u64> {
        (self.code() == SI_QUEUE).then_some(self.0[3])
    }
    /// Whether the kernel had no room for more than the number (`RLIMIT_SIGPENDING`), or a process that
    /// has no number here has sent it.
    pub(crate) fn is_bare(&self) -> bool {
        self.code() == 0 && self.0[2] == 0
    }
    /// Whether the processor raised it behind an instruction because TF was set.
    pub(crate) fn is_step(&self) -> bool {
        const TRAP_TRACE: i32 = 2;
        self.number() == SIGTRAP && self.code() == TRAP_TRACE
    }
    /// Whether the processor or the kernel raised it at the instruction that it names, and not somebody
    /// by a call. Timers, terminals and children have positive codes, too.
    pub(crate) fn is_fault(&self) -> bool {
        let synchronous = [ILL, SIGTRAP, BUS, SIGFPE, SEGV, SYS];
        self.code() > 0 && synchronous.contains(&self.number())
    }
}

/// Sets what the kernel does on `signal`; gives what it did before.
///
/// # Safety
/// A handler must be prepared for what it will be called for.
pub(crate) unsafe fn set_action(signal: u32, action: Option<&Action>) -> Result<Action, Errno> {
    let mut old = Action::default();
    let new = action.map_or(core::ptr::null(), |action| &raw const *action);
    // SAFETY: structures of ours; the caller answers for the handler.
    unsafe { raw::call!(__NR_rt_sigaction, signal, new, &raw mut old, 8) }?;
    Ok(old)
}

/// Sets the mask of this thread; gives the one before.
pub(crate) fn set_mask(mask: u64) -> u64 {
    let mut old = 0u64;
    // SAFETY: two words of ours.
    let _ = unsafe {
        raw::call!(
            __NR_rt_sigprocmask,
            SIG_SETMASK,
            &raw const mask,
            &raw mut old,
            8
        )
    };
    old
}

/// The mask of this thread.
pub(crate) fn mask() -> u64 {
    let mut mask = 0u64;
    // SAFETY: a word of ours.
    let _ = unsafe { raw::call!(__NR_rt_sigprocmask, 0, 0, &raw mut mask, 8) };
    mask
}

/// The signals that wait for this thread or process.
pub(crate) fn pending() -> u64 {
    let mut set = 0u64;
    // SAFETY: a word of ours.
    let _ = unsafe { raw::call!(__NR_rt_sigpending, &raw mut set, 8) };
    set
}

/// Takes one of the signals in `set` that waits for this thread, if one does.
pub(crate) fn discard(set: u64) {
    let now = [0u64; 2];
    // SAFETY: words of ours, which the kernel reads.
    let _ = unsafe { raw::call!(__NR_rt_sigtimedwait, &raw const set, 0, &raw const now, 8) };
}

/// Takes a signal of a set that is blocked and pending, rt_sigtimedwait(2).
pub(crate) fn take_pending(set: u64) -> Option<Info> {
    let mut info = Info([0; 16]);
    let now = [0u64; 2];
    // SAFETY: the kernel reads a set and a time and writes a siginfo, all ours.
    let taken = unsafe {
        raw::call!(
            __NR_rt_sigtimedwait,
            &raw const set,
            &raw mut info,
            now.as_ptr(),
            8
        )
    };
    taken.is_ok().then_some(info)
}

/// Sets the signal stack of this thread.
pub(crate) fn set_stack(stack: &Stack) -> Result<(), Errno> {
    // SAFETY: a structure of ours; an error leaves the stack as it was.
    unsafe { raw::call!(__NR_sigaltstack, &raw const *stack, 0) }.map(drop)
}

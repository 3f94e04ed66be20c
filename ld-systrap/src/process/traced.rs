//! ptrace(2): a program under a debugger stops at its own first instruction.
//!
//! When a thread that has asked to be traced (`PTRACE_TRACEME`) executes a program, the kernel sends it
//! SIGTRAP, and the debugger finds the program in place, with nothing of it run. Under us the kernel has
//! executed our image, and the program is not there yet. So SIGTRAP is blocked across the exec, and lets
//! the debugger in when a sigreturn to the program's first instruction unblocks it.
#![expect(unsafe_code, reason = "builds the frame that enters the program")]

use crate::gate;
use crate::postponed;
use crate::process::signal;
use crate::process::thread::Thread;
use crate::sys::Errno;
use crate::sys::signal::{self as kernel, Ucontext, bit};
use linux_raw_sys::general::SIGTRAP;

/// `PTRACE_TRACEME`, uapi/linux/ptrace.h.
const TRACEME: u64 = 0;

/// What a thread has to do with a tracer of its own choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Traced {
    /// It has not asked for one.
    #[default]
    No,
    /// It has; the kernel sends it SIGTRAP when it executes something.
    Yes,
    /// It has just been executed, and SIGTRAP is blocked until the program begins.
    Begins,
}

/// ptrace(2), before. That a tracer changes its tracee's Syscall User Dispatch has no effect: the seal needs it. All
/// else is as the kernel says when it is asked what it is.
pub(crate) fn before(thread: &mut Thread) {
    const SET_SYSCALL_USER_DISPATCH_CONFIG: u64 = 0x4210;
    const GET_SYSCALL_USER_DISPATCH_CONFIG: u64 = 0x4211;
    if thread.arguments[0] == SET_SYSCALL_USER_DISPATCH_CONFIG {
        thread.arguments[0] = GET_SYSCALL_USER_DISPATCH_CONFIG;
        thread.arguments[3] = thread.scratch.words.as_mut_ptr() as u64;
    }
}

/// ptrace(2), after.
pub(crate) fn after(thread: &mut Thread) -> Result<(), Errno> {
    if thread.arguments[0] == TRACEME {
        thread.traced = Traced::Yes;
        postponed::settle(); // a debugger stops at each signal, those of the seal too
    }
    Ok(())
}

/// An execve(2) is about to be made. Gives whether the program had SIGTRAP blocked already; `None` if
/// nobody will be told of the exec.
pub(crate) fn before_exec(thread: &Thread) -> Option<bool> {
    if thread.traced == Traced::No {
        return None;
    }
    let before = kernel::set_mask(!signal::NEVER_BLOCKED);
    kernel::set_mask(before | bit(SIGTRAP));
    Some(before & bit(SIGTRAP) != 0)
}

/// The execve(2) was not made, or has failed; `blocked` is what [`before_exec`] gave.
pub(crate) fn abandon_exec(thread: &mut Thread, blocked: Option<bool>) {
    if blocked == Some(false) {
        signal::unblock(thread, bit(SIGTRAP));
    }
}

/// This image was executed by a traced thread; `blocked` is what [`before_exec`] gave.
pub(crate) fn executed(thread: &mut Thread, blocked: bool) {
    thread.traced = if blocked { Traced::Yes } else { Traced::Begins };
}

/// Goes to the program's first instruction, as `gate::leave`, and lets the debugger in there.
///
/// # Safety
/// As `gate::leave`.
pub(crate) unsafe fn begin(thread: &mut Thread) -> ! {
    thread.traced = Traced::Yes;
    const KEEP_SS: u64 = 2 | 4; // UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS
    let mut frame = Ucontext {
        flags: KEEP_SS,
        link: 0,
        stack: thread.signal_stack(),
        // SAFETY: integers.
        registers: unsafe { core::mem::zeroed() },
        mask: kernel::set_mask(!signal::NEVER_BLOCKED) & !bit(SIGTRAP),
    };
    signal::load_registers(thread, &mut frame.registers, thread.context.resume);
    frame.registers.cs = kernel::USER_CODE;
    frame.registers.ss = kernel::USER_STACK;
    let room = thread.frame_room().start;
    // SAFETY: the room is this thread's and large enough; all signals are blocked. The frame is complete.
    unsafe {
        (room as *mut Ucontext).write(frame);
        gate::signal_return(room, frame.registers.rflags)
    }
}

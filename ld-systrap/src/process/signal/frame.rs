//! The frame that the program's handler finds on the stack, and rt_sigreturn(2), which takes it down.
#![expect(unsafe_code, reason = "reads and writes the kernel's signal frames")]

use super::NEVER_BLOCKED;
use super::alternate::{SS_AUTODISARM_BIT, on_alternate, replace_alternate};
use super::extended_state::{beyond_keys, reset_state, state_size};
use super::pending::{hand_back_open, open, take_over};
use crate::gate::Step;
use crate::memory::copy;
use crate::patched;
use crate::process::thread::Thread;
use crate::process::{filter, segment};
use crate::sys::signal::{
    self as kernel, Action, Info, Stack, TF, USER_CODE, USER_STACK, Ucontext, bit,
};
use crate::sys::{Errno, process};
use core::arch::asm;
use linux_raw_sys::general::*;

/// The frame does not fit where it would have to be.
pub(super) struct NoRoom;

/// The kernel's `struct rt_sigframe`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Frame {
    restorer: u64,
    ucontext: Ucontext,
    info: Info,
}

// SAFETY: integers.
unsafe impl copy::Plain for Frame {}

/// Builds the program's signal frame (`get_sigframe`, `x64_setup_rt_frame`) and points `frame` at its
/// handler.
pub(super) fn enter_handler(
    thread: &mut Thread,
    action: &Action,
    info: &Info,
    frame: &mut Ucontext,
    temporary: Option<u64>,
) -> Result<(), NoRoom> {
    let registers = frame.registers;
    let mut rsp = registers.rsp.wrapping_sub(128); // the red zone
    let on_stack = on_alternate(&thread.alternate, registers.rsp);
    // Asked below the red zone: who has less left of the stack than that begins it anew.
    let enters = action.flags & u64::from(SA_ONSTACK) != 0
        && thread.alternate.size != 0
        && !on_alternate(&thread.alternate, rsp);
    if enters {
        rsp = thread.alternate.pointer.wrapping_add(thread.alternate.size);
    }
    let mut fpstate = 0;
    let mut state: &[u8] = &[];
    if registers.fpstate != 0 {
        // SAFETY: the kernel, or `keep`, wrote it.
        state = unsafe {
            let size = state_size(registers.fpstate);
            core::slice::from_raw_parts(registers.fpstate as *const u8, size)
        };
        rsp = rsp.wrapping_sub(state.len() as u64) & !63;
        fpstate = rsp;
    }
    rsp = (rsp.wrapping_sub(size_of::<Frame>() as u64) & !15).wrapping_sub(8);
    if (on_stack || enters) && !thread.alternate.holds(rsp) {
        return Err(NoRoom);
    }
    let mut seen = Frame {
        restorer: action.restorer,
        ucontext: *frame,
        info: *info,
    };
    seen.ucontext.stack = thread.alternate;
    seen.ucontext.mask = frame.mask & !NEVER_BLOCKED | thread.hidden_mask;
    seen.ucontext.registers.old_mask = seen.ucontext.mask;
    seen.ucontext.registers.fpstate = fpstate;
    beyond_keys(|| copy::write_bytes(fpstate, state).and_then(|()| copy::write_value(rsp, &seen)))
        .map_err(|_| NoRoom)?;
    if thread.alternate.flags & SS_AUTODISARM_BIT != 0 {
        thread.alternate = Stack::DISABLED;
    }

    let own = if action.flags & u64::from(SA_NODEFER) != 0 {
        0
    } else {
        bit(info.number())
    };
    let masked = action.mask | own;
    // `signal_delivered`: on top of the mask in place, which need not be the one in the frame.
    frame.mask = (temporary.unwrap_or(frame.mask) | masked) & !NEVER_BLOCKED;
    thread.hidden_mask = (temporary.unwrap_or(thread.hidden_mask) | masked) & NEVER_BLOCKED;
    let to = &mut frame.registers;
    to.rdi = u64::from(info.number());
    to.rsi = rsp + core::mem::offset_of!(Frame, info) as u64;
    to.rdx = rsp + core::mem::offset_of!(Frame, ucontext) as u64;
    to.rax = 0;
    to.rsp = rsp;
    to.rip = action.handler;
    const DF: u64 = 0x400;
    const RF: u64 = 0x10000;
    to.rflags &= !(DF | RF | TF);
    thread.steps_between = false;
    to.cs = USER_CODE;
    if !is_valid_stack(to.ss) {
        to.ss = USER_STACK;
    }
    // SAFETY: the kernel, or `keep`, wrote it.
    unsafe { reset_state(to.fpstate) };
    Ok(())
}

/// Whether 64-bit code can have this stack segment (`force_valid_ss`).
fn is_valid_stack(selector: u16) -> bool {
    // Intel SDM 3, 3.4.5: of the access rights, P, DPL, S and the type but for "accessed".
    const LOOKED_AT: u32 = 1 << 15 | 3 << 13 | 1 << 12 | 7 << 9;
    const DATA: u32 = 1 << 15 | 3 << 13 | 1 << 12 | 1 << 9;
    const EXPANDS_DOWN: u32 = 1 << 10;
    let (mut rights, known): (u32, u8);
    // SAFETY: looks a segment's descriptor up; one that is not there leaves the flag clear.
    unsafe {
        asm!(
            "lar {rights:e}, {selector:e}",
            "setz {known}",
            rights = inout(reg) 0u32 => rights,
            selector = in(reg) u32::from(selector),
            known = out(reg_byte) known,
            options(nomem, nostack),
        );
    }
    rights &= LOOKED_AT;
    known != 0 && (rights == DATA || rights == DATA | EXPANDS_DOWN)
}

/// What a sigreturn is about to replace.
pub(crate) struct Returning {
    /// [`Thread::hidden_mask`].
    hidden: u64,
    alternate: Stack,
    /// The kernel's mask, where all is blocked already.
    mask: Option<u64>,
}

/// rt_sigreturn(2): a private copy of the program's frame, with a mask and a signal stack that suit us.
/// An error means that there is no frame.
pub(crate) fn prepare_return(thread: &mut Thread) -> Result<(), Errno> {
    let mut frame = copy::read_value::<Ucontext>(thread.call.stack).map_err(|_| Errno::EFAULT)?;
    let mut returning = Returning {
        hidden: thread.hidden_mask,
        alternate: thread.alternate,
        mask: None,
    };
    let alternate = frame.stack;
    if alternate != thread.alternate {
        let rsp = match restores_alternate_first() {
            true => thread.call.stack,
            false => frame.registers.rsp,
        };
        let _ = replace_alternate(&mut thread.alternate, &alternate, rsp);
    }
    let hidden = frame.mask & NEVER_BLOCKED;
    frame.mask &= !NEVER_BLOCKED;
    frame.stack = thread.signal_stack();
    thread.returned = (frame.registers.rip, frame.registers.rax);
    if frame.registers.is_64_bit() {
        frame.registers.rip = patched::runs_at(frame.registers.rip); // within a patch, behind a call, as a rule
    }
    segment::at_return(thread, &mut frame.registers);
    // Not in the room, where a signal may be kept at any moment.
    let returned = thread.scratch.frame.insert(frame);
    thread.frame = core::ptr::from_ref(returned) as u64;
    if hidden != thread.hidden_mask || open(thread) {
        // What the call lets through comes when it is made, not before.
        returning.mask = Some(kernel::set_mask(u64::MAX));
        thread.hidden_mask = hidden;
        hand_back_open(thread);
    }
    thread.scratch.returning = Some(returning);
    Ok(())
}

/// Whether rt_sigreturn(2) restores the alternate stack while it still is on the handler's, as since Linux 6.12:
/// while that is in use, it stays. Under a filter of the program's nobody is asked which kernel it is.
fn restores_alternate_first() -> bool {
    filter::is_installed() || process::kernel_is_at_least(6, 12)
}

/// Takes back what [`prepare_return`] did to the thread.
pub(crate) fn abandon_return(thread: &mut Thread) {
    if thread.step != Step::SignalReturn {
        return;
    }
    if let Some(returning) = thread.scratch.returning.take() {
        thread.hidden_mask = returning.hidden;
        thread.alternate = returning.alternate;
        if let Some(mask) = returning.mask {
            take_over(thread); // what was given to the kernel
            kernel::set_mask(mask);
        }
    }
    segment::abandon_return(thread);
}

//! The slow way into the gate: SIGILL at a site that traps, SIGSYS at one that the seal caught.
//!
//! In a signal handler that interrupted the program's own code: sends rip to the gate, or to the place
//! where the instruction is now, and returns.

use crate::call::Abi;
use crate::gate;
use crate::memory::copy;
use crate::patched::{self, Meaning};
use crate::postponed;
use crate::process::segment;
use crate::process::thread::Thread;
use crate::sys::signal::{self as kernel, AUDIT_ARCH_I386, Info, Registers, TF, Ucontext};
use core::sync::atomic::{AtomicU64, Ordering};
use ld_systrap_core::site::Opcode;
use linux_raw_sys::general::{SI_KERNEL, SYS_USER_DISPATCH};

/// The address of `gate::enter` for the handler of this interpreter.
static ENTER: AtomicU64 = AtomicU64::new(0);

/// Says where the gate is.
pub(crate) fn set_gate(enter: u64) {
    ENTER.store(enter, Ordering::Relaxed);
}

/// Where the gate is.
pub(crate) fn gate() -> u64 {
    ENTER.load(Ordering::Relaxed)
}

/// Two bytes of the program's code; zeros if it is gone.
fn code_at(rip: u64) -> [u8; 2] {
    let mut code = [0; 2];
    let _ = copy::read_bytes(rip, &mut code);
    code
}

/// If a fault in the program's code is a system call, makes `frame` go on in the gate.
pub(crate) fn enter(thread: &mut Thread, info: &Info, frame: &mut Ucontext) -> bool {
    let (site, opcode, entry) = match info.number() {
        // The kernel's own are forced by calls, as by uretprobe(2).
        kernel::ILL if info.code() != SI_KERNEL as i32 && frame.registers.is_64_bit() => {
            match patched::meaning(frame.registers.rip) {
                Some(Meaning::Call(opcode)) => (frame.registers.rip, opcode, gate::entry_looked()),
                Some(Meaning::Displaced(to)) => {
                    frame.registers.rip = to;
                    return true;
                }
                // A processor may refuse it before the kernel, and so the seal, knows of it.
                None if code_at(frame.registers.rip) == Opcode::Sysenter.bytes() => {
                    (frame.registers.rip, Opcode::Sysenter, gate::entry_looked())
                }
                None => return false,
            }
        }
        kernel::SYS if info.code() == SYS_USER_DISPATCH as i32 => {
            let opcode = match info.architecture() {
                AUDIT_ARCH_I386 => Opcode::Int80,
                _ => Opcode::Syscall,
            };
            // Who steps (TF) would step through all that is done then.
            if frame.registers.rflags & TF == 0 {
                postponed::count(thread);
            }
            // The short way has no window, and does not say with which result it was left.
            let site = frame.registers.rip.wrapping_sub(2);
            (site, opcode, gate::entry_long())
        }
        _ => return false,
    };
    let after = site.wrapping_add(2);
    let registers = &mut frame.registers;
    match opcode {
        Opcode::Syscall => {
            registers.rcx = after;
            (registers.r11, registers.rip) = match segment::at_trap(thread, registers, after) {
                None => (after, entry),
                Some(resume) => (resume, gate::entry_long()),
            };
        }
        Opcode::Int80 | Opcode::Sysenter => {
            thread.context.rcx = registers.rcx;
            thread.context.r11 = registers.r11;
            thread.call.after = after;
            let resume = segment::at_trap(thread, registers, after);
            thread.context.resume = resume.unwrap_or(after);
            thread.call.abi = match opcode {
                Opcode::Int80 => Abi::Int80,
                _ => Abi::Sysenter,
            };
            registers.rip = gate::enter_int80 as *const () as u64;
        }
    }
    true
}

/// Whether a call was caught by the seal and its SIGSYS dropped, since another one waited for the thread: the kernel
/// keeps one of each standard signal, even of those that it forces on a thread. The call has not been made, and the
/// registers are as if it had returned its own number.
pub(crate) fn was_dropped(thread: &Thread, registers: &Registers) -> bool {
    const RF: u64 = 0x10000;
    let after = registers.rip;
    thread.is_sealed
        && registers.is_64_bit()
        && !gate::image().contains(&after)
        && (registers.rcx, registers.r11) == (after, registers.rflags & !RF)
        && [(thread.call.after, thread.call.result), thread.returned]
            .iter()
            .all(|left| *left != (after, registers.rax))
        && code_at(after.wrapping_sub(2)) == Opcode::Syscall.bytes()
}

//! The arrival of a signal: what becomes of it where the kernel found the thread.
#![expect(unsafe_code, reason = "reads and writes the kernel's signal frames")]

use super::delivery::deliver;
use super::disposition::Disposition;
use super::extended_state::{STATE, copy_state, learn_keys};
use super::marks::told_apart;
use super::pending::{as_it_was, hand_back, wait};
use super::{NEVER_BLOCKED, shared, waits};
use crate::gate::{self, Window};
use crate::memory::copy::copy_failed;
use crate::patched::{self, Place};
use crate::process::attention;
use crate::process::region;
use crate::process::segment;
use crate::process::thread::Thread;
use crate::sys::Errno;
use crate::sys::signal::{self as kernel, Info, Registers, TF, Ucontext, bit};
use crate::{guarded, report, seal, trap};
use core::arch::naked_asm;
use core::mem::offset_of;
use core::sync::atomic::Ordering;
use linux_raw_sys::general::*;

/// A signal that came while the thread was in the runtime. Its frame is in the thread's frame room:
/// the `ucontext` at its start, the processor's extended state 1 KiB further on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deferred {
    pub(super) info: Info,
    /// The mask that a call like sigsuspend(2) had put in place: the handler begins with it, and not
    /// with the one that its return restores.
    pub(super) temporary: Option<u64>,
}

/// The handler of every signal, on the signal stack, with all but [`NEVER_BLOCKED`] blocked.
///
/// Of the flags that Rust must not run with the kernel has cleared DF and TF: here goes AC.
///
/// # Safety
/// Called by the kernel.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn arrives() {
    naked_asm!(
        ".globl arrival_begun",
        "mov rax, rsp",
        "and rax, -{region}",
        "inc byte ptr [rax + {arriving}]",
        "arrival_begun:",
        "pushfq",
        "btr qword ptr [rsp], {alignment_check}",
        "jc 2f",
        "lea rsp, [rsp + 8]",
        "jmp {arrived}",
        "2:",
        "popfq",
        "jmp {arrived}",
        region = const region::SIZE,
        arriving = const offset_of!(Thread, arriving),
        alignment_check = const 18,
        arrived = sym arrived,
    )
}

unsafe extern "C" {
    /// Where [`arrives`] has said so.
    static arrival_begun: u8;
}

/// What becomes of it.
///
/// In a signal handler: takes no lock unless the program's own code was interrupted.
extern "C" fn arrived(_: u32, info: *mut Info, ucontext: *mut Ucontext) {
    let thread = Thread::current();
    // SAFETY: the kernel made both, on our signal stack.
    let (info, frame) = unsafe { (*info, &mut *ucontext) };
    let is_first = !is_in_handler(thread, &frame.registers);
    arrive(thread, info, frame);
    thread.arriving.fetch_sub(1, Ordering::Relaxed);
    if is_first && thread.deferred.is_none() {
        thread.later.store(0, Ordering::Relaxed);
    }
}

/// Whether a signal has interrupted the handler of another one.
fn is_in_handler(thread: &Thread, registers: &Registers) -> bool {
    thread.signal_stack().holds(registers.rsp)
}

/// Whether a signal has come when another one was kept, or was about to be.
fn is_later(thread: &Thread, registers: &Registers) -> bool {
    let begin = arrives as *const () as u64..&raw const arrival_begun as u64;
    let others = thread.arriving.load(Ordering::Relaxed) - 1;
    thread.deferred.is_some() || others != 0 || begin.contains(&registers.rip)
}

fn arrive(thread: &mut Thread, info: Info, frame: &mut Ucontext) {
    let mut info = as_it_was(thread, info);
    if !thread.forced {
        info = told_apart(info, &frame.registers);
    }
    if gate::undivert(thread, &mut frame.registers) {
        attention::attend(thread);
        if info.is_fault() {
            return;
        }
    }
    if segment::fault(thread, &info, &mut frame.registers)
        || gate::found(&info, &mut frame.registers)
    {
        return;
    }
    let window = gate::window(frame.registers.rip);
    // The kernel keeps one of each: what another thread has called by may be gone for a fault, and a trap for that,
    // or for what that comes with.
    if info.is_fault() {
        if thread.called.load(Ordering::SeqCst) {
            thread.call_attention(attention::SIGNAL);
        }
    } else if NEVER_BLOCKED & bit(info.number()) != 0 && trap::was_dropped(thread, &frame.registers)
    {
        frame.registers.rip -= 2; // it is made once more
    }
    if attention::is_call(thread, &info) {
        if window == Window::Program {
            attention::attend(thread);
        } else if attention::waits(thread, attention::SEAL) {
            // Once more at the next window: the runtime may be about to let go of it.
            seal::arm_thread(thread);
            thread.call_attention(attention::SEAL);
        }
        match window {
            Window::Call(start) | Window::Exit(start) => {
                gate::begin_again(thread, &mut frame.registers, start);
            }
            _ => repeat_call(thread, frame),
        }
        return;
    }
    if window == Window::Program {
        attention::attend(thread); // it may be diverted, and not come by there
    }
    let info = if shared::is_call_to_look(thread, &info) {
        let Some(info) = shared::look(thread, window, frame) else {
            return;
        };
        info
    } else {
        info
    };
    let number = info.number();
    let is_open = hidden(thread, &frame.registers) & bit(number) == 0;
    if !info.is_fault() && is_open && thread.signals.ignores(number) {
        // The kernel would not have woken anybody for it.
        repeat_call(thread, frame);
        gate::leave_short_way(thread, &mut frame.registers);
        return;
    }
    if info.is_step() && !is_step_of_program(thread, window, &frame.registers) {
        return;
    }
    if is_seccomp(&info) && frame.registers.rip == gate::own_calls().any {
        frame.registers.rax = Errno::ENOSYS.returned(); // the kernel leaves the number there
        if info.call_number() != thread.call.number as u32 {
            return; // the program has made no such call
        }
    }
    match window {
        Window::Program => {
            if !info.is_fault() && !is_open {
                waits::watch();
                repeat_call(thread, frame);
                gate::leave_short_way(thread, &mut frame.registers); // where waits are not seen
                wait(thread, info);
                shared::exchange(thread);
                return;
            }
            if guarded::fault(thread, &info, &frame.registers) {
                return;
            }
            segment::restore(thread, &mut frame.registers);
            gate::leave_short_way(thread, &mut frame.registers);
            if frame.registers.is_64_bit()
                && let Some(origin) = patched::origin(frame.registers.rip)
            {
                frame.registers.rip = origin;
                if patched::is_site(origin) && !info.is_step() {
                    gate::back_to_site(&mut frame.registers, origin.wrapping_add(2));
                }
            }
            if info.is_fault() && trap::enter(thread, &info, frame) {
                if !gate::looks_for_attention(frame.registers.rip) {
                    hand_back(thread);
                }
                return;
            }
            // SAFETY: the kernel made it.
            unsafe { learn_keys(frame.registers.fpstate) };
            deliver(thread, info, frame, None);
            hand_back(thread);
        }
        Window::Copy if info.is_fault() && (number == kernel::SEGV || number == kernel::BUS) => {
            frame.registers.rip = copy_failed as *const () as u64;
        }
        _ if info.is_fault() && NEVER_BLOCKED & bit(number) != 0 && !is_seccomp(&info) => {
            if thread.forced || gate::is_forced_by_call(&info, frame.registers.rip) {
                thread.forced = false;
                keep(thread, info, frame, window);
            } else {
                defect(number, &info, frame);
            }
        }
        _ => keep(thread, info, frame, window),
    }
}

/// What of [`NEVER_BLOCKED`] the program has blocked where the signal found the thread, which may be in a call
/// like sigsuspend(2).
fn hidden(thread: &Thread, registers: &Registers) -> u64 {
    match thread.scratch.temporary {
        Some(mask) if gate::interrupted(registers) => mask & NEVER_BLOCKED,
        _ => thread.hidden_mask,
    }
}

/// If a call was just given up for a signal that is none of the program's, makes it again. The mask that it waits
/// under, if it does, is not in place meanwhile: all is blocked, until [`super::take_back`].
pub(super) fn repeat_call(thread: &mut Thread, frame: &mut Ucontext) {
    if !gate::repeat_call(thread, &mut frame.registers) {
        return;
    }
    let lent = &mut thread.scratch.lent;
    if thread.scratch.temporary.is_some() {
        lent.get_or_insert(frame.mask);
        frame.mask = !NEVER_BLOCKED;
    } else if let Some(mask) = lent.take() {
        frame.mask = mask;
    }
}

/// Whether a call that waits under a mask of its own is about to be [made again](repeat_call), where only
/// [`NEVER_BLOCKED`] can come. Before it is made for the first time, nothing can while something is lent.
fn is_repeated(thread: &Thread) -> bool {
    thread.scratch.temporary.is_some() && thread.scratch.lent.is_some()
}

/// Whether a program that steps through itself (TF) has completed an instruction of its own, and comes to
/// the one that rip is or stands for.
fn is_step_of_program(thread: &mut Thread, window: Window, registers: &Registers) -> bool {
    let rip = registers.rip;
    let in_gate = window != Window::Program || gate::is_short_way(rip) || rip == gate::swap_back();
    let place = match in_gate {
        true => Place::Call,
        false if !registers.is_64_bit() => Place::Instruction,
        false => patched::place(rip),
    };
    let was_between = thread.steps_between;
    match place {
        Place::Call => thread.steps_between = !gate::is_returning(rip),
        Place::Jump => {}
        Place::Instruction => thread.steps_between = false,
    }
    // Behind a call, the kernel returns by iret, which lets one instruction pass untrapped.
    place == Place::Instruction && !was_between
}

/// SIGSYS of a seccomp filter: the call is the program's, the instruction ours.
pub(super) fn is_seccomp(info: &Info) -> bool {
    info.number() == kernel::SYS && info.code() == 1
}

/// Whether the call under way has been trapped by a filter of the program's.
pub(crate) fn is_trapped(thread: &Thread) -> bool {
    thread.deferred.is_some_and(|kept| is_seccomp(&kept.info))
}

/// A fault of our own code. Nothing can be kept up after it.
fn defect(number: u32, info: &Info, frame: &mut Ucontext) {
    report::line(format_args!(
        "internal error: signal {number} at {:#x} (image + {:#x}), address {:#x}",
        frame.registers.rip,
        frame.registers.rip.wrapping_sub(gate::image().start),
        info.address(),
    ));
    // SAFETY: the default action ends the process when the instruction faults again.
    let _ = unsafe { kernel::set_action(number, Some(&Disposition::DEFAULT.0)) };
}

/// Keeps a signal until the next window.
fn keep(thread: &mut Thread, info: Info, frame: &mut Ucontext, window: Window) {
    // SAFETY: the kernel made it.
    unsafe { learn_keys(frame.registers.fpstate) };
    let interrupted = gate::interrupted(&frame.registers);
    let waits_on = hidden(thread, &frame.registers) & bit(info.number()) != 0
        || !interrupted && is_repeated(thread);
    if frame.registers.rflags & TF != 0 {
        // The program steps (a debugger's flag is not in the frame). A step would be blocked, too, and end the
        // process. It goes on when the program does.
        frame.registers.rflags &= !TF;
        thread.context.rflags |= TF;
        thread.steps_between = true;
    }
    // What is forced on the thread does not wait: it ends the process (`force_sig_info_to_task`).
    if !info.is_fault() && waits_on {
        waits::watch();
        wait(thread, info);
        repeat_call(thread, frame);
        // The call that is about to be made may wait for it.
        thread.call_attention(attention::SIGNAL);
    } else if let Some(kept) = &mut thread.deferred
        && info.is_fault()
    {
        // Forced on the thread: it comes before what others have sent, and must not be taken for a trap later.
        let kept = core::mem::replace(&mut kept.info, info);
        wait(thread, kept);
    } else if thread.deferred.is_some() || is_in_handler(thread, &frame.registers) {
        if is_later(thread, &frame.registers) {
            let before = thread.pending.set() | thread.passing.set();
            let later = bit(info.number()) & !before;
            thread.later.fetch_or(later, Ordering::Relaxed);
        }
        wait(thread, info);
        thread.call_attention(attention::SIGNAL);
    } else {
        let mut temporary = None;
        if interrupted {
            temporary = thread.scratch.temporary;
            if let Some(mask) = thread.scratch.lent.take() {
                frame.mask = mask;
            }
        }
        let room = thread.frame_room().start;
        let mut kept = *frame;
        kept.registers.fpstate = copy_state(frame.registers.fpstate, room + STATE);
        // SAFETY: the room is this thread's, and empty while nothing is kept.
        unsafe { (room as *mut Ucontext).write(kept) };
        thread.deferred = Some(Deferred { info, temporary });
        frame.mask = !NEVER_BLOCKED;
        thread.call_attention(attention::SIGNAL);
    }
    if let Window::Call(start) | Window::Exit(start) = window {
        // A call that the kernel has suspended, as for SIGSTOP, ends when a handler has run: the
        // program shall ask for it, as it would have (restart_syscall(2)).
        if matches!(window, Window::Call(_)) && frame.registers.rax == RESTART {
            thread.context.rax = RESTART;
        }
        gate::begin_again(thread, &mut frame.registers, start);
    }
}

const RESTART: u64 = __NR_restart_syscall as u64;

/// The program's mask where a signal is kept: the kernel has all blocked meanwhile.
fn kept_mask(thread: &mut Thread) -> Option<&mut u64> {
    thread.deferred?;
    let kept = thread.frame_room().start as *mut Ucontext;
    // SAFETY: `keep` put a complete frame there.
    Some(unsafe { &mut (*kept).mask })
}

/// Sets the program's mask.
pub(crate) fn set_mask(thread: &mut Thread, mask: u64) {
    match kept_mask(thread) {
        Some(kept) => *kept = mask,
        None => drop(kernel::set_mask(mask)),
    }
}

/// Takes `signals` out of the program's mask.
pub(crate) fn unblock(thread: &mut Thread, signals: u64) {
    match kept_mask(thread) {
        Some(kept) => *kept &= !signals,
        None => {
            let mask = kernel::set_mask(!NEVER_BLOCKED);
            kernel::set_mask(mask & !signals);
        }
    }
}

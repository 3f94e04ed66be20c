//! Delivery: a frame that holds the program's registers is changed so that its sigreturn does what the
//! kernel would have done on a signal.
#![expect(unsafe_code, reason = "reads and writes the kernel's signal frames")]

use super::NEVER_BLOCKED;
use super::arrival::{Deferred, is_seccomp};
use super::disposition::{DEFAULT, Disposition, IGNORE, is_deadly};
use super::extended_state::load_vectors;
use super::frame::{NoRoom, enter_handler};
use super::marks::{as_sent, to_wait};
use super::pending::{force, give, give_first, hand_back};
use super::shared::{exchange, exchange_under};
use super::survivors;
use crate::handler::SignalEvent;
use crate::process::attention;
use crate::process::segment;
use crate::process::thread::Thread;
use crate::sys::process;
use crate::sys::signal::{self as kernel, Info, Registers, TF, Ucontext, bit};
use crate::{dispatch, gate};
use core::sync::atomic::Ordering;
use linux_raw_sys::general::*;

/// The signal that is to be [delivered](deliver_kept). What waits and is let through is kept, if nothing is.
///
/// A call that waits under a mask has that in place already: what it lets through is lent, and ends the call.
pub(crate) fn to_deliver(thread: &mut Thread) -> Option<Deferred> {
    // Before anything is looked at: what comes from now on calls again.
    thread
        .attention
        .fetch_and(!attention::SIGNAL, Ordering::SeqCst);
    if thread.deferred.is_none() && thread.scratch.temporary.is_none() {
        exchange(thread);
        while thread.deferred.is_none()
            && let Some(info) = thread.pending.take_first(thread.hidden_mask)
        {
            if let Some(mask) = thread.scratch.lent.take() {
                kernel::set_mask(mask);
            }
            // Comes back at once, through the kernel, which makes the frame; unless it is ignored.
            force(thread, info);
        }
    }
    thread.deferred
}

/// Delivers what is [kept](to_deliver), with the thread's context as the program's registers and `rip` as its place.
///
/// On the private stack, between `before` and `after`, or after both.
pub(crate) fn deliver_kept(thread: &mut Thread, kept: Deferred, rip: u64) -> ! {
    // It stays kept, so that nothing else is put into the room, until nothing can come any more.
    let Deferred {
        mut info,
        mut temporary,
    } = kept;
    exchange_under(thread, temporary.unwrap_or(thread.hidden_mask));
    if is_seccomp(&info) {
        info.0[2] = thread.call.after;
        info.set_call(thread.call.number as u32, info.architecture());
    }
    let room = thread.frame_room().start;
    // SAFETY: `keep` put a complete frame there.
    let frame = unsafe { &mut *(room as *mut Ucontext) };
    load_registers(thread, &mut frame.registers, rip);
    segment::load(thread, &mut frame.registers);
    // SAFETY: the state was copied from the kernel's; only its SSE part is changed.
    unsafe { load_vectors(thread, frame.registers.fpstate) };
    frame.mask &= !NEVER_BLOCKED;
    let (mut waits, mut queued) = (false, false);
    while let Some(first) = {
        let waited = thread.pending.set() & !thread.later.load(Ordering::Relaxed);
        let mask = temporary.unwrap_or(thread.hidden_mask);
        thread.pending.take_before(&info, mask | !waited)
    } {
        if !queued && masks(thread, first.number(), info.number()) {
            queued = give_first(thread, to_wait(info)).is_ok();
            if !queued {
                thread.pending.add(first); // no room: rather the other way round than not at all
                break;
            }
        }
        deliver(thread, first, frame, temporary.take());
        waits = (frame.mask | thread.hidden_mask) & bit(info.number()) != 0;
    }
    if !waits && !queued {
        deliver(thread, info, frame, temporary);
    }
    hand_back(thread);
    if waits && !queued {
        let _ = give(thread, to_wait(info));
    }
    thread.deferred = None;
    thread.later.store(0, Ordering::Relaxed);
    thread
        .attention
        .fetch_and(!attention::SIGNAL, Ordering::SeqCst);
    segment::give_back(thread);
    // SAFETY: the frame is complete and says where to go on.
    unsafe { gate::signal_return(room, frame.registers.rflags) }
}

/// Whether the handler of one signal has another blocked.
fn masks(thread: &Thread, one: u32, other: u32) -> bool {
    let action = thread.signals.table.lock().entry(one).0;
    action.handler > IGNORE && action.mask & bit(other) != 0
}

/// Puts the context where the kernel would have saved the registers.
pub(crate) fn load_registers(thread: &Thread, to: &mut Registers, rip: u64) {
    let (context, call) = (&thread.context, &thread.call);
    [to.rdi, to.rsi, to.rdx, to.r10, to.r8, to.r9] = call.arguments.registers;
    to.rax = context.rax;
    to.rbx = context.rbx;
    to.rcx = context.rcx;
    to.rbp = context.rbp;
    to.rsp = call.stack;
    to.r11 = context.r11;
    to.r12 = context.r12;
    to.r13 = context.r13;
    to.r14 = context.r14;
    to.r15 = context.r15;
    to.rflags = context.rflags | if thread.steps_between { TF } else { 0 };
    to.rip = rip;
}

/// Changes `frame`, which holds the program's registers, so that its sigreturn does what the kernel
/// would have done on `info`: enter a handler, end the process, or nothing.
pub(super) fn deliver(
    thread: &mut Thread,
    mut info: Info,
    frame: &mut Ucontext,
    temporary: Option<u64>,
) {
    loop {
        let number = info.number();
        let action = {
            let mut table = thread.signals.table.lock();
            let entry = table.entry(number);
            let action = entry.0;
            if action.handler > IGNORE && action.flags & u64::from(SA_RESETHAND) != 0 {
                entry.0.handler = DEFAULT;
                thread.signals.install(number, &entry.0);
            }
            action
        };
        let blocked = info.is_fault() && thread.hidden_mask & bit(number) != 0;
        if action.handler <= IGNORE || blocked {
            let ignored = action.handler == IGNORE || !is_deadly(number);
            if info.is_fault() || !ignored {
                die(thread, &info, frame);
            }
            return;
        }
        dispatch::events().signal(&event(&info, false));
        match enter_handler(thread, &action, &as_sent(info), frame, temporary) {
            Ok(()) => return,
            // `force_sigsegv`: no room for the frame.
            Err(NoRoom) if number == kernel::SEGV => {
                let segv = Info::new(kernel::SEGV, SI_KERNEL as i32, 0);
                die(thread, &segv, frame);
                return;
            }
            Err(NoRoom) => info = Info::new(kernel::SEGV, SI_KERNEL as i32, 0),
        }
    }
}

fn event(info: &Info, fatal: bool) -> SignalEvent {
    let mut bytes = [0; 128];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(as_sent(*info).0) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    SignalEvent {
        number: info.number(),
        info: bytes,
        fatal,
    }
}

/// Lets the kernel end the process as it would have: with the program's registers in the core.
fn die(thread: &mut Thread, info: &Info, frame: &mut Ucontext) {
    let number = info.number();
    dispatch::events().signal(&event(info, true));
    survivors::hold(thread, number);
    // SAFETY: the default action.
    let _ = unsafe { kernel::set_action(number, Some(&Disposition::DEFAULT.0)) };
    frame.mask &= !bit(number);
    let faults_again = matches!(number, SIGSEGV | SIGBUS | SIGILL | SIGFPE);
    if !(info.is_fault() && info.code() != SI_KERNEL as i32 && faults_again) {
        // Stays pending until the frame is returned to. Where there is no room, nobody is named as sender.
        kernel::set_mask(u64::MAX);
        let bare = Info::new(number, SI_USER as i32, 0);
        for info in [as_sent(*info), bare] {
            if process::queue_signal(thread.tid(), number, &info.0).is_ok() {
                break;
            }
        }
    }
}

//! Signals: the program's view of its handlers, and delivery as if the runtime were not there.
//!
//! The kernel calls `arrives` ([`arrival`]) for every signal that the program handles, on the thread's signal
//! stack. What happens next depends on where it found the thread ([`crate::gate::window`]):
//!
//! ```text
//!  program ──────────► deliver: the kernel's frame is copied to where the kernel would have put it,
//!                      and the one on our stack is changed so that its sigreturn enters the handler
//!  call window ──┐
//!  exit window ──┼───► keep: the frame is kept, all signals are blocked in the interrupted mask,
//!  elsewhere ────┘     `attention` is set; the next window (this one, from its start) finds it:
//!                        before the call: deliver at the site, the call is not made
//!                        after the call:  deliver behind the site, with the result
//! ```
//!
//! Since everything is blocked while one is kept, no signal overtakes another.
//!
//! Signals in [`NEVER_BLOCKED`] are raised by traps and by copies that fault; the kernel never gets a
//! mask that holds them. What the program believes of them is in `Thread::hidden_mask`. One that somebody
//! sends while it is hidden, or while another is made ready, waits in `Thread::pending`. Whoever goes
//! back to the program through a frame first [gives back](pending::hand_back) to the kernel what of it
//! can be delivered: it comes again when the frame has been returned to, at the place where the program is
//! then.
//!
//! What the program set is in [`disposition`], [`alternate`] and [`mask`]; what happens when a signal comes
//! in [`arrival`], [`pending`], [`shared`], [`delivery`] and [`frame`]. [`marks`] and [`sent`] see to what
//! the program sends to itself, [`survivors`] to who shares the handlers of a process that dies.

mod alternate;
mod arrival;
mod delivery;
mod disposition;
mod extended_state;
mod frame;
pub(crate) mod marks;
pub(crate) mod mask;
mod pending;
pub(crate) mod sent;
mod shared;
pub(crate) mod signalfd;
pub(crate) mod survivors;
pub(crate) mod waits;

use crate::process::thread::Thread;
use crate::sys::signal::{self as kernel, bit};

pub(crate) use alternate::set_alternate;
pub(crate) use arrival::{Deferred, is_trapped, set_mask, unblock};
pub(crate) use delivery::{deliver_kept, load_registers, to_deliver};
pub(crate) use disposition::{Signals, clear_handlers, set_disposition};
pub(crate) use frame::{Returning, abandon_return, prepare_return};
pub(crate) use pending::{
    Pending, force, force_exit, forget_used, lend, lend_to_next, recheck, recheck_pending,
    take_back,
};

pub(crate) use shared::forget_all;

/// Signals that traps and faulting copies raise: blocked, they would kill the process.
pub(crate) const NEVER_BLOCKED: u64 =
    bit(kernel::ILL) | bit(kernel::BUS) | bit(kernel::SEGV) | bit(kernel::SYS);

/// Takes over what the process was started with: dispositions, and of [`NEVER_BLOCKED`] what is blocked, and
/// what waits. From then on signals are ours.
pub(crate) fn begin(thread: &mut Thread, report_death: bool) {
    let mask = kernel::mask();
    thread.hidden_mask = mask & NEVER_BLOCKED;
    if thread.hidden_mask != 0 {
        pending::take_over(thread);
    }
    disposition::take_over(&thread.signals, report_death);
    if thread.hidden_mask != 0 {
        kernel::set_mask(mask & !NEVER_BLOCKED);
    }
}

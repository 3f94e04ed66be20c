//! membarrier(2): the runtime has registered the process for one of its commands
//! ([`crate::sys::process::prepare_order`]), which the program has to do for itself.

use crate::process::thread::Thread;
use crate::sys::Errno;
use core::sync::atomic::{AtomicU32, Ordering};

const PRIVATE_EXPEDITED: u32 = 8;
const REGISTER_PRIVATE_EXPEDITED: u32 = 16;
const REGISTER_PRIVATE_EXPEDITED_SYNC_CORE: u32 = 64;
const REGISTER_PRIVATE_EXPEDITED_RSEQ: u32 = 256;
const GET_REGISTRATIONS: u32 = 512;

/// What the program has registered for, of what is private and expedited.
static REGISTERED: AtomicU32 = AtomicU32::new(0);

/// Before the call; `Some` is the program's answer.
pub(super) fn before(thread: &Thread) -> Option<Result<u64, Errno>> {
    let [command, flags, ..] = thread.arguments.map(|argument| argument as u32);
    let is_ready = REGISTERED.load(Ordering::Relaxed) & REGISTER_PRIVATE_EXPEDITED != 0;
    (command == PRIVATE_EXPEDITED && flags == 0 && !is_ready).then_some(Err(Errno::EPERM))
}

/// After a call that has succeeded.
pub(super) fn after(thread: &mut Thread) {
    match thread.arguments[0] as u32 {
        command @ (REGISTER_PRIVATE_EXPEDITED
        | REGISTER_PRIVATE_EXPEDITED_SYNC_CORE
        | REGISTER_PRIVATE_EXPEDITED_RSEQ) => {
            REGISTERED.fetch_or(command, Ordering::Relaxed);
        }
        // The other two count as the first as well (`membarrier_register_private_expedited`).
        GET_REGISTRATIONS if REGISTERED.load(Ordering::Relaxed) == 0 => {
            thread.result &= !u64::from(REGISTER_PRIVATE_EXPEDITED);
        }
        _ => {}
    }
}

//! Calls that take a signal mask: the kernel's copy never holds [`NEVER_BLOCKED`].

use crate::memory::copy;
use crate::process::signal::marks::as_sent;
use crate::process::signal::pending::{as_it_was, lend, recheck};
use crate::process::signal::signalfd::{before_read, lend_reported};
use crate::process::signal::{NEVER_BLOCKED, shared, shared::is_call_to_look};
use crate::process::thread::Thread;
use crate::sys::Errno;
use crate::sys::signal::Info;
use linux_raw_sys::general::{SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK};

/// rt_sigprocmask(2), before: hands the kernel a copy of the set.
pub(crate) fn before_change(thread: &mut Thread) -> Result<(), Errno> {
    let [_, set, _, size, ..] = thread.arguments;
    if set != 0 && size == 8 {
        let wanted = copy::read_value::<u64>(set).map_err(|_| Errno::EFAULT)?;
        thread.scratch.words[0] = wanted;
        thread.scratch.mask = wanted & !NEVER_BLOCKED;
        thread.arguments[1] = &raw const thread.scratch.mask as u64;
    }
    Ok(())
}

/// rt_sigprocmask(2), after: what the kernel did not get to see is accounted for here.
pub(crate) fn after_change(thread: &mut Thread) -> Result<(), Errno> {
    let [how, set, old, ..] = thread.arguments;
    // EFAULT: the old mask could not be written, when the new one was in place. Filters may say anything else.
    let outcome = Errno::check(thread.result).map(drop);
    if outcome.is_err_and(|error| error != Errno::EFAULT) {
        return outcome;
    }
    let hidden = thread.hidden_mask;
    if set != 0 {
        let wanted = thread.scratch.words[0] & NEVER_BLOCKED;
        thread.hidden_mask = match how as u32 {
            SIG_BLOCK => hidden | wanted,
            SIG_UNBLOCK => hidden & !wanted,
            SIG_SETMASK => wanted,
            _ => hidden,
        };
        recheck(thread);
    }
    outcome?;
    if old != 0 && hidden != 0 {
        let shown = copy::read_value::<u64>(old).map_err(|_| Errno::EFAULT)?;
        copy::write_value(old, &(shown | hidden)).map_err(|_| Errno::EFAULT)?;
    }
    Ok(())
}

/// A call that waits under a mask, whose address is `argument` and whose size comes behind.
pub(crate) fn before_wait(thread: &mut Thread, argument: usize) {
    let size = thread.arguments[argument + 1];
    thread.arguments[argument] = own_mask(thread, thread.arguments[argument], size);
}

/// pselect6(2) and io_pgetevents(2), whose sixth argument points to the mask's address and size.
pub(crate) fn before_wait_pair(thread: &mut Thread) -> Result<(), Errno> {
    if thread.arguments[5] == 0 {
        before_read(thread);
        return Ok(());
    }
    let pair: [u64; 2] = copy::read_value(thread.arguments[5]).map_err(|_| Errno::EFAULT)?;
    thread.scratch.pair = [own_mask(thread, pair[0], pair[1]), pair[1]];
    thread.arguments[5] = &raw const thread.scratch.pair as u64;
    Ok(())
}

/// The address of a mask without [`NEVER_BLOCKED`], in the stead of the program's that a call is to wait
/// under. What is wrong with that is for the kernel to say, which may find other errors first.
fn own_mask(thread: &mut Thread, address: u64, size: u64) -> u64 {
    const UNREADABLE: u64 = u64::MAX; // the program's may be mapped meanwhile
    if address == 0 {
        before_read(thread);
        return 0;
    }
    if size != 8 {
        return address; // is not read
    }
    let Ok(wanted) = copy::read_value::<u64>(address) else {
        return UNREADABLE;
    };
    thread.scratch.temporary = Some(wanted);
    thread.scratch.awaited = Some(wanted);
    lend(thread);
    thread.scratch.mask = wanted & !NEVER_BLOCKED | lend_reported(thread, wanted);
    &raw const thread.scratch.mask as u64
}

/// rt_sigtimedwait(2), before: while it waits, the set is open. What it takes is looked at first.
pub(crate) fn before_timed_wait(thread: &mut Thread) {
    let [set, info, _, size, ..] = thread.arguments;
    if size == 8
        && let Ok(set) = copy::read_value::<u64>(set)
    {
        thread.scratch.awaited = Some(!set);
        thread.scratch.words[0] = info;
        let taken = thread.scratch.info.insert(Info([0; 16]));
        thread.arguments[1] = &raw mut *taken as u64;
        lend(thread);
    }
}

/// rt_sigtimedwait(2), after.
pub(crate) fn after_timed_wait(thread: &mut Thread) -> Result<(), Errno> {
    let (Some(info), Some(mask)) = (thread.scratch.info.take(), thread.scratch.awaited) else {
        return Ok(());
    };
    let mut info = as_it_was(thread, info);
    if is_call_to_look(thread, &info) {
        // As the kernel says where it has woken several threads, and another was faster.
        info = shared::take(thread, mask).ok_or(Errno::EINTR)?;
        thread.result = u64::from(info.number());
    }
    match thread.scratch.words[0] {
        0 => Ok(()),
        to => copy::write_value(to, &as_sent(info)).map_err(|_| Errno::EFAULT),
    }
}

/// rt_sigpending(2), after: synchronous signals wait with us.
pub(crate) fn after_pending(thread: &mut Thread) -> Result<(), Errno> {
    let [set, ..] = thread.arguments;
    let own = thread.pending.set() | thread.passing.set();
    let waiting = own | shared::waiting(thread);
    if waiting != 0 {
        let shown = copy::read_value::<u64>(set).map_err(|_| Errno::EFAULT)?;
        copy::write_value(set, &(shown | waiting)).map_err(|_| Errno::EFAULT)?;
    }
    Ok(())
}

//! The program's alternate signal stack, sigaltstack(2). The kernel knows ours in its place.

use crate::memory::copy;
use crate::process::thread::Thread;
use crate::sys::Errno;
use crate::sys::signal::Stack;
use linux_raw_sys::general::*;

pub(super) const SS_AUTODISARM_BIT: u32 = 1 << 31;

pub(super) fn on_alternate(stack: &Stack, rsp: u64) -> bool {
    stack.flags & SS_AUTODISARM_BIT == 0 && stack.holds(rsp)
}

/// sigaltstack(2), as the kernel's `do_sigaltstack`.
pub(crate) fn set_alternate(thread: &mut Thread) -> Result<u64, Errno> {
    let [new, old, ..] = thread.arguments;
    let new = match new {
        0 => None,
        from => Some(copy::read_value::<Stack>(from).map_err(|_| Errno::EFAULT)?),
    };
    let rsp = thread.call.stack;
    let mut before = thread.alternate;
    before.flags &= SS_AUTODISARM_BIT;
    before.flags |= match (before.size, on_alternate(&thread.alternate, rsp)) {
        (0, _) => SS_DISABLE,
        (_, true) => SS_ONSTACK,
        (_, false) => 0,
    };
    if let Some(new) = new {
        replace_alternate(&mut thread.alternate, &new, rsp)?;
    }
    if old != 0 {
        copy::write_value(old, &before).map_err(|_| Errno::EFAULT)?;
    }
    Ok(0)
}

pub(super) fn replace_alternate(current: &mut Stack, new: &Stack, rsp: u64) -> Result<(), Errno> {
    if on_alternate(current, rsp) {
        return Err(Errno::EPERM);
    }
    let is_same =
        (new.pointer, new.size, new.flags) == (current.pointer, current.size, current.flags);
    *current = match new.flags & !SS_AUTODISARM_BIT {
        0 | SS_ONSTACK if is_same => return Ok(()), // even if it never was set
        SS_DISABLE => Stack {
            flags: new.flags,
            ..Stack::DISABLED
        },
        0 | SS_ONSTACK if new.size < u64::from(MINSIGSTKSZ) => return Err(Errno::ENOMEM),
        0 | SS_ONSTACK => Stack { padding: 0, ..*new },
        _ => return Err(Errno::EINVAL),
    };
    Ok(())
}

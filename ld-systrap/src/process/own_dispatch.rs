//! The program's own Syscall User Dispatch (prctl(2), PR_SET_SYSCALL_USER_DISPATCH). The kernel's is taken
//! ([`crate::seal`]): what the program wants refused is refused here, before anybody sees it, as the kernel would
//! (kernel/entry/syscall_user_dispatch.c).
#![expect(unsafe_code, reason = "asks the kernel what makes sense")]

use crate::call::Abi;
use crate::gate::interest;
use crate::memory::copy;
use crate::process::signal;
use crate::process::thread::Thread;
use crate::sys::signal::{self as kernel, AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, Info};
use crate::sys::{Errno, process};
use linux_raw_sys::general::SYS_USER_DISPATCH;
use linux_raw_sys::prctl::{PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF};

/// `PR_SYS_DISPATCH_INCLUSIVE_ON`, which later kernels know: calls from the range are refused, not those from elsewhere.
const INCLUSIVE_ON: u64 = 2;

const ALLOW: u8 = 0; // SYSCALL_DISPATCH_FILTER_ALLOW
const BLOCK: u8 = 1; // SYSCALL_DISPATCH_FILTER_BLOCK

/// Which calls a thread wants refused: those that do not return to a range, while a selector says so.
#[derive(Clone, Copy)]
pub(crate) struct OwnDispatch {
    offset: u64,
    length: u64,
    /// The address of a byte; 0: always.
    selector: u64,
}

/// prctl(2). What makes sense the kernel says, which looks last at where the selector is.
pub(crate) fn set(thread: &mut Thread) -> Result<u64, Errno> {
    const NOWHERE: u64 = u64::MAX;
    let [_, mode, offset, length, selector, _] = thread.arguments;
    if [mode, offset, length, selector] == [u64::from(PR_SYS_DISPATCH_OFF), 0, 0, 0] {
        thread.own_dispatch = None;
        return Ok(0);
    }
    // SAFETY: fails.
    match unsafe { process::prctl(PR_SET_SYSCALL_USER_DISPATCH, mode, offset, length, NOWHERE) } {
        Err(Errno::EFAULT) if selector < copy::END => {}
        asked => return asked,
    }
    let (offset, length) = match mode {
        INCLUSIVE_ON => (offset.wrapping_add(length), length.wrapping_neg()),
        _ => (offset, length),
    };
    thread.own_dispatch = Some(OwnDispatch {
        offset,
        length,
        selector,
    });
    interest::may_be_refused_from_now_on();
    Ok(0)
}

/// Whether the thread wants the call under way refused. Then the signal for it has come, and the call has its
/// own number as result, as what the kernel rolls back.
#[cold]
pub(crate) fn refuses(thread: &mut Thread) -> bool {
    let Some(own) = thread.own_dispatch else {
        return false;
    };
    let (after, number) = (thread.call.after, thread.call.number);
    let architecture = match thread.call.abi {
        Abi::Syscall => AUDIT_ARCH_X86_64,
        Abi::Int80 => AUDIT_ARCH_I386,
        Abi::Sysenter => return false, // is no call
    };
    if after.wrapping_sub(own.offset) < own.length {
        return false;
    }
    let mut selected = [BLOCK];
    let read = match own.selector {
        0 => Ok(()),
        selector => copy::read_bytes(selector, &mut selected),
    };
    match (read, selected) {
        (Ok(()), [ALLOW]) => return false,
        (Ok(()), [BLOCK]) => {
            let mut info = Info::new(kernel::SYS, SYS_USER_DISPATCH as i32, after);
            info.set_call(number as u32, architecture);
            signal::force(thread, info);
        }
        (Ok(()), _) => signal::force_exit(thread, kernel::SYS),
        (Err(_), _) => signal::force_exit(thread, kernel::SEGV),
    }
    thread.interest = 0; // nobody sees it
    thread.result = number;
    thread.call.result = number;
    true
}

//! Who in the runtime sees to which call, before and after it is made.
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use super::signal::{self, marks, mask, sent, signalfd};
use super::thread::Thread;
use super::{barrier, descriptor, exec, filter, identity, listing, mapping, spawn, traced};
use crate::gate::{Step, interest};
use crate::sys::signal::{self as kernel, Info};
use crate::sys::{Errno, quiet};
use crate::{debugger, dispatch, postponed, seal};
use core::sync::atomic::Ordering;
use ld_systrap_core::syscall::X32_BIT;
use linux_raw_sys::general::*;

/// What becomes of a call that the kernel has answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Conclusion {
    /// It is over, with `Thread::result`.
    Over,
    /// It ended for nothing that concerns the program, which natively it would not have.
    Again,
}

/// The step for a call that was answered here.
pub(crate) fn answer(thread: &mut Thread, answer: Result<u64, Errno>) -> Step {
    thread.result = answer.unwrap_or_else(Errno::returned);
    Step::Answered
}

/// The step for a call that goes on, if nothing was wrong.
fn forward(thread: &mut Thread, prepared: Result<(), Errno>) -> Step {
    match prepared {
        Ok(()) => Step::Altered,
        Err(error) => answer(thread, Err(error)),
    }
}

/// What the runtime does before calls that concern it.
pub(crate) fn before(thread: &mut Thread) -> Step {
    // By another table, of which nothing is known here: as kernels answer that do not have it.
    if thread.number & X32_BIT != 0 {
        return answer(thread, Err(Errno::ENOSYS));
    }
    thread.scratch.is_count = false;
    descriptor::hide(thread);
    // The kernel takes the number from eax; whatever is above it does not count.
    match thread.number as u32 {
        __NR_rt_sigaction => {
            let answered = signal::set_disposition(thread);
            answer(thread, answered)
        }
        __NR_sigaltstack => {
            let answered = signal::set_alternate(thread);
            answer(thread, answered)
        }
        __NR_rt_sigprocmask => {
            let prepared = mask::before_change(thread);
            forward(thread, prepared)
        }
        __NR_rt_sigtimedwait => {
            mask::before_timed_wait(thread);
            Step::Altered // what comes from now on, the kernel hands to the waiting call
        }
        __NR_kill | __NR_rt_sigqueueinfo => {
            sent::before_send(thread);
            Step::Altered
        }
        __NR_tkill | __NR_tgkill | __NR_rt_tgsigqueueinfo => {
            sent::before_send_to_thread(thread);
            Step::Altered
        }
        __NR_pidfd_send_signal => {
            marks::before_send_by_descriptor(thread);
            Step::Altered
        }
        __NR_read | __NR_readv | __NR_poll | __NR_select | __NR_epoll_wait => {
            signalfd::before_read(thread);
            Step::Altered
        }
        __NR_rt_sigsuspend => {
            mask::before_wait(thread, 0);
            Step::Altered
        }
        __NR_ppoll => {
            mask::before_wait(thread, 3);
            Step::Altered
        }
        __NR_epoll_pwait | __NR_epoll_pwait2 => {
            mask::before_wait(thread, 4);
            Step::Altered
        }
        __NR_pselect6 | __NR_io_pgetevents => {
            let prepared = mask::before_wait_pair(thread);
            forward(thread, prepared)
        }
        __NR_rt_sigreturn => signal_return(thread),
        __NR_clone | __NR_clone3 | __NR_fork | __NR_vfork => match spawn::before(thread) {
            Ok(step) => step,
            Err(error) => answer(thread, Err(error)),
        },
        __NR_execve | __NR_execveat => {
            if let Some(result) = filter::judge_exec(thread) {
                return answer(thread, Ok(result));
            }
            let prepared = exec::before(thread);
            if prepared.is_ok() && thread.scratch.exec.is_some() {
                dispatch::events().exec(&thread.call);
            }
            forward(thread, prepared)
        }
        __NR_ptrace => {
            traced::before(thread);
            Step::Altered
        }
        // A ring may give up pages of code, or write to it, by what is no call (IORING_OP_MADVISE). Where page faults
        // are the program's, code comes when it is run, and to look at memory may take for ever.
        __NR_io_uring_setup | __NR_io_uring_enter | __NR_userfaultfd => {
            seal::arm();
            Step::Altered
        }
        __NR_ioctl if thread.arguments[1] as u32 == interest::USERFAULTFD_IOC_NEW => {
            seal::arm();
            Step::Altered
        }
        __NR_exit => Step::ExitThread,
        __NR_exit_group => exit_group(thread),
        __NR_mmap
        | __NR_munmap
        | __NR_mprotect
        | __NR_pkey_mprotect
        | __NR_mremap
        | __NR_brk
        | __NR_shmat
        | __NR_remap_file_pages
        | __NR_madvise
        | __NR_process_madvise
        | __NR_mseal => match mapping::before(thread) {
            Some(answered) => answer(thread, answered),
            None => Step::Altered,
        },
        __NR_close_range | __NR_dup2 | __NR_dup3 => match descriptor::before(thread) {
            Some(answered) => answer(thread, answered),
            None => Step::Altered,
        },
        __NR_setrlimit => {
            quiet::note_limit(thread.arguments[0]);
            Step::Altered
        }
        __NR_prlimit64 => {
            quiet::note_limit(thread.arguments[1]);
            Step::Altered
        }
        __NR_prctl | __NR_arch_prctl | __NR_personality => match identity::before(thread) {
            Some(answered) => answer(thread, answered),
            None => Step::Altered,
        },
        __NR_membarrier => match barrier::before(thread) {
            Some(answered) => answer(thread, answered),
            None => Step::Altered,
        },
        __NR_landlock_restrict_self => {
            exec::copied::before(thread);
            Step::Altered
        }
        __NR_mlockall => {
            postponed::settle(); // what that takes would be locked as well, or be too much
            Step::Altered
        }
        __NR_seccomp => {
            postponed::settle(); // a filter may forbid what that takes
            filter::before(thread);
            Step::Altered
        }
        number => match interest::path_argument(number) {
            Some(index) if identity::may_be_executable(thread.arguments[index]) => {
                match identity::before_path(thread, index) {
                    Some(answered) => answer(thread, answered),
                    None => Step::Altered,
                }
            }
            _ => Step::Altered,
        },
    }
}

/// rt_sigreturn(2): the step.
pub(crate) fn signal_return(thread: &mut Thread) -> Step {
    match signal::prepare_return(thread) {
        Ok(()) => Step::SignalReturn,
        Err(_) => {
            signal::force(thread, Info::new(SIGSEGV, SI_KERNEL as i32, 0));
            Step::Altered // not reached: the signal comes first
        }
    }
}

/// Tells the handler that the process ends, which nothing must prevent from then on: signals come before
/// that, or too late.
fn exit_group(thread: &mut Thread) -> Step {
    thread.step = Step::Altered;
    loop {
        let mask = kernel::set_mask(!signal::NEVER_BLOCKED);
        if thread.attention.load(Ordering::SeqCst) == 0 {
            break;
        }
        kernel::set_mask(mask);
        dispatch::attention_before(thread); // for a signal it does not return
    }
    dispatch::events().process_exit(thread.arguments[0] as i32);
    kernel::set_mask(u64::MAX);
    thread.attention.store(0, Ordering::SeqCst);
    Step::Altered
}

/// What the runtime does after calls that concern it.
pub(crate) fn after(thread: &mut Thread) -> Conclusion {
    if thread.scratch.temporary.take().is_some() {
        signal::recheck(thread); // the thread's own mask is back
    }
    if thread.step == Step::Int80 {
        return Conclusion::Over;
    }
    let number = thread.number as u32;
    signal::abandon_return(thread); // a filter has refused it
    signal::take_back(thread);
    // A filter that has trapped the call has left its number there.
    let trapped = signal::is_trapped(thread).then_some(thread.result);
    if trapped.is_some() {
        thread.result = Errno::ENOSYS.returned();
    }
    let mut conclusion = Conclusion::Over;
    let outcome = match number {
        __NR_clone | __NR_clone3 | __NR_fork | __NR_vfork => {
            spawn::after(thread);
            Ok(())
        }
        __NR_execve | __NR_execveat => {
            exec::abandon(thread);
            Ok(())
        }
        __NR_rt_sigprocmask => mask::after_change(thread),
        // Whether it failed or not.
        __NR_mprotect | __NR_pkey_mprotect => mapping::after(thread),
        _ if Errno::check(thread.result).is_err() => Ok(()),
        __NR_getdents | __NR_getdents64 => listing::after(thread),
        __NR_stat | __NR_newfstatat | __NR_statx if thread.scratch.is_count => {
            listing::after_status(thread)
        }
        __NR_rt_sigpending => mask::after_pending(thread),
        __NR_rt_sigtimedwait => mask::after_timed_wait(thread),
        __NR_kill | __NR_rt_sigqueueinfo => {
            sent::after_send(thread);
            Ok(())
        }
        __NR_tkill | __NR_tgkill | __NR_rt_tgsigqueueinfo => {
            sent::after_send_to_thread(thread);
            Ok(())
        }
        __NR_signalfd | __NR_signalfd4 => {
            signalfd::after_create(thread);
            Ok(())
        }
        __NR_read | __NR_readv => signalfd::after_read(thread).map(|it| conclusion = it),
        __NR_unshare => {
            descriptor::after_unshare(thread);
            Ok(())
        }
        __NR_ptrace => traced::after(thread),
        __NR_membarrier => {
            barrier::after(thread);
            Ok(())
        }
        __NR_mmap | __NR_munmap | __NR_mremap | __NR_brk | __NR_shmat => mapping::after(thread),
        __NR_open | __NR_openat | __NR_openat2 | __NR_creat => {
            identity::opened(thread);
            Ok(())
        }
        _ => Ok(()),
    };
    if let Some(number) = trapped {
        thread.result = number;
    } else if let Err(error) = outcome {
        thread.result = error.returned();
    }
    signal::forget_used(thread);
    thread.scratch.awaited = None;
    debugger::look(); // which may fault: no longer while a clone has all signals blocked
    conclusion
}

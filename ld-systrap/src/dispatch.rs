//! A call, once it is Rust: the handler, then what concerns the runtime, then the kernel, and back.
//!
//! On the private stack, with the program's registers in the context: may allocate and take locks.
#![expect(
    unsafe_code,
    reason = "reaches the handler that the start has put in place"
)]
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use crate::call::{Abi, Call};
use crate::debugger;
use crate::gate::{Step, interest};
use crate::handler::{Handler, ImageEvent, Next, SignalEvent};
use crate::process::signal::{directed, mask, signalfd, waits};
use crate::process::thread::{Thread, attention};
use crate::process::{descriptor, exec, filter, identity, listing, mapping, signal, spawn, traced};
use crate::sys::{Errno, quiet, signal as kernel};
use crate::{legacy, postponed, seal};
use core::sync::atomic::{AtomicPtr, Ordering};
use linux_raw_sys::general::*;

/// The handler of this process, whose type the gate knows.
#[unsafe(link_section = ".data.each_call")]
static HANDLER: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// What is told to a handler rarely: dynamic dispatch will do.
pub(crate) trait Events: Sync {
    fn interrupted(&self, call: &Call);
    fn exec(&self, call: &Call);
    fn signal(&self, signal: &SignalEvent);
    fn thread_start(&self);
    fn thread_exit(&self, status: i32);
    fn process_start(&self, parent: i32);
    fn process_exit(&self, status: i32);
    fn image(&self, image: &ImageEvent);
}

impl<H: Handler> Events for H {
    fn interrupted(&self, call: &Call) {
        Handler::interrupted(self, call);
    }
    fn exec(&self, call: &Call) {
        Handler::exec(self, call);
    }
    fn signal(&self, signal: &SignalEvent) {
        Handler::signal(self, signal);
    }
    fn thread_start(&self) {
        Handler::thread_start(self);
    }
    fn thread_exit(&self, status: i32) {
        Handler::thread_exit(self, status);
    }
    fn process_start(&self, parent: i32) {
        Handler::process_start(self, parent);
    }
    fn process_exit(&self, status: i32) {
        Handler::process_exit(self, status);
    }
    fn image(&self, image: &ImageEvent) {
        Handler::image(self, image);
    }
}

static EVENTS: spin::Once<&'static dyn Events> = spin::Once::new();

/// The handler, for what happens rarely.
pub(crate) fn events() -> &'static dyn Events {
    struct Nobody;
    impl Handler for Nobody {
        fn start(_: &mut crate::Options) -> Result<Self, crate::Refusal> {
            Ok(Nobody)
        }
    }
    EVENTS.get().copied().unwrap_or(&Nobody)
}

/// Puts the handler in place, before the first call.
pub(crate) fn set_handler<H: Handler>(handler: &'static H) {
    HANDLER.store(
        core::ptr::from_ref(handler).cast_mut().cast(),
        Ordering::Release,
    );
    EVENTS.call_once(|| handler);
}

fn handler<H: Handler>() -> &'static H {
    // SAFETY: `set_handler::<H>` came before the first call, with the H that the gate was made for.
    unsafe { &*HANDLER.load(Ordering::Acquire).cast::<H>() }
}

/// What happens before a call reaches the kernel. Called by the gate, which has filled in the call and
/// looked its [`interest`] up. Not all of the context is there: the gate relies on the registers that the
/// win64 ABI makes a function keep.
#[unsafe(link_section = ".text.each_call")]
pub(crate) extern "win64" fn before<H: Handler>(thread: &mut Thread, entry: u32) -> Step {
    thread.in_flight.store(true, Ordering::Relaxed);
    thread.interest = entry;
    signal::recheck_pending(thread);
    if interest::of_handler(entry)
        && let Next::Answer(result) = handler::<H>().before(&mut thread.call)
    {
        thread.result = result;
        thread.call.result = result;
        return Step::Answered;
    }
    if interest::is_none_of_runtime(entry)
        && thread.call.number == thread.context.rax
        && !descriptor::may_be_ours(thread.call.arguments[0])
    {
        return Step::Forward;
    }
    step_by_arguments(thread, entry)
}

/// The step for a call that the runtime may have to see.
#[inline(never)] // keeps the way of all other calls short, in the ABI that lets it
#[unsafe(link_section = ".text.each_call")]
extern "win64" fn step_by_arguments(thread: &mut Thread, entry: u32) -> Step {
    let call = &thread.call;
    if call.number != thread.context.rax
        || interest::of_runtime(entry, call)
        || descriptor::may_be_hidden(call.number, call.arguments[0])
    {
        return Step::Runtime;
    }
    Step::Forward
}

/// What happens before a call that the runtime must see itself. Called by the gate.
pub(crate) extern "C" fn concerning_runtime(thread: &mut Thread) -> Step {
    thread.scratch.awaited = None;
    thread.number = thread.call.number;
    thread.arguments = thread.call.arguments;
    waits::begin(thread);
    thread.change(|thread| match thread.call.abi {
        Abi::Syscall => runtime_before(thread),
        Abi::Int80 => legacy::before(thread),
        Abi::Sysenter => no_sysenter(thread),
    })
}

/// What happens after a call. Called by the gate, with its result in `thread.call`, and what [`before`]
/// says of the context.
#[unsafe(link_section = ".text.each_call")]
pub(crate) extern "win64" fn after<H: Handler>(thread: &mut Thread) {
    if interest::of_handler(thread.interest) {
        handler::<H>().after(&mut thread.call);
    }
    thread.in_flight.store(false, Ordering::Relaxed); // `seal::arm` sees to the order
}

/// What happens after a call with a whole context. Called by the gate, with the kernel's answer in
/// `thread.result`. Says whether the call is to be made again, as `thread.step` says.
pub(crate) extern "C" fn concluded<H: Handler>(thread: &mut Thread) -> bool {
    if !matches!(thread.step, Step::Forward | Step::Answered)
        && thread.change(runtime_after) == Conclusion::Again
    {
        thread.step = concerning_runtime(thread);
        return true;
    }
    thread.call.result = thread.result;
    after::<H>(thread);
    thread.context.rax = thread.call.result;
    false
}

/// What becomes of a call that the kernel has answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Conclusion {
    /// It is over, with `Thread::result`.
    Over,
    /// It ended for nothing that concerns the program, which natively it would not have.
    Again,
}

/// Something waits, and the call has not been made.
pub(crate) extern "C" fn attention_before(thread: &mut Thread) {
    attention_to_code(thread);
    if thread.attention.load(Ordering::SeqCst) & attention::SIGNAL != 0 {
        thread.change(attention_to_signals);
    }
    if matches!(thread.step, Step::Altered | Step::Forward) {
        waits::go_on(thread);
    }
}

/// Delivers at the site what can be. If nothing can, the call is made.
fn attention_to_signals(thread: &mut Thread) {
    if signal::waits(thread) {
        signal::abandon_return(thread);
        spawn::abandon(thread);
        exec::abandon(thread);
        thread.scratch.temporary = None;
        thread.scratch.lent = None; // what was lent comes when the handler has been entered
        events().interrupted(&thread.call);
        thread.in_flight.swap(false, Ordering::SeqCst);
        let site = thread.context.after.wrapping_sub(2);
        signal::deliver_kept(thread, site);
    }
    // What came since `runtime_before` looked may be what the call is about to wait for.
    if thread.step == Step::Altered {
        signal::lend(thread);
    }
}

/// Something waits, and the call is over.
pub(crate) extern "C" fn attention_after(thread: &mut Thread) {
    attention_to_code(thread);
    if thread.attention.load(Ordering::SeqCst) & attention::SIGNAL != 0 {
        let after = thread.context.after;
        signal::deliver_kept(thread, after);
    }
}

/// Code is to be watched, or to be patched.
fn attention_to_code(thread: &mut Thread) {
    if thread.attention.load(Ordering::SeqCst) & attention::SEAL != 0 {
        seal::arm_thread(thread);
    }
    if thread.attention.load(Ordering::SeqCst) & attention::SETTLE != 0 {
        thread
            .attention
            .fetch_and(!attention::SETTLE, Ordering::SeqCst);
        postponed::settle();
    }
}

/// The step for a call that was answered here.
pub(super) fn answer(thread: &mut Thread, answer: Result<u64, Errno>) -> Step {
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
pub(super) fn runtime_before(thread: &mut Thread) -> Step {
    if descriptor::is_hidden(thread) {
        return answer(thread, Err(Errno::EBADF));
    }
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
        __NR_rt_tgsigqueueinfo => {
            directed::before_queue(thread);
            Step::Altered
        }
        __NR_read | __NR_readv | __NR_poll | __NR_select | __NR_epoll_wait => {
            signalfd::before_read(thread);
            Step::Altered
        }
        __NR_rt_sigsuspend => {
            let prepared = mask::before_wait(thread, 0);
            forward(thread, prepared)
        }
        __NR_ppoll => {
            let prepared = mask::before_wait(thread, 3);
            forward(thread, prepared)
        }
        __NR_epoll_pwait | __NR_epoll_pwait2 => {
            let prepared = mask::before_wait(thread, 4);
            forward(thread, prepared)
        }
        __NR_pselect6 | __NR_io_pgetevents => {
            let prepared = mask::before_wait_pair(thread);
            forward(thread, prepared)
        }
        __NR_rt_sigreturn => match signal::prepare_return(thread) {
            Ok(()) => Step::SignalReturn,
            Err(_) => {
                const SI_KERNEL: i32 = 0x80;
                signal::force(thread, signal::synthetic(SIGSEGV, SI_KERNEL, 0));
                Step::Altered // not reached: the signal comes first
            }
        },
        __NR_clone | __NR_clone3 | __NR_fork | __NR_vfork => match spawn::before(thread) {
            Ok(step) => step,
            Err(error) => answer(thread, Err(error)),
        },
        __NR_execve | __NR_execveat => {
            let prepared = exec::before(thread);
            if prepared.is_ok() && thread.scratch.exec.is_some() {
                events().exec(&thread.call);
            }
            forward(thread, prepared)
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
        | __NR_madvise => match mapping::before(thread) {
            Some(answered) => answer(thread, answered),
            None => Step::Altered,
        },
        __NR_close | __NR_close_range | __NR_dup | __NR_dup2 | __NR_dup3 | __NR_fcntl => {
            match descriptor::before(thread) {
                Some(answered) => answer(thread, answered),
                None => Step::Altered,
            }
        }
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
        __NR_seccomp => {
            postponed::settle(); // a filter may forbid what that takes
            filter::before(thread);
            Step::Altered
        }
        number => match interest::path_argument(number) {
            Some(index) => match identity::before_path(thread, index) {
                Some(answered) => answer(thread, answered),
                None => Step::Altered,
            },
            None => Step::Altered,
        },
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
        attention_before(thread); // for a signal it does not return
    }
    events().process_exit(thread.arguments[0] as i32);
    kernel::set_mask(u64::MAX);
    thread.attention.store(0, Ordering::SeqCst);
    Step::Altered
}

/// What the runtime does after calls that concern it.
fn runtime_after(thread: &mut Thread) -> Conclusion {
    thread.scratch.temporary = None;
    let number = match thread.call.abi {
        Abi::Syscall => thread.number as u32,
        Abi::Int80 | Abi::Sysenter => {
            legacy::after(thread);
            return Conclusion::Over;
        }
    };
    signal::take_back(thread);
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
        _ if Errno::check(thread.result).is_err() => Ok(()),
        __NR_getdents | __NR_getdents64 => listing::after(thread),
        __NR_rt_sigpending => mask::after_pending(thread),
        __NR_rt_sigtimedwait => mask::after_timed_wait(thread),
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
        __NR_mmap | __NR_munmap | __NR_mprotect | __NR_pkey_mprotect | __NR_mremap | __NR_brk
        | __NR_shmat => mapping::after(thread),
        _ => Ok(()),
    };
    if let Err(error) = outcome {
        thread.result = error.returned();
    }
    signal::forget_used(thread);
    thread.scratch.awaited = None;
    debugger::look(); // which may fault: no longer while a clone has all signals blocked
    conclusion
}

/// `sysenter` from 64-bit code is an invalid instruction on AMD and returns to nowhere on Intel: the
/// program gets what the former raises.
fn no_sysenter(thread: &mut Thread) -> Step {
    const ILL_ILLOPN: i32 = 2;
    let site = thread.call.site();
    signal::force(thread, signal::synthetic(SIGILL, ILL_ILLOPN, site));
    Step::Altered // not reached: the signal comes first
}

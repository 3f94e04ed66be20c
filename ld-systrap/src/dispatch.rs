//! A call, once it is Rust: the handler, then what concerns the runtime, then the kernel, and back.
//!
//! On the private stack, with the program's registers in the context: may allocate and take locks.
#![expect(
    unsafe_code,
    reason = "reaches the handler that the start has put in place"
)]

use crate::call::{Abi, Call};
use crate::gate::{Step, interest};
use crate::handler::{Handler, ImageEvent, Next, SignalEvent};
use crate::process::attention;
use crate::process::calls::{self, Conclusion};
use crate::process::signal::waits;
use crate::process::thread::Thread;
use crate::process::{descriptor, exec, own_dispatch, signal, spawn};
use crate::sys::signal::Info;
use crate::{legacy, postponed};
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
    if interest::may_be_refused(entry) && own_dispatch::refuses(thread) {
        return Step::Answered;
    }
    if interest::of_handler(entry)
        && let Next::Answer(result) = handler::<H>().before(&mut thread.call)
    {
        thread.result = result;
        thread.call.result = result;
        return Step::Answered;
    }
    if interest::is_none_of_runtime(entry)
        && is_as_made(thread)
        && !descriptor::may_be_ours(thread.call.arguments.registers[0])
    {
        return Step::Forward;
    }
    step_by_arguments(thread, entry)
}

/// Whether the handler has left number and arguments as they are in the program's registers.
fn is_as_made(thread: &Thread) -> bool {
    thread.call.number == thread.context.rax && !thread.call.arguments.are_altered
}

/// The step for a call that the runtime may have to see.
#[inline(never)] // keeps the way of all other calls short, in the ABI that lets it
#[unsafe(link_section = ".text.each_call")]
extern "win64" fn step_by_arguments(thread: &mut Thread, entry: u32) -> Step {
    let call = &thread.call;
    if !is_as_made(thread)
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
    thread.arguments = *thread.call.arguments;
    waits::begin(thread);
    thread.change(|thread| match thread.call.abi {
        Abi::Syscall => calls::before(thread),
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
        && thread.change(calls::after) == Conclusion::Again
    {
        thread.step = concerning_runtime(thread);
        return true;
    }
    thread.call.result = thread.result;
    after::<H>(thread);
    thread.context.rax = thread.call.result;
    false
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
    signal::abandon_return(thread);
    if let Some(kept) = signal::to_deliver(thread) {
        spawn::abandon(thread);
        exec::abandon(thread);
        thread.scratch.temporary = None;
        thread.scratch.lent = None; // what was lent comes when the handler has been entered
        events().interrupted(&thread.call);
        thread.in_flight.swap(false, Ordering::SeqCst);
        let site = thread.call.after.wrapping_sub(2);
        signal::deliver_kept(thread, kept, site);
    }
    // What came since `calls::before` looked may be what the call is about to wait for, or lets through.
    match thread.step {
        Step::Altered => signal::lend(thread),
        Step::SignalReturn => thread.step = calls::signal_return(thread),
        _ => {}
    }
}

/// Something waits, and the call is over.
pub(crate) extern "C" fn attention_after(thread: &mut Thread) {
    attention_to_code(thread);
    if thread.attention.load(Ordering::SeqCst) & attention::SIGNAL != 0 {
        let after = thread.call.after;
        if let Some(kept) = signal::to_deliver(thread) {
            signal::deliver_kept(thread, kept, after);
        }
    }
}

/// Code is to be watched, or to be patched.
fn attention_to_code(thread: &mut Thread) {
    attention::attend(thread);
    if thread.attention.load(Ordering::SeqCst) & attention::SETTLE != 0 {
        thread
            .attention
            .fetch_and(!attention::SETTLE, Ordering::SeqCst);
        postponed::settle();
    }
}

/// `sysenter` from 64-bit code is an invalid instruction on AMD and returns to nowhere on Intel: the
/// program gets what the former raises.
fn no_sysenter(thread: &mut Thread) -> Step {
    let site = thread.call.site();
    signal::force(thread, Info::new(SIGILL, ILL_ILLOPN as i32, site));
    Step::Altered // not reached: the signal comes first
}

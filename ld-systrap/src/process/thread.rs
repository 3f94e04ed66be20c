//! What the runtime keeps per thread: a [`region`] of memory with the thread's block, its private stack
//! and its signal stack. %gs leads to the block; on either stack, so does rsp.
#![expect(unsafe_code, reason = "lays out raw memory and moves between stacks")]

use crate::call::{Arguments, Call};
use crate::gate::context::Context;
use crate::gate::{self, Step};
use crate::memory::lock::Lock;
use crate::process::descriptor::Files;
use crate::process::filter;
use crate::process::own_dispatch::OwnDispatch;
use crate::process::region::{self, FRAME, PRIVATE_GUARD, SIGNAL_GUARD};
use crate::process::scratch::Scratch;
use crate::process::segment::Swapped;
use crate::process::signal::{Deferred, Pending, Signals};
use crate::process::threads;
use crate::process::traced::Traced;
use crate::sys::{Errno, process, signal};
use alloc::sync::Arc;
use core::arch::asm;
use core::mem::offset_of;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering, compiler_fence};
use ld_systrap_core::address::PAGE;

/// What a function of the win64 ABI may use of its caller's stack, above the address to return to.
const SHADOW: u64 = 32;

/// A thread of the program, as the runtime knows it.
#[repr(C)]
pub(crate) struct Thread {
    /// The address of this very block, for code that has only %gs.
    pub(crate) itself: *mut Thread,
    /// The end of the private stack, where every call begins.
    pub(crate) stack: u64,
    /// What waits for this thread at its next window: bits of [`super::attention`].
    pub(crate) attention: AtomicU32,
    /// Which use of its region this is; zero once the thread is gone for good.
    pub(crate) used: AtomicU32,
    /// [`gate::MARK`]: tells the gate that %gs leads here.
    pub(crate) mark: u32,
    /// Where the short way through the gate ends: as `context.resume`, or diverted ([`gate::divert`]).
    pub(crate) short_resume: AtomicU64,
    /// Where it would have ended.
    pub(crate) undiverted: AtomicU64,
    /// What the gate shall do next.
    pub(crate) step: Step,
    /// Who wanted to see the call: its entry in [`crate::gate::interest`].
    pub(crate) interest: u32,
    /// What is added to every call's entry: that the handler wants to see all.
    pub(crate) always: u32,
    /// The program's registers.
    pub(crate) context: Context,
    /// The `ucontext` for [`Step::SignalReturn`].
    pub(crate) frame: u64,
    /// The block of the child for [`Step::Clone`], or null when the child gets a copy of this one.
    pub(crate) child: *mut Thread,
    /// The call, as the handler sees it.
    pub(crate) call: Call,
    /// Which of the signals that are never blocked the program believes blocked.
    pub(crate) hidden_mask: u64,
    /// A call is between `before` and `after`.
    pub(crate) in_flight: AtomicBool,
    /// The kernel's dispatch is on.
    pub(crate) is_sealed: bool,
    /// What this block owns on the heap may be half changed ([`Thread::change`]).
    pub(super) changing: AtomicBool,
    /// Synchronous signals that somebody sent while the program has them blocked, or more came.
    pub(crate) pending: Pending,

    /// What the kernel shall be asked for.
    pub(crate) number: u64,
    /// What the kernel shall be asked for.
    pub(crate) arguments: [u64; 6],
    /// What the kernel answered.
    pub(crate) result: u64,
    /// A signal that came while the thread was in the runtime.
    pub(crate) deferred: Option<Deferred>,
    /// Of `pending`, what came when that one was kept already, or was about to be.
    pub(crate) later: AtomicU64,
    /// How many signals have come of which is not yet said what becomes of them.
    pub(crate) arriving: AtomicU8,
    /// Of signals that came while the thread was in the runtime, those that were sent to the process, until it comes by
    /// where it can pass them on.
    pub(crate) passing: Pending,
    /// What of `pending` the kernel has been given.
    pub(crate) given: Pending,
    /// Another thread has called it to look at what waits for the process.
    pub(crate) called: AtomicBool,
    /// What others have sent to it and it has not taken yet.
    pub(crate) sent: AtomicU64,
    /// The program's alternate signal stack.
    pub(crate) alternate: signal::Stack,
    /// The program's signal handlers; shared as the kernel shares its own.
    pub(crate) signals: Arc<Signals>,
    /// What a call leaves behind that must live until it is over: masks, frames, structures.
    pub(crate) scratch: Scratch,
    /// Where a sigreturn has last gone, and with what in rax.
    pub(crate) returned: (u64, u64),
    /// The mask to restore once a clone is over.
    pub(crate) clone_mask: u64,
    /// How the clone in flight shares memory.
    pub(crate) spawn: crate::process::spawn::Spawn,
    /// A fault raised in the program's name is on its way.
    pub(crate) forced: bool,
    /// Whether somebody is told when it executes something.
    pub(crate) traced: Traced,
    /// The program steps through itself (TF), and was last found on its way to or from the kernel.
    pub(crate) steps_between: bool,
    /// Of threads with the same, the numbers can be compared: they are of the same PID namespace.
    pub(crate) numbering: u32,
    /// Our descriptors in the table that this thread uses.
    pub(crate) files: Arc<Lock<Files>>,
    /// Which calls the program wants refused.
    pub(crate) own_dispatch: Option<OwnDispatch>,
    /// The program's %gs, while ours is in its place.
    pub(crate) swapped: Option<Swapped>,
}

const _: () = {
    // Two lines of the cache have what every call of the handler's touches of these.
    const LINE: usize = 64;
    const FIRST: usize =
        offset_of!(Thread, call) + offset_of!(Call, arguments) + offset_of!(Arguments, registers);
    assert!(FIRST.is_multiple_of(LINE));
    assert!(offset_of!(Thread, pending) + size_of::<u64>() <= FIRST + 2 * LINE);
    assert!(size_of::<Thread>() <= PAGE as usize); // each thread touches all of it
};

impl Thread {
    /// The block of a thread that has not run yet, to be written to `itself`, the base of its region.
    pub(super) fn new(
        itself: *mut Thread,
        number: u32,
        signals: Arc<Signals>,
        files: Arc<Lock<Files>>,
    ) -> Thread {
        Thread {
            context: Context::zeroed(),
            itself,
            stack: itself as u64 + region::SIZE - SHADOW,
            attention: AtomicU32::new(0),
            used: AtomicU32::new(number),
            mark: gate::MARK,
            short_resume: AtomicU64::new(0),
            undiverted: AtomicU64::new(0),
            step: Step::Leave,
            interest: 0,
            always: gate::interest::of_all(),
            number: 0,
            arguments: [0; 6],
            result: 0,
            frame: 0,
            child: core::ptr::null_mut(),
            call: Call::none(),
            is_sealed: false,
            in_flight: AtomicBool::new(false),
            changing: AtomicBool::new(true),
            deferred: None,
            later: AtomicU64::new(0),
            arriving: AtomicU8::new(0),
            pending: Pending::default(),
            passing: Pending::default(),
            given: Pending::default(),
            called: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            hidden_mask: 0,
            alternate: signal::Stack::DISABLED,
            signals,
            scratch: Scratch::default(),
            returned: (0, 0),
            clone_mask: 0,
            spawn: crate::process::spawn::Spawn::None,
            forced: false,
            traced: Traced::No,
            steps_between: false,
            numbering: 0,
            files,
            own_dispatch: None,
            swapped: None,
        }
    }

    /// The current thread's block, found from the stack it is on.
    pub(crate) fn current() -> &'static mut Thread {
        let stack: u64;
        // SAFETY: reads rsp only.
        unsafe { asm!("mov {}, rsp", out(reg) stack, options(nomem, nostack, preserves_flags)) };
        // SAFETY: Rust of ours runs on stacks within the region of the current thread only, and the
        // thread is the only one to use its block but for the atomics.
        unsafe { &mut *((stack & !(region::SIZE - 1)) as *mut Thread) }
    }

    /// Does what may change what the block owns on the heap. Whoever is killed meanwhile, or is not in the
    /// copy that a fork makes, leaves a block that must not be dropped.
    pub(crate) fn change<R>(&mut self, act: impl FnOnce(&mut Thread) -> R) -> R {
        self.changing.store(true, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        let done = act(self);
        compiler_fence(Ordering::SeqCst);
        self.changing.store(false, Ordering::Relaxed);
        done
    }

    /// Its number in the kernel; 0 until it runs.
    pub(crate) fn tid(&self) -> i32 {
        self.call.thread
    }

    /// Its process's number in the kernel.
    pub(crate) fn pid(&self) -> i32 {
        self.call.process
    }

    /// Has it look at what waits before it goes on.
    pub(crate) fn call_attention(&self, to: u32) {
        self.attention.fetch_or(to, Ordering::SeqCst);
    }

    /// Where a kernel's frame that waits is kept.
    pub(crate) fn frame_room(&self) -> Range<u64> {
        let base = self.itself as u64;
        base + FRAME..base + SIGNAL_GUARD
    }

    /// The signal stack, as the kernel shall know it.
    pub(crate) fn signal_stack(&self) -> signal::Stack {
        let base = self.itself as u64;
        signal::Stack {
            pointer: base + SIGNAL_GUARD + PAGE,
            flags: 0,
            padding: 0,
            size: PRIVATE_GUARD - SIGNAL_GUARD - PAGE,
        }
    }
}

/// There is a current thread: before, all runs on the kernel's stack.
pub(super) static BEGUN: AtomicBool = AtomicBool::new(false);

/// Makes this thread of the kernel the one of `thread`: %gs, signal stack, number.
///
/// # Errors
/// Where a filter from before an exec forbids to set a signal stack.
///
/// # Safety
/// `thread` is nobody else's, and all signals are blocked or none can arrive.
pub(crate) unsafe fn adopt(thread: &mut Thread) -> Result<(), Errno> {
    // SAFETY: the gate finds its block there from now on.
    unsafe { process::set_gs(thread.itself as u64) };
    let set = signal::set_stack(&thread.signal_stack());
    thread.call.process = process::pid();
    thread.call.thread = process::tid(); // last: others ask by it whether the thread has begun
    set
}

/// Blocks all signals so that the thread can be cloned or ended. Returns 0, with nothing changed,
/// when something waits that must be looked at first.
pub(crate) extern "C" fn quiesce(thread: &mut Thread) -> u32 {
    thread.clone_mask = signal::set_mask(u64::MAX);
    if thread.attention.load(Ordering::Acquire) != 0 {
        signal::set_mask(thread.clone_mask);
        return 0;
    }
    if thread.step == Step::Clone && filter::is_installed() {
        signal::set_mask(!signal::bit(signal::SYS)); // blocked, a trap of the filter's would end the process
    }
    if thread.step == Step::ExitThread {
        crate::dispatch::events().thread_exit(thread.arguments[0] as i32);
        threads::end();
    } else {
        crate::process::spawn::begin(thread);
    }
    1
}

/// The first Rust of a child, with all signals blocked. `thread` is its block, or null in a child
/// that has a copy of its parent's memory.
pub(crate) extern "C" fn child_start(thread: *mut Thread) {
    if thread.is_null() {
        crate::process::spawn::forked(Thread::current());
    } else {
        // SAFETY: the parent made the block for this child and does not use it any more.
        let thread = unsafe { &mut *thread };
        crate::process::spawn::compare_numbering(thread);
        // SAFETY: nobody else's; all signals are blocked.
        let _ = unsafe { adopt(thread) }; // filters let it pass
        crate::process::spawn::started(thread);
    }
}

/// Runs `body` on the private stack of `thread`, never to return.
///
/// # Safety
/// `thread` is the current thread's and its private stack is unused.
pub(crate) unsafe fn on_private_stack(thread: *mut Thread, body: extern "C" fn() -> !) -> ! {
    BEGUN.store(true, Ordering::Relaxed);
    // SAFETY: the caller answers for the stack; rbp = 0 ends a walk of frames.
    unsafe {
        asm!(
            "mov rsp, {stack}",
            "xor ebp, ebp",
            "call {body}",
            "ud2",
            stack = in(reg) (*thread).stack,
            body = in(reg) body,
            options(noreturn)
        )
    }
}

/// The signal table of the first thread.
pub(crate) fn first_table() -> Arc<Signals> {
    Arc::new(Signals::new())
}

//! Signals: the program's view of its handlers, and delivery as if the runtime were not there.
//!
//! The kernel calls [`arrived`] for every signal that the program handles, on the thread's signal
//! stack. What happens next depends on where it found the thread ([`gate::window`]):
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
//! back to the program through a frame first [gives back](hand_back) to the kernel what of it can be
//! delivered: it comes again when the frame has been returned to, at the place where the program is then.
#![expect(unsafe_code, reason = "reads and writes the kernel's signal frames")]

use crate::gate::{self, Step, Window};
use crate::handler::SignalEvent;
use crate::memory::copy::{self, copy_failed};
use crate::memory::lock::Lock;
use crate::process::segment;
use crate::process::thread::{Thread, attention};
use crate::sys::signal::{self as kernel, Action, Info, Registers, Stack, Ucontext, bit};
use crate::sys::{Errno, process};
use crate::{dispatch, patched, report, seal, trap};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use linux_raw_sys::general::*;

/// Signals that traps and faulting copies raise: blocked, they would kill the process.
pub(crate) const NEVER_BLOCKED: u64 =
    bit(kernel::ILL) | bit(kernel::BUS) | bit(kernel::SEGV) | bit(kernel::SYS);

/// `SYNCHRONOUS_MASK`: what the kernel delivers before all else.
const SYNCHRONOUS: u64 = NEVER_BLOCKED | bit(SIGTRAP) | bit(SIGFPE);

const DEFAULT: u64 = 0;
const IGNORE: u64 = 1;
/// `UAPI_SA_FLAGS`: what rt_sigaction(2) keeps of sa_flags.
const KNOWN_FLAGS: u64 = (SA_NOCLDSTOP
    | SA_NOCLDWAIT
    | SA_SIGINFO
    | SA_ONSTACK
    | SA_RESTART
    | SA_NODEFER
    | SA_RESETHAND
    | SA_EXPOSE_TAGBITS
    | SA_RESTORER) as u64;
const SI_KERNEL: i32 = 0x80;

/// What the program wants done on a signal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disposition(pub(crate) Action);

impl Disposition {
    pub(crate) const DEFAULT: Disposition = Disposition(Action {
        handler: DEFAULT,
        flags: 0,
        restorer: 0,
        mask: 0,
    });
}

/// The program's dispositions, for signals 1 to 64. What is not here is the kernel's, and no handler.
#[derive(Clone, Debug)]
pub(crate) struct Table([Option<Disposition>; 64]);

impl Table {
    /// A table that knows nothing yet.
    pub(crate) const fn new() -> Table {
        Table([None; 64])
    }

    /// The entry of a signal; asks the kernel for what is not known.
    fn entry(&mut self, signal: u32) -> &mut Disposition {
        self.0[signal as usize - 1].get_or_insert_with(|| {
            // SAFETY: asks only.
            unsafe { kernel::set_action(signal, None) }.map_or(Disposition::DEFAULT, Disposition)
        })
    }
}

/// The dispositions of a process, shared as the kernel shares its own.
pub(crate) struct Signals {
    table: Lock<Table>,
    /// Those of [`NEVER_BLOCKED`] that the program ignores, for a signal handler that takes no lock.
    ignored: AtomicU64,
}

impl Signals {
    /// Dispositions of which nothing is known yet.
    pub(crate) const fn new() -> Signals {
        Signals {
            table: Lock::new(Table::new()),
            ignored: AtomicU64::new(0),
        }
    }

    /// The same dispositions, not shared.
    pub(crate) fn copy(&self) -> Signals {
        let table = self.table.lock();
        Signals {
            ignored: AtomicU64::new(self.ignored.load(Ordering::Relaxed)),
            table: Lock::new(table.clone()),
        }
    }

    /// Takes the lock, to be held across fork.
    pub(crate) fn lock_for_fork(&self) {
        core::mem::forget(self.table.lock());
    }

    /// Gives the lock back.
    ///
    /// # Safety
    /// [`Self::lock_for_fork`] was called by this thread, or by the one that it is a copy of.
    pub(crate) unsafe fn unlock_after_fork(&self) {
        // SAFETY: the caller answers for it.
        unsafe { self.table.force_unlock() }
    }

    /// Tells the kernel what to do for a program that wants `action`.
    fn install(&self, signal: u32, action: &Action) {
        match action.handler {
            IGNORE => self.ignored.fetch_or(bit(signal), Ordering::Relaxed),
            _ => self.ignored.fetch_and(!bit(signal), Ordering::Relaxed),
        };
        install(signal, action);
    }
}

/// Synchronous signals that somebody sent and that wait, with their siginfo.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    waiting: [Option<Info>; 4],
    set: u64,
}

impl Pending {
    fn add(&mut self, info: Info) {
        if self.set & bit(info.number()) != 0 {
            return; // a standard signal is pending once
        }
        if let Some(free) = self.waiting.iter_mut().find(|one| one.is_none()) {
            *free = Some(info);
            self.set |= bit(info.number());
        }
    }
    fn take(&mut self, blocked: u64) -> Option<Info> {
        let deliverable =
            |one: &&mut Option<Info>| one.is_some_and(|info| blocked & bit(info.number()) == 0);
        let info = self.waiting.iter_mut().find(deliverable)?.take()?;
        self.set &= !bit(info.number());
        Some(info)
    }
    /// What the kernel would deliver before `signal`, if both wait (`next_signal` in kernel/signal.c).
    fn take_before(&mut self, signal: u32, blocked: u64) -> Option<Info> {
        let later = match SYNCHRONOUS & bit(signal) {
            0 => 0,
            own => !(own - 1),
        };
        self.take(blocked | later)
    }
    /// The set of what waits.
    #[inline(always)]
    pub(crate) fn set(&self) -> u64 {
        self.set
    }
}

/// A signal that came while the thread was in the runtime. Its frame is in the thread's frame room:
/// the `ucontext` at its start, the processor's extended state 1 KiB further on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deferred {
    info: Info,
    /// The mask that a call like sigsuspend(2) had put in place: the handler begins with it, and not
    /// with the one that its return restores.
    temporary: Option<u64>,
}

/// Where in the frame room the extended state lies; a multiple of 64.
const STATE: u64 = 1024;

/// The handler wants to see signals that end the process before they do.
static REPORT_DEATH: AtomicBool = AtomicBool::new(false);

// ---- The program's dispositions ---------------------------------------------------------------

/// Takes over the dispositions that the process was started with.
pub(crate) fn begin(signals: &Signals, report_death: bool) {
    REPORT_DEATH.store(report_death, Ordering::Relaxed);
    let mut table = signals.table.lock();
    for signal in 1..=64 {
        let never_blocked = NEVER_BLOCKED & bit(signal) != 0;
        let asked = never_blocked || (report_death && is_deadly(signal));
        if !asked {
            continue; // asked for when the program sets it
        }
        // SAFETY: asks only.
        let Ok(old) = (unsafe { kernel::set_action(signal, None) }) else {
            continue;
        };
        table.0[signal as usize - 1] = Some(Disposition(old));
        if never_blocked || old.handler == DEFAULT {
            signals.install(signal, &old);
        }
    }
}

/// Whether the default action ends the process, signal(7). SIGKILL does without asking.
fn is_deadly(signal: u32) -> bool {
    !matches!(
        signal,
        SIGCHLD | SIGCONT | SIGURG | SIGWINCH | SIGSTOP | SIGTSTP | SIGTTIN | SIGTTOU | SIGKILL
    )
}

/// Tells the kernel what to do for a program that wants `action`.
fn install(signal: u32, action: &Action) {
    let reported =
        REPORT_DEATH.load(Ordering::Relaxed) && action.handler == DEFAULT && is_deadly(signal);
    let ours = reported || action.handler > IGNORE || NEVER_BLOCKED & bit(signal) != 0;
    let action = if ours {
        let kept = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_RESTART;
        Action {
            handler: arrived as *const () as u64,
            flags: action.flags & u64::from(kept)
                | u64::from(SA_SIGINFO | SA_ONSTACK | SA_RESTORER)
                | if action.handler > IGNORE {
                    0
                } else {
                    u64::from(SA_RESTART)
                },
            restorer: gate::restorer as *const () as u64,
            mask: !NEVER_BLOCKED,
        }
    } else {
        *action
    };
    // SAFETY: `arrived` is prepared for every signal.
    let _ = unsafe { kernel::set_action(signal, Some(&action)) };
}

/// rt_sigaction(2).
pub(crate) fn set_disposition(thread: &mut Thread) -> Result<u64, Errno> {
    let [signal, new, old, size, ..] = thread.arguments;
    if size != 8 {
        return Err(Errno::EINVAL);
    }
    let new = match new {
        0 => None,
        from => Some(copy::read_value::<Action>(from).map_err(|_| Errno::EFAULT)?),
    };
    let signal = signal as u32;
    let fixed = signal == kernel::KILL || signal == kernel::STOP;
    if !(1..=64).contains(&signal) || (fixed && new.is_some()) {
        return Err(Errno::EINVAL);
    }
    let before = {
        let mut table = thread.signals.table.lock();
        let entry = table.entry(signal);
        let before = entry.0;
        if let Some(mut action) = new {
            action.flags &= KNOWN_FLAGS;
            action.mask &= !(bit(kernel::KILL) | bit(kernel::STOP));
            entry.0 = action;
            thread.signals.install(signal, &action);
        }
        before
    };
    if old != 0 {
        copy::write_value(old, &before).map_err(|_| Errno::EFAULT)?;
    }
    Ok(0)
}

/// The effect of CLONE_CLEAR_SIGHAND on a table that nobody shares: handlers become defaults.
pub(crate) fn clear_handlers(signals: &Signals) {
    let mut table = signals.table.lock();
    for signal in 1..=64 {
        if let Some(entry) = &mut table.0[signal as usize - 1]
            && entry.0.handler > IGNORE
        {
            *entry = Disposition::DEFAULT;
            signals.install(signal, &entry.0);
        }
    }
}

// ---- The program's alternate stack ------------------------------------------------------------

const SS_AUTODISARM_BIT: u32 = 1 << 31;

fn on_alternate(stack: &Stack, rsp: u64) -> bool {
    stack.flags & SS_AUTODISARM_BIT == 0 && stack.holds(rsp)
}

/// sigaltstack(2), as the kernel's `do_sigaltstack`.
pub(crate) fn set_alternate(thread: &mut Thread) -> Result<u64, Errno> {
    let [new, old, ..] = thread.arguments;
    let new = match new {
        0 => None,
        from => Some(copy::read_value::<Stack>(from).map_err(|_| Errno::EFAULT)?),
    };
    let rsp = thread.context.rsp;
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

fn replace_alternate(current: &mut Stack, new: &Stack, rsp: u64) -> Result<(), Errno> {
    if on_alternate(current, rsp) {
        return Err(Errno::EPERM);
    }
    *current = match new.flags & !SS_AUTODISARM_BIT {
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

// ---- Arrival ------------------------------------------------------------------------------------

/// The handler of every signal, on the signal stack, with all but [`NEVER_BLOCKED`] blocked.
///
/// In a signal handler: takes no lock unless the program's own code was interrupted.
extern "C" fn arrived(number: u32, info: *mut Info, ucontext: *mut Ucontext) {
    let thread = Thread::current();
    // SAFETY: the kernel made both, on our signal stack.
    let (info, frame) = unsafe { (*info, &mut *ucontext) };
    if segment::fault(thread, &info, &mut frame.registers) {
        return;
    }
    let window = gate::window(frame.registers.rip);
    if seal::is_call_to_arm(&info) {
        match window {
            Window::Program => {
                seal::arm_thread(thread);
                gate::repeat_call(thread, &mut frame.registers);
            }
            Window::Call(start) | Window::Exit(start) => {
                gate::begin_again(thread, &mut frame.registers, start);
                thread.attention.fetch_or(attention::SEAL, Ordering::SeqCst);
            }
            Window::Copy | Window::Runtime => {
                thread.attention.fetch_or(attention::SEAL, Ordering::SeqCst);
                gate::repeat_call(thread, &mut frame.registers);
            }
        }
        return;
    }
    if !info.is_fault() && thread.signals.ignored.load(Ordering::Relaxed) & bit(number) != 0 {
        // The kernel would not have woken anybody for it.
        gate::repeat_call(thread, &mut frame.registers);
        return;
    }
    if info.is_step() {
        let was_between = thread.steps_between;
        thread.steps_between = is_between(window, frame.registers.rip);
        // Behind a call, the kernel returns by iret, which lets one instruction pass untrapped.
        if thread.steps_between || was_between {
            return;
        }
    }
    match window {
        Window::Program => {
            if !info.is_fault() && thread.hidden_mask & bit(number) != 0 {
                gate::repeat_call(thread, &mut frame.registers);
                thread.pending.add(info);
                return;
            }
            segment::restore(thread, &mut frame.registers);
            gate::leave_short_way(thread, &mut frame.registers);
            if let Some(origin) = patched::origin(frame.registers.rip) {
                frame.registers.rip = origin;
                if patched::is_site(origin) {
                    gate::back_to_site(&mut frame.registers, origin.wrapping_add(2));
                }
            }
            if info.is_fault() && trap::enter(thread, &info, frame) {
                if !gate::looks_for_attention(frame.registers.rip) {
                    hand_back(thread);
                }
                return;
            }
            deliver(thread, info, frame, None);
            hand_back(thread);
        }
        Window::Copy if info.is_fault() && (number == kernel::SEGV || number == kernel::BUS) => {
            frame.registers.rip = copy_failed as *const () as u64;
        }
        _ if info.is_fault() && NEVER_BLOCKED & bit(number) != 0 && !is_seccomp(&info) => {
            if thread.forced {
                thread.forced = false;
                keep(thread, info, frame, window);
            } else {
                defect(number, &info, frame);
            }
        }
        _ => keep(thread, info, frame, window),
    }
}

/// Whether `rip` is not in the program's own code, so that a program that steps through itself (TF)
/// does not step here.
fn is_between(window: Window, rip: u64) -> bool {
    window != Window::Program
        || gate::is_short_way(rip)
        || rip == gate::swap_back()
        || patched::origin(rip).is_some()
}

/// SIGSYS of a seccomp filter: the call is the program's, the instruction ours.
fn is_seccomp(info: &Info) -> bool {
    info.number() == kernel::SYS && info.code() == 1
}

/// A fault of our own code. Nothing can be kept up after it.
fn defect(number: u32, info: &Info, frame: &mut Ucontext) {
    report::line(format_args!(
        "internal error: signal {number} at {:#x} (image + {:#x}), address {:#x}",
        frame.registers.rip,
        frame.registers.rip.wrapping_sub(gate::image().start),
        info.address(),
    ));
    // SAFETY: the default action ends the process when the instruction faults again.
    let _ = unsafe { kernel::set_action(number, Some(&Disposition::DEFAULT.0)) };
}

/// Keeps a signal until the next window.
fn keep(thread: &mut Thread, info: Info, frame: &mut Ucontext, window: Window) {
    let mut temporary = None;
    if gate::interrupted(&frame.registers) {
        temporary = thread.scratch.temporary;
        if let Some(mask) = thread.scratch.lent.take() {
            frame.mask = mask;
        }
    }
    let hidden = temporary.map_or(thread.hidden_mask, |mask| mask & NEVER_BLOCKED);
    let making_ready = thread.signal_stack().holds(frame.registers.rsp);
    if hidden & bit(info.number()) != 0 {
        thread.pending.add(info);
        gate::repeat_call(thread, &mut frame.registers);
        // The call that is about to be made may wait for it.
        thread
            .attention
            .fetch_or(attention::SIGNAL, Ordering::SeqCst);
    } else if thread.deferred.is_some() || making_ready {
        thread.pending.add(info);
        thread
            .attention
            .fetch_or(attention::SIGNAL, Ordering::SeqCst);
    } else {
        let room = thread.frame_room().start;
        let mut kept = *frame;
        kept.registers.fpstate = copy_state(frame.registers.fpstate, room + STATE);
        // SAFETY: the room is this thread's, and empty while nothing is kept.
        unsafe { (room as *mut Ucontext).write(kept) };
        thread.deferred = Some(Deferred { info, temporary });
        frame.mask = !NEVER_BLOCKED;
        thread
            .attention
            .fetch_or(attention::SIGNAL, Ordering::SeqCst);
    }
    if let Window::Call(start) | Window::Exit(start) = window {
        // A call that the kernel has suspended, as for SIGSTOP, ends when a handler has run: the
        // program shall ask for it, as it would have (restart_syscall(2)).
        if matches!(window, Window::Call(_)) && frame.registers.rax == RESTART {
            thread.context.rax = RESTART;
        }
        gate::begin_again(thread, &mut frame.registers, start);
    }
}

const RESTART: u64 = __NR_restart_syscall as u64;

/// The bytes of extended state at `fpstate`: uapi/asm/sigcontext.h, `_fpx_sw_bytes`.
///
/// # Safety
/// The kernel wrote it.
unsafe fn state_size(fpstate: u64) -> usize {
    const MAGIC1: u32 = 0x4650_5853;
    // SAFETY: the legacy area of 512 bytes is always there.
    unsafe {
        match *((fpstate + 464) as *const u32) {
            MAGIC1 => *((fpstate + 468) as *const u32) as usize,
            _ => 512,
        }
    }
}

/// Makes a saved state the one that a handler begins with (`fpu__clear_user_states`).
///
/// # Safety
/// `fpstate` is 0 or a complete state.
unsafe fn reset_state(fpstate: u64) {
    if fpstate == 0 {
        return;
    }
    // SAFETY: the registers of the legacy area, its control words, and XSTATE_BV, without which no other
    // part counts (Intel SDM 1, 13.4 and 13.8).
    unsafe {
        ((fpstate + 32) as *mut u8).write_bytes(0, 416 - 32);
        (fpstate as *mut [u64; 3]).write([0x37f, 0, 0]);
        ((fpstate + 24) as *mut u32).write(0x1f80);
        if state_size(fpstate) > 512 {
            ((fpstate + 512) as *mut u64).write(0);
        }
    }
}

fn copy_state(from: u64, to: u64) -> u64 {
    if from == 0 {
        return 0;
    }
    // SAFETY: the kernel wrote `from` on our signal stack, which is larger than any frame; the room
    // behind `to` is as large.
    unsafe {
        core::ptr::copy_nonoverlapping(from as *const u8, to as *mut u8, state_size(from));
    }
    to
}

/// Blocks everything until a frame is returned to, and gives what came meanwhile, and can be delivered,
/// back to the kernel: it comes again as soon as that has happened.
fn hand_back(thread: &mut Thread) {
    kernel::set_mask(u64::MAX);
    while let Some(info) = thread.pending.take(thread.hidden_mask) {
        let _ = process::queue_signal(thread.tid, info.number(), &info.0);
    }
}

// ---- Delivery -----------------------------------------------------------------------------------

/// Delivers what waits, with the thread's context as the program's registers and `rip` as its place.
/// Does not return when there was something to deliver.
///
/// On the private stack, between `before` and `after`, or after both.
pub(crate) fn deliver_kept(thread: &mut Thread, rip: u64) {
    if thread.deferred.is_none() {
        let Some(info) = thread.pending.take(thread.hidden_mask) else {
            thread
                .attention
                .fetch_and(!attention::SIGNAL, Ordering::SeqCst);
            return;
        };
        // Comes back at once, through the kernel, which makes the frame.
        force(thread, info);
    }
    // It stays kept, so that nothing else is put into the room, until nothing can come any more.
    let Some(Deferred {
        mut info,
        mut temporary,
    }) = thread.deferred
    else {
        return;
    };
    if is_seccomp(&info) {
        info.0[2] = thread.context.after;
    }
    let room = thread.frame_room().start;
    // SAFETY: `keep` put a complete frame there.
    let frame = unsafe { &mut *(room as *mut Ucontext) };
    load_registers(thread, &mut frame.registers, rip);
    // SAFETY: the state was copied from the kernel's; only its SSE part is changed.
    unsafe { load_vectors(thread, frame.registers.fpstate) };
    frame.mask &= !NEVER_BLOCKED;
    let mut waits = false;
    while let Some(first) = thread
        .pending
        .take_before(info.number(), thread.hidden_mask)
    {
        deliver(thread, first, frame, temporary.take());
        waits = (frame.mask | thread.hidden_mask) & bit(info.number()) != 0;
    }
    if !waits {
        deliver(thread, info, frame, temporary);
    }
    hand_back(thread);
    if waits {
        let _ = process::queue_signal(thread.tid, info.number(), &info.0);
    }
    thread.deferred = None;
    thread
        .attention
        .fetch_and(!attention::SIGNAL, Ordering::SeqCst);
    segment::give_back(thread);
    // SAFETY: the frame is complete and says where to go on.
    unsafe { gate::signal_return(room) }
}

/// Puts the context where the kernel would have saved the registers.
pub(crate) fn load_registers(thread: &Thread, to: &mut Registers, rip: u64) {
    let context = &thread.context;
    to.rax = context.rax;
    to.rbx = context.rbx;
    to.rcx = context.rcx;
    to.rdx = context.rdx;
    to.rsi = context.rsi;
    to.rdi = context.rdi;
    to.rbp = context.rbp;
    to.rsp = context.rsp;
    to.r8 = context.r8;
    to.r9 = context.r9;
    to.r10 = context.r10;
    to.r11 = context.r11;
    to.r12 = context.r12;
    to.r13 = context.r13;
    to.r14 = context.r14;
    to.r15 = context.r15;
    to.rflags = context.rflags;
    to.rip = rip;
}

/// Puts xmm0–15 into a saved extended state; the rest of it is the program's already.
///
/// # Safety
/// `fpstate` is 0 or a complete state.
unsafe fn load_vectors(thread: &Thread, fpstate: u64) {
    if fpstate == 0 {
        return;
    }
    // SAFETY: XMM_Space at 160 and, in an xsave area, XSTATE_BV at 512 (Intel SDM 1, 13.4).
    unsafe {
        ((fpstate + 160) as *mut [[u64; 2]; 16]).write_unaligned(thread.context.xmm);
        if state_size(fpstate) > 512 {
            *((fpstate + 512) as *mut u64) |= 2;
        }
    }
}

/// Changes `frame`, which holds the program's registers, so that its sigreturn does what the kernel
/// would have done on `info`: enter a handler, end the process, or nothing.
fn deliver(thread: &mut Thread, mut info: Info, frame: &mut Ucontext, temporary: Option<u64>) {
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
        match enter_handler(thread, &action, &info, frame, temporary) {
            Ok(()) => return,
            // `force_sigsegv`: no room for the frame.
            Err(NoRoom) if number == kernel::SEGV => {
                let segv = synthetic(kernel::SEGV, SI_KERNEL, 0);
                die(thread, &segv, frame);
                return;
            }
            Err(NoRoom) => info = synthetic(kernel::SEGV, SI_KERNEL, 0),
        }
    }
}

/// A siginfo as the kernel makes it for a fault.
pub(crate) fn synthetic(number: u32, code: i32, address: u64) -> Info {
    let mut info = Info([0; 16]);
    info.0[0] = u64::from(number);
    info.0[1] = u64::from(code as u32);
    info.0[2] = address;
    info
}

fn event(info: &Info, fatal: bool) -> SignalEvent {
    let mut bytes = [0; 128];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(info.0) {
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
    // SAFETY: the default action.
    let _ = unsafe { kernel::set_action(number, Some(&Disposition::DEFAULT.0)) };
    frame.mask &= !bit(number);
    let faults_again = matches!(number, SIGSEGV | SIGBUS | SIGILL | SIGFPE);
    if !(info.is_fault() && info.code() != SI_KERNEL && faults_again) {
        // Stays pending until the frame is returned to.
        kernel::set_mask(u64::MAX);
        let _ = process::queue_signal(thread.tid, number, &info.0);
    }
}

/// The frame does not fit where it would have to be.
struct NoRoom;

/// The kernel's `struct rt_sigframe`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Frame {
    restorer: u64,
    ucontext: Ucontext,
    info: Info,
}
// SAFETY: integers.
unsafe impl copy::Plain for Frame {}

/// Builds the program's signal frame (`get_sigframe`, `x64_setup_rt_frame`) and points `frame` at its
/// handler.
fn enter_handler(
    thread: &mut Thread,
    action: &Action,
    info: &Info,
    frame: &mut Ucontext,
    temporary: Option<u64>,
) -> Result<(), NoRoom> {
    let registers = frame.registers;
    let on_stack = on_alternate(&thread.alternate, registers.rsp);
    let enters =
        action.flags & u64::from(SA_ONSTACK) != 0 && thread.alternate.size != 0 && !on_stack;
    let mut rsp = registers.rsp.wrapping_sub(128); // the red zone
    if enters {
        rsp = thread.alternate.pointer.wrapping_add(thread.alternate.size);
    }
    let mut fpstate = 0;
    let mut state: &[u8] = &[];
    if registers.fpstate != 0 {
        // SAFETY: the kernel, or `keep`, wrote it.
        state = unsafe {
            let size = state_size(registers.fpstate);
            core::slice::from_raw_parts(registers.fpstate as *const u8, size)
        };
        rsp = rsp.wrapping_sub(state.len() as u64) & !63;
        fpstate = rsp;
    }
    rsp = (rsp.wrapping_sub(size_of::<Frame>() as u64) & !15).wrapping_sub(8);
    if (on_stack || enters) && !thread.alternate.holds(rsp) {
        return Err(NoRoom);
    }
    let mut seen = Frame {
        restorer: action.restorer,
        ucontext: *frame,
        info: *info,
    };
    seen.ucontext.stack = thread.alternate;
    seen.ucontext.mask = frame.mask & !NEVER_BLOCKED | thread.hidden_mask;
    seen.ucontext.registers.old_mask = seen.ucontext.mask;
    seen.ucontext.registers.fpstate = fpstate;
    copy::write_bytes(fpstate, state).map_err(|_| NoRoom)?;
    copy::write_value(rsp, &seen).map_err(|_| NoRoom)?;
    if thread.alternate.flags & SS_AUTODISARM_BIT != 0 {
        thread.alternate = Stack::DISABLED;
    }

    let own = if action.flags & u64::from(SA_NODEFER) != 0 {
        0
    } else {
        bit(info.number())
    };
    let masked = action.mask | own;
    // `signal_delivered`: on top of the mask in place, which need not be the one in the frame.
    frame.mask = (temporary.unwrap_or(frame.mask) | masked) & !NEVER_BLOCKED;
    thread.hidden_mask = (temporary.unwrap_or(thread.hidden_mask) | masked) & NEVER_BLOCKED;
    let to = &mut frame.registers;
    to.rdi = u64::from(info.number());
    to.rsi = rsp + core::mem::offset_of!(Frame, info) as u64;
    to.rdx = rsp + core::mem::offset_of!(Frame, ucontext) as u64;
    to.rax = 0;
    to.rsp = rsp;
    to.rip = action.handler;
    const DF: u64 = 0x400;
    const RF: u64 = 0x10000;
    const TF: u64 = 0x100;
    to.rflags &= !(DF | RF | TF);
    // SAFETY: the kernel, or `keep`, wrote it.
    unsafe { reset_state(to.fpstate) };
    Ok(())
}

// ---- Return ---------------------------------------------------------------------------------------

/// rt_sigreturn(2): a private copy of the program's frame, with a mask and a signal stack that suit us.
/// An error means that there is no frame.
pub(crate) fn prepare_return(thread: &mut Thread) -> Result<(), Errno> {
    let mut frame = copy::read_value::<Ucontext>(thread.context.rsp).map_err(|_| Errno::EFAULT)?;
    thread.scratch.returning = Some((thread.hidden_mask, thread.alternate));
    let rsp = frame.registers.rsp;
    let alternate = frame.stack;
    let _ = replace_alternate(&mut thread.alternate, &alternate, rsp);
    thread.hidden_mask = frame.mask & NEVER_BLOCKED;
    frame.mask &= !NEVER_BLOCKED;
    frame.stack = thread.signal_stack();
    frame.registers.rip = segment::at_return(thread, frame.registers.rip);
    // Not in the room, where a signal may be kept at any moment.
    let returned = thread.scratch.frame.insert(frame);
    thread.frame = core::ptr::from_ref(returned) as u64;
    if thread.pending.set() & !thread.hidden_mask != 0 {
        hand_back(thread);
    }
    Ok(())
}

/// Takes back what [`prepare_return`] did to the thread.
pub(crate) fn abandon_return(thread: &mut Thread) {
    if thread.step != Step::SignalReturn {
        return;
    }
    if let Some((hidden, alternate)) = thread.scratch.returning.take() {
        thread.hidden_mask = hidden;
        thread.alternate = alternate;
    }
}

/// Takes `signals` out of the program's mask, in the kernel or in the frame of a signal that is kept.
pub(crate) fn unblock(thread: &mut Thread, signals: u64) {
    if thread.deferred.is_some() {
        // SAFETY: `keep` put a complete frame there.
        unsafe { (*(thread.frame_room().start as *mut Ucontext)).mask &= !signals };
    } else {
        let mask = kernel::set_mask(!NEVER_BLOCKED);
        kernel::set_mask(mask & !signals);
    }
}

/// Makes the thread look again at signals that waited for `hidden_mask` to change.
pub(crate) fn recheck_pending(thread: &mut Thread) {
    if thread.pending.set() & !thread.hidden_mask != 0 {
        thread
            .attention
            .fetch_or(attention::SIGNAL, Ordering::SeqCst);
    }
}

/// Raises a signal in the program's name; it is delivered at the next window.
pub(crate) fn force(thread: &mut Thread, info: Info) {
    thread.forced = info.is_fault();
    // The signal's handler is not seen by the compiler: it changes the thread before this returns.
    let thread = core::hint::black_box(thread);
    let _ = process::queue_signal(thread.tid, info.number(), &info.0);
}

/// A call is about to wait under a mask that lets through what waits with us: lends that to the kernel,
/// which alone knows whether the call ends with it. Until the call is over everything else is blocked,
/// so that nothing of it comes before.
pub(crate) fn lend(thread: &mut Thread) {
    let Some(mask) = thread.scratch.awaited else {
        return;
    };
    if thread.deferred.is_some() || thread.pending.set() & !mask == 0 {
        return; // the call will not be made, or nothing concerns it
    }
    let before = kernel::set_mask(u64::MAX);
    thread.scratch.lent.get_or_insert(before);
    while let Some(info) = thread.pending.take(mask) {
        let _ = process::queue_signal(thread.tid, info.number(), &info.0);
    }
}

/// The call is over: takes back what it has not used of what was lent.
pub(crate) fn take_back(thread: &mut Thread) {
    if let Some(mask) = thread.scratch.lent.take() {
        while let Some(info) = kernel::take_pending(NEVER_BLOCKED) {
            thread.pending.add(info);
        }
        kernel::set_mask(mask);
        recheck_pending(thread);
    }
}

/// Whether a signal can be delivered to the thread now.
pub(crate) fn waits(thread: &mut Thread) -> bool {
    if thread.deferred.is_some() || thread.pending.set() & !thread.hidden_mask != 0 {
        return true;
    }
    thread
        .attention
        .fetch_and(!attention::SIGNAL, Ordering::SeqCst);
    false
}

//! The program's dispositions: what it wants done on each signal, rt_sigaction(2).
#![expect(unsafe_code, reason = "tells the kernel of our handler")]

use super::NEVER_BLOCKED;
use super::arrival::arrives;
use super::shared::{self, Shared};
use super::waits;
use crate::gate;
use crate::memory::copy;
use crate::memory::lock::Lock;
use crate::process::thread::Thread;
use crate::sys::Errno;
use crate::sys::signal::{self as kernel, Action, bit};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use linux_raw_sys::general::*;

pub(super) const DEFAULT: u64 = 0;

pub(super) const IGNORE: u64 = 1;

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
    pub(super) fn entry(&mut self, signal: u32) -> &mut Disposition {
        self.0[signal as usize - 1].get_or_insert_with(|| {
            // SAFETY: asks only.
            unsafe { kernel::set_action(signal, None) }.map_or(Disposition::DEFAULT, Disposition)
        })
    }
}

/// The dispositions of a process, shared as the kernel shares its own.
pub(crate) struct Signals {
    pub(super) table: Lock<Table>,
    /// Those that the program ignores, for a signal handler that takes no lock.
    ignored: AtomicU64,
    /// Of which signal a process that shares them dies, above the number of its thread.
    pub(super) dying: AtomicU64,
    /// What was sent to the process and waits for one of its threads.
    pub(crate) shared: Shared,
}

impl Signals {
    /// Dispositions of which nothing is known yet.
    pub(crate) const fn new() -> Signals {
        Signals {
            table: Lock::new(Table::new()),
            ignored: AtomicU64::new(0),
            dying: AtomicU64::new(0),
            shared: Shared::new(),
        }
    }

    /// The same dispositions, not shared.
    pub(crate) fn copy(&self) -> Signals {
        let table = self.table.lock();
        Signals {
            ignored: AtomicU64::new(self.ignored.load(Ordering::Relaxed)),
            table: Lock::new(table.clone()),
            dying: AtomicU64::new(0),
            shared: Shared::new(),
        }
    }

    /// Those of [`NEVER_BLOCKED`] that the program ignores. The kernel has a handler for them, so that they
    /// would be as by default in the next program.
    pub(crate) fn ignored(&self) -> u64 {
        self.ignored.load(Ordering::Relaxed) & NEVER_BLOCKED
    }

    /// Whether the program ignores a signal.
    pub(super) fn ignores(&self, signal: u32) -> bool {
        self.ignored.load(Ordering::Relaxed) & bit(signal) != 0
    }

    /// Says what the program before this one in the process has ignored, before [`super::begin`].
    pub(crate) fn set_ignored(&self, ignored: u64) {
        self.ignored.store(ignored, Ordering::Relaxed);
    }

    /// Takes the lock, to be held across fork.
    pub(crate) fn lock_for_fork(&self) {
        core::mem::forget(self.table.lock());
        self.shared.lock_for_fork();
    }

    /// Gives the lock back.
    ///
    /// # Safety
    /// [`Self::lock_for_fork`] was called by this thread, or by the one that it is a copy of.
    pub(crate) unsafe fn unlock_after_fork(&self) {
        // SAFETY: the caller answers for it.
        unsafe {
            self.shared.unlock_after_fork();
            self.table.force_unlock();
        }
    }

    /// Tells the kernel what to do once more, where it has been told something else.
    pub(super) fn install_again(&self, signal: u32) {
        install(signal, &self.table.lock().entry(signal).0);
    }

    /// Tells the kernel what to do for a program that wants `action`.
    pub(super) fn install(&self, signal: u32, action: &Action) {
        if action.handler == IGNORE && NEVER_BLOCKED & bit(signal) != 0 {
            waits::watch();
        }
        match action.handler {
            IGNORE => self.ignored.fetch_or(bit(signal), Ordering::Relaxed),
            _ => self.ignored.fetch_and(!bit(signal), Ordering::Relaxed),
        };
        install(signal, action);
    }
}

/// The handler wants to see signals that end the process before they do.
static REPORT_DEATH: AtomicBool = AtomicBool::new(false);

/// Takes over the dispositions that the process was started with.
pub(super) fn take_over(signals: &Signals, report_death: bool) {
    REPORT_DEATH.store(report_death, Ordering::Relaxed);
    let mut table = signals.table.lock();
    for signal in 1..=64 {
        let never_blocked = NEVER_BLOCKED & bit(signal) != 0;
        let asked = never_blocked || (report_death && is_deadly(signal));
        if !asked {
            continue; // asked for when the program sets it
        }
        // SAFETY: asks only.
        let Ok(mut old) = (unsafe { kernel::set_action(signal, None) }) else {
            continue;
        };
        if signals.ignored() & bit(signal) != 0 {
            old.handler = IGNORE;
        }
        table.0[signal as usize - 1] = Some(Disposition(old));
        if never_blocked || old.handler == DEFAULT {
            signals.install(signal, &old);
        }
    }
}

/// Whether the default action ends the process, signal(7). SIGKILL does without asking.
pub(super) fn is_deadly(signal: u32) -> bool {
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
            handler: arrives as *const () as u64,
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
    // SAFETY: `arrives` is prepared for every signal.
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
    if new.is_some_and(|action| action.handler == IGNORE) && NEVER_BLOCKED & bit(signal) != 0 {
        shared::forget(thread, signal);
    }
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

//! What a user writes.

use crate::call::Call;
use crate::options::{Options, Refusal};
use core::ops::Range;

/// What shall happen to a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// The kernel gets it, with the number and arguments that the handler left in the [`Call`].
    Forward,
    /// The kernel does not see it; the program finds this in rax. Errors are negative:
    /// [`Errno::returned`](crate::Errno::returned).
    Answer(u64),
}

/// An image whose system calls have been instrumented.
#[derive(Clone, Debug)]
pub struct ImageEvent {
    /// Where it lies in memory.
    pub range: Range<u64>,
    /// Its system call instructions that lead to the handler from now on.
    pub sites: usize,
    /// Byte pairs that may be system call instructions; the seal watches over them.
    pub unproved: usize,
}

/// A set of system calls by number, in the x86-64 table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interest {
    numbers: [u64; Interest::NUMBERS / 64],
    unknown: bool,
}

impl Interest {
    /// Numbers below this can be chosen one by one; all others are unknown to the kernel.
    pub const NUMBERS: usize = 512;

    /// Every call, those of unknown numbers too.
    #[must_use]
    pub const fn all() -> Interest {
        Interest {
            numbers: [u64::MAX; Self::NUMBERS / 64],
            unknown: true,
        }
    }

    /// No call.
    #[must_use]
    pub const fn none() -> Interest {
        Interest {
            numbers: [0; Self::NUMBERS / 64],
            unknown: false,
        }
    }

    /// Adds a call; a number of [`NUMBERS`](Interest::NUMBERS) or more adds all unknown ones.
    #[must_use]
    pub const fn with(mut self, number: u64) -> Interest {
        if (number as usize) < Self::NUMBERS {
            self.numbers[number as usize / 64] |= 1 << (number % 64);
        } else {
            self.unknown = true;
        }
        self
    }

    /// Whether a call is in it.
    #[must_use]
    pub const fn contains(&self, number: u64) -> bool {
        if number < Self::NUMBERS as u64 {
            self.numbers[number as usize / 64] & (1 << (number % 64)) != 0
        } else {
            self.unknown
        }
    }

    /// Whether calls of unknown numbers are in it.
    #[must_use]
    pub const fn unknown(&self) -> bool {
        self.unknown
    }
}

/// A signal on its way to the program.
#[derive(Clone, Debug)]
pub struct SignalEvent {
    /// Its number.
    pub number: u32,
    /// The kernel's `siginfo_t`.
    pub info: [u8; 128],
    /// Whether the process dies of it.
    pub fatal: bool,
}

/// A handler: what happens before and after each system call of the program.
///
/// Every default is as if nobody were there. Methods may run in several threads at once, on a stack
/// of 100 KiB, never in a signal handler. They may allocate, and may make calls of their own
/// ([`sys`](crate::sys), [`Descriptor`](crate::Descriptor)), which are not handled again. Memory of the program is read and written
/// through [`Call::memory`] only.
pub trait Handler: Sync + Sized + 'static {
    /// Whether [`signal`](Handler::signal) shall also see signals that end the process by default. The
    /// kernel then has a handler for them, which `/proc/self/status` shows.
    const REPORTS_DEATH: bool = false;

    /// What `-h` says of the handler: a line on what it does and a line for each option of its own, or
    /// nothing. The options of every interpreter come behind it.
    const HELP: &'static str = "";

    /// Makes the handler at the start of a process, from the options before the program's name.
    ///
    /// # Errors
    /// A [`Refusal`] ends the process before the program has begun, with a line and an exit status.
    fn start(options: &mut Options) -> Result<Self, Refusal>;

    /// Which calls [`before`](Handler::before) and [`after`](Handler::after) shall see; all others
    /// cost next to nothing. Asked once, before the program begins.
    fn interest(&self) -> Interest {
        Interest::all()
    }

    /// A call arrives: look at it, change its number and arguments, or answer it.
    fn before(&self, call: &mut Call) -> Next {
        let _ = call;
        Next::Forward
    }

    /// A call returns to the program with [`Call::result`], which may be changed. Answered calls
    /// come by, too. Calls that do not return (exit, a successful execve) do not.
    fn after(&self, call: &mut Call) {
        let _ = call;
    }

    /// A call that [`before`](Handler::before) has seen is given up for a signal: the program will
    /// make it again, as after ERESTARTSYS in the kernel.
    fn interrupted(&self, call: &Call) {
        let _ = call;
    }

    /// A call of execve(2) or its like, which [`before`](Handler::before) has seen, is about to replace
    /// the program: whatever could be checked has been. If it fails all the same, it returns like other
    /// calls.
    fn exec(&self, call: &Call) {
        let _ = call;
    }

    /// A signal is about to be delivered to the program or to end it.
    fn signal(&self, signal: &SignalEvent) {
        let _ = signal;
    }

    /// A thread has begun; nothing of it has run. The process's first one is included.
    fn thread_start(&self) {}

    /// A thread ends by its own exit(2) with this status.
    fn thread_exit(&self, status: i32) {
        let _ = status;
    }

    /// A process has begun by fork(2) or its like, in its only thread.
    fn process_start(&self, parent: i32) {
        let _ = parent;
    }

    /// The process ends by exit_group(2) with this status.
    fn process_exit(&self, status: i32) {
        let _ = status;
    }

    /// An image has been instrumented.
    fn image(&self, image: &ImageEvent) {
        let _ = image;
    }
}

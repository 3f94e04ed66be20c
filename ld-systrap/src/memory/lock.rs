//! The lock of the runtime: spins, lets others run meanwhile, and sleeps when that has not helped.
//!
//! A thread of real-time priority lets none of a lower one run while it spins (sched(7)), and one of those
//! may hold the lock on the same processor.
//!
//! Held for short stretches of Rust only, never across a call of the program, never in a signal
//! handler that interrupted the runtime. Fork takes those that must be whole in the child
//! ([`crate::process::spawn`]).
//!
//! A process that only shares our memory (clone(2), CLONE_VM without CLONE_THREAD) may be killed while it
//! holds one. So a lock says who holds it, and who has waited for long takes it from the dead. What
//! they had begun to change may be half done. The heap gives up the mapping in which somebody died; what is
//! left is the moment in which a vector that grows changes its place.
#![expect(unsafe_code, reason = "shares data between threads")]

use crate::process::threads;
use crate::sys::{process, time};
use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

/// How often a thread lets others run before it looks whether the lock's holder is alive, and sleeps.
const PATIENCE: u64 = 50;
/// For how long it sleeps then, each time: longer than a lock is held.
const SLEEP: Duration = Duration::from_micros(20);

/// A lock of the runtime.
#[derive(Debug)]
pub(crate) struct Lock<T> {
    /// Who holds it ([`threads::holder`]), or 0.
    holder: AtomicU64,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by who holds the lock only, one thread at a time.
unsafe impl<T: Send> Sync for Lock<T> {}

/// What is locked, for as long as it lives.
pub(crate) struct Guard<'a, T>(&'a Lock<T>);

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Lock<T> {
        Lock {
            holder: AtomicU64::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// Waits until nobody else holds the lock.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        let own = threads::holder();
        if !self.take_from(0, own) {
            self.wait(own);
        }
        Guard(self)
    }

    fn take_from(&self, from: u64, own: u64) -> bool {
        self.holder
            .compare_exchange(from, own, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    #[cold]
    fn wait(&self, own: u64) {
        for attempt in 1u64.. {
            let holder = self.holder.load(Ordering::Relaxed);
            if holder == 0 && self.take_from(0, own) {
                return;
            }
            if attempt < PATIENCE {
                process::yield_now();
                continue;
            }
            if holder != 0 && threads::is_gone(holder) && self.take_from(holder, own) {
                return;
            }
            time::sleep(SLEEP);
        }
    }

    /// Gives the lock back in spite of a guard.
    ///
    /// # Safety
    /// The guard was forgotten by this thread, or by the one that it is a copy of.
    pub(crate) unsafe fn force_unlock(&self) {
        self.holder.store(0, Ordering::Release);
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: this thread holds the lock.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed for as long.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.0.holder.store(0, Ordering::Release);
    }
}

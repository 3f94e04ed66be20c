//! Calls that have begun and not ended: the part of their lines that is written already.
//!
//! A slot belongs to the thread whose number it holds, and only that thread locks it: nobody waits
//! here, and what a fork copies of other threads' slots is never touched again. Only who ends a whole
//! process looks at all slots, and leaves out what is locked.

use crate::record::Line;
use core::sync::atomic::{AtomicI32, Ordering};
use core::time::Duration;
use ld_systrap::description::syscall::Pending;
use spin::Mutex;

/// How many calls may be in flight; for those beyond, the line is made when they return.
const SLOTS: usize = 1024;

/// A call under way.
#[derive(Default)]
pub(crate) struct Flight {
    /// The process that makes it.
    pub(crate) process: i32,
    /// When it began, if that is wanted.
    pub(crate) begun: Option<Duration>,
    /// What is written of its line.
    pub(crate) line: Line,
    /// What is to come.
    pub(crate) pending: Pending,
}

/// The calls that are under way, by thread.
pub(crate) struct Flights(alloc::boxed::Box<[Slot]>);

struct Slot {
    /// The thread that it belongs to; 0: nobody.
    thread: AtomicI32,
    flight: Mutex<Option<Flight>>,
}

impl Flights {
    pub(crate) fn new() -> Flights {
        let slot = |_| Slot {
            thread: AtomicI32::new(0),
            flight: Mutex::new(None),
        };
        Flights((0..SLOTS).map(slot).collect())
    }

    /// A call of `thread` begins: `fill` says what is known of it.
    pub(crate) fn depart(&self, thread: i32, fill: impl FnOnce(&mut Flight)) {
        let free = self.probe(thread).find(|slot| {
            let owner = slot.thread.load(Ordering::Relaxed);
            owner == thread
                || owner == 0
                    && slot
                        .thread
                        .compare_exchange(0, thread, Ordering::Acquire, Ordering::Relaxed)
                        .is_ok()
        });
        if let Some(mut flight) = free.and_then(|slot| slot.flight.try_lock()) {
            fill(flight.insert(Flight::default()));
        }
    }

    /// The call of `thread` is over; `None` when its beginning was not kept.
    pub(crate) fn arrive(&self, thread: i32) -> Option<Flight> {
        let own = |slot: &&Slot| slot.thread.load(Ordering::Relaxed) == thread;
        let slot = self.probe(thread).find(own)?;
        let flight = slot.flight.try_lock()?.take();
        slot.thread.store(0, Ordering::Release);
        flight
    }

    /// Takes each call of `process` that is under way, as none of them will return.
    pub(crate) fn ground(&self, process: i32) -> impl Iterator<Item = Flight> {
        self.0.iter().filter_map(move |slot| {
            if slot.thread.load(Ordering::Relaxed) == 0 {
                return None;
            }
            let mut flight = slot.flight.try_lock()?;
            flight.take_if(|flight| flight.process == process)
        })
    }

    /// The slots that `thread` may have, in the order in which they are tried.
    fn probe(&self, thread: i32) -> impl Iterator<Item = &Slot> {
        let first = thread.unsigned_abs() as usize % SLOTS;
        let (low, high) = self.0.split_at(first.min(self.0.len()));
        high.iter().chain(low).take(64)
    }
}

//! signalfd(2), for signals that are hidden from the kernel's masks: they are blocked for real, and lent to
//! the kernel, while a thread is in a call that may read them, or wait for them. There nothing traps.
#![expect(
    unsafe_code,
    reason = "declares a structure of the kernel's to be plain"
)]

use super::NEVER_BLOCKED;
use super::marks::as_sent;
use super::pending::{as_it_was, give};
use super::shared::{self, call_oneself, exchange_under, is_call_to_look};
use crate::gate::interest;
use crate::memory::copy;
use crate::process::calls::Conclusion;
use crate::process::thread::Thread;
use crate::sys::signal::{self as kernel, Info, bit};
use crate::sys::{Errno, file};
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_systrap_core::address::Fault;
use linux_raw_sys::general::*;

/// Those of [`NEVER_BLOCKED`] that some descriptor of the process may report.
static REPORTED: AtomicU64 = AtomicU64::new(0);

/// Calls that read from descriptors or wait for them, and may be without a mask of their own.
const CONCERNED: &[u32] = &[
    __NR_read,
    __NR_readv,
    __NR_poll,
    __NR_select,
    __NR_epoll_wait,
    __NR_ppoll,
    __NR_pselect6,
    __NR_epoll_pwait,
    __NR_epoll_pwait2,
];

/// Those of [`NEVER_BLOCKED`] that some descriptor of the process may report.
pub(crate) fn reported() -> u64 {
    REPORTED.load(Ordering::Relaxed)
}

/// Says that there is a descriptor that reports these.
pub(crate) fn report(set: u64) {
    let set = set & NEVER_BLOCKED;
    if set & !REPORTED.fetch_or(set, Ordering::Relaxed) != 0 {
        interest::must_see(CONCERNED);
    }
}

/// signalfd4(2), after.
pub(crate) fn after_create(thread: &mut Thread) {
    if let Ok(set) = copy::read_value::<u64>(thread.arguments[1]) {
        report(set);
    }
}

/// A call may read or wait, with `mask` for the program's mask until it is over. Gives what of that the
/// kernel shall know.
pub(super) fn lend_reported(thread: &mut Thread, mask: u64) -> u64 {
    let set = reported() & mask;
    if set == 0 || thread.deferred.is_some() {
        return 0; // or the call will not be made
    }
    let before = kernel::set_mask(u64::MAX);
    thread.scratch.lent.get_or_insert(before);
    exchange_under(thread, mask);
    while let Some(info) = thread.pending.take(!set) {
        let _ = give(thread, info);
    }
    call_oneself(thread, set); // what waits for the process, others may read, too
    set
}

/// A call of [`CONCERNED`], before.
pub(crate) fn before_read(thread: &mut Thread) {
    let set = lend_reported(thread, thread.hidden_mask);
    if set != 0 {
        let before = thread.scratch.lent.unwrap_or(0);
        kernel::set_mask(before & !NEVER_BLOCKED | set);
    }
}

/// The kernel's `struct signalfd_siginfo`, as far as it is filled in for signals that somebody sends.
#[repr(C)]
#[derive(Clone, Copy)]
struct Entry {
    number: u32,
    error: i32,
    code: i32,
    process: u32,
    user: u32,
    unused: [u32; 6],
    value: i32,
    pointer: u64,
    rest: [u64; 9],
}
// SAFETY: integers.
unsafe impl copy::Plain for Entry {}

const SIZE: u64 = size_of::<Entry>() as u64;

impl Entry {
    fn of(info: &Info) -> Entry {
        let words = &info.0;
        Entry {
            number: info.number(),
            error: 0,
            code: info.code(),
            process: words[2] as u32,
            user: (words[2] >> 32) as u32,
            unused: [0; 6],
            value: words[3] as i32,
            pointer: words[3],
            rest: [0; 9],
        }
    }
    fn info(&self) -> Info {
        let sender = u64::from(self.process) | u64::from(self.user) << 32;
        let mut info = Info::new(self.number, self.code, sender);
        info.0[3] = self.pointer;
        info
    }
}

/// Where a call has read to: read(2) to one place, readv(2) to some, whose borders entries may cross.
enum Buffer {
    Whole(u64),
    Parts { list: u64, count: u64 },
}

impl Buffer {
    fn of(thread: &Thread) -> Buffer {
        let [_, at, count, ..] = thread.arguments;
        if thread.number as u32 == __NR_readv {
            Buffer::Parts { list: at, count }
        } else {
            Buffer::Whole(at)
        }
    }
    fn read(&self, offset: u64) -> Result<Entry, Fault> {
        let mut bytes = [0; SIZE as usize];
        self.each_piece(offset, |at, piece| copy::read_bytes(at, &mut bytes[piece]))?;
        copy::read_value(bytes.as_ptr() as u64)
    }
    fn write(&self, offset: u64, entry: &Entry) -> Result<(), Fault> {
        let mut bytes = [0; SIZE as usize];
        copy::write_value(bytes.as_mut_ptr() as u64, entry)?;
        self.each_piece(offset, |at, piece| copy::write_bytes(at, &bytes[piece]))
    }
    /// Calls `act` with the place of each piece of the entry at `offset`, and which bytes of the entry it has.
    fn each_piece(
        &self,
        offset: u64,
        mut act: impl FnMut(u64, Range<usize>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (list, count) = match *self {
            Buffer::Whole(at) => return act(at + offset, 0..SIZE as usize),
            Buffer::Parts { list, count } => (list, count),
        };
        let (mut skipped, mut done) = (0, 0);
        for part in 0..count {
            let [at, length] = copy::read_value::<[u64; 2]>(list.wrapping_add(part * 16))?;
            let begin = (offset + done).saturating_sub(skipped).min(length);
            let piece = (length - begin).min(SIZE - done);
            if piece != 0 {
                act(
                    at.wrapping_add(begin),
                    done as usize..(done + piece) as usize,
                )?;
                done += piece;
            }
            if done == SIZE {
                return Ok(());
            }
            skipped += length;
        }
        Err(Fault) // somebody has changed the list
    }
}

/// Whether a descriptor reports signals. In doubt it does.
fn is_one(descriptor: i32) -> bool {
    let mut target = [0; 32];
    file::read_link(&file::link(descriptor), &mut target)
        .map_or(true, |target| target == b"anon_inode:[signalfd]")
}

/// read(2) and readv(2), after: another thread's call to look is no signal of the program's.
pub(crate) fn after_read(thread: &mut Thread) -> Result<Conclusion, Errno> {
    let read = thread.result;
    let may_be_entries = reported() != 0 && read != 0 && read.is_multiple_of(SIZE);
    if !may_be_entries || !is_one(thread.arguments[0] as i32) {
        return Ok(Conclusion::Over);
    }
    let buffer = Buffer::of(thread);
    let mut end = 0;
    for offset in (0..read).step_by(SIZE as usize) {
        let Ok(mut entry) = buffer.read(offset) else {
            return Ok(Conclusion::Over); // no longer there
        };
        let came = entry.info();
        let info = as_it_was(thread, came);
        if is_call_to_look(thread, &info) {
            match shared::take(thread, !bit(info.number())) {
                Some(info) => entry = Entry::of(&as_sent(info)),
                None => continue, // somebody else was faster
            }
        } else if info.0 != came.0 {
            entry = Entry::of(&as_sent(info));
        } else if end == offset {
            end += SIZE;
            continue; // as it is
        }
        buffer.write(end, &entry).map_err(|_| Errno::EFAULT)?;
        end += SIZE;
    }
    if end == 0 {
        return Ok(Conclusion::Again);
    }
    thread.result = end;
    Ok(Conclusion::Over)
}

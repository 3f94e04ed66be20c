//! mmap(2), mprotect(2) and their relatives: what becomes executable is instrumented before the call
//! returns, and memory of ours is not for the program to change.
#![expect(unsafe_code, reason = "unmaps what could not be instrumented")]
#![expect(non_upper_case_globals, reason = "the kernel's names of its calls")]

use crate::debugger;
use crate::gate;
use crate::guarded;
use crate::instrument;
use crate::memory::{copy, heap_first};
use crate::patched;
use crate::postponed;
use crate::process::filter;
use crate::process::identity::READ_IMPLIES_EXEC;
use crate::process::thread::Thread;
use crate::process::threads;
use crate::seal;
use crate::sys::memory::{self, EXECUTE, READ, WRITE};
use crate::sys::{Errno, file, mappings, process};
use crate::view::View;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use ld_systrap_core::address::{PAGE, first_within, pages};
use linux_raw_sys::general::*;

/// shmat(2), of linux/shm.h.
const SHM_REMAP: u64 = 0o40000;
const SHM_EXEC: u64 = 0o100000;

/// The first memory of ours in `range`.
fn first_of_ours(range: &Range<u64>) -> Option<Range<u64>> {
    let ours = [
        Some(pages(&gate::image())),
        heap_first(range),
        threads::first(range),
        patched::first(range),
        postponed::first(range),
    ];
    first_within(range, ours.into_iter().flatten())
}

/// Whether `range` meets memory of ours.
fn is_ours(range: &Range<u64>) -> bool {
    first_of_ours(range).is_some()
}

/// Refuses what would take our own memory away. `Some` is the program's answer.
pub(crate) fn before(thread: &mut Thread) -> Option<Result<u64, Errno>> {
    let [address, length, ..] = thread.arguments;
    let range = pages(&(address..address.saturating_add(length)));
    let fixed = thread.arguments[3] & u64::from(MAP_FIXED) != 0;
    match thread.number as u32 {
        __NR_munmap => postponed::disturbed(&range, true),
        __NR_mmap => postponed::disturbed(if fixed { &range } else { &(0..0) }, true),
        __NR_madvise if drops_pages(thread.arguments[2]) => dropped(&range),
        __NR_process_madvise if drops_pages(thread.arguments[3]) => {
            before_several(thread);
            return None;
        }
        __NR_brk | __NR_shmat | __NR_madvise | __NR_process_madvise => {}
        _ => {
            postponed::disturbed(&range, false);
            guarded::disturbed(&range);
        }
    }
    if thread.number as u32 == __NR_mremap {
        let [_, old, new, flags, ..] = thread.arguments;
        if flags & u64::from(MREMAP_DONTUNMAP) != 0 {
            dropped(&range);
        }
        if new > old && patched::is_code(&range) {
            seal::arm(); // more of the file is run
        }
    }
    let over = mapped_over(thread);
    postponed::disturbed(&over, true);
    match thread.number as u32 {
        __NR_mmap if !fixed => None,
        __NR_shmat if is_ours(&over) => Some(Err(Errno::ENOMEM)),
        __NR_mremap if is_ours(&over) => {
            thread.arguments[4] = nowhere(thread.arguments[4]);
            None
        }
        __NR_brk | __NR_shmat => None,
        // As if nothing were there. What the kernel refuses as a whole, it refuses.
        __NR_munmap if is_valid(address, length) && is_ours(&range) => Some(unmap_around(range)),
        __NR_munmap => None,
        __NR_mmap
        | __NR_mprotect
        | __NR_pkey_mprotect
        | __NR_mremap
        | __NR_mseal
        | __NR_madvise
        | __NR_remap_file_pages
            if is_ours(&range) =>
        {
            lead_nowhere(thread);
            None
        }
        _ => None,
    }
}

/// An address where the kernel finds nothing, and puts nothing, in the place of one where our memory lies. What else is
/// wrong with the call it says first.
fn nowhere(address: u64) -> u64 {
    copy::END | address & (PAGE - 1)
}

/// Has a call concern such a range instead of its own.
fn lead_nowhere(thread: &mut Thread) {
    let [address, length, ..] = thread.arguments;
    thread.arguments[0] = nowhere(address);
    // What does not wrap around must not from there, either.
    let whole = length.checked_next_multiple_of(PAGE);
    if whole.is_some_and(|length| address.checked_add(length).is_some()) {
        thread.arguments[1] = length.min(copy::END);
    }
}

/// Where mremap(2) or shmat(2) put something else than what is there, if they succeed.
fn mapped_over(thread: &Thread) -> Range<u64> {
    let [first, second, third, flags, to, _] = thread.arguments;
    let (start, length) = match thread.number as u32 {
        __NR_mremap if flags & u64::from(MREMAP_FIXED) != 0 => (to, third),
        // Under a filter of the program's, nobody may be asked.
        __NR_shmat if third & SHM_REMAP != 0 && filter::is_installed() => (second, PAGE),
        __NR_shmat if third & SHM_REMAP != 0 => (second, process::segment_size(first)),
        _ => (0, 0),
    };
    pages(&(start..start.saturating_add(length)))
}

/// Whether munmap(2) takes this place: whole pages, all of them the program's to map.
fn is_valid(address: u64, length: u64) -> bool {
    address.is_multiple_of(4096) && copy::in_reach(address, length)
}

/// Whether madvise(2) gives pages up that a program has written to. What has been guarded comes back.
fn drops_pages(advice: u64) -> bool {
    matches!(
        advice as u32,
        MADV_DONTNEED | MADV_DONTNEED_LOCKED | MADV_FREE | MADV_GUARD_INSTALL
    )
}

/// What the file has is about to come back in `range`, code without its patches; or where there is no file, nothing, and
/// then what userfaultfd(2) fills in.
fn dropped(range: &Range<u64>) {
    postponed::disturbed(range, false);
    if patched::is_plain(range) || !patched::sites(range).is_empty() {
        seal::arm();
    }
}

/// process_madvise(2), which may give up pages of this very process. The kernel gets a copy of the ranges that have
/// been looked at, up to the first of ours: as if nothing were there.
fn before_several(thread: &mut Thread) {
    const UIO_MAXIOV: u64 = 1024;
    let [_, vector, count, ..] = thread.arguments;
    if count > UIO_MAXIOV {
        return;
    }
    let mut ranges = Vec::new();
    for index in 0..count {
        let Ok(entry) = copy::read_value::<[u64; 2]>(vector.wrapping_add(index * 16)) else {
            thread.arguments[1] = copy::END; // cannot be read either
            return;
        };
        let range = pages(&(entry[0]..entry[0].saturating_add(entry[1])));
        if is_ours(&range) {
            break;
        }
        dropped(&range);
        ranges.push(entry);
    }
    if ranges.is_empty() && count > 0 {
        ranges.push([nowhere(0), PAGE]);
    }
    thread.arguments[1] = ranges.as_ptr() as u64;
    thread.arguments[2] = ranges.len() as u64;
    thread.scratch.ranges = ranges;
}

/// munmap(2) of all in `range` that is not ours.
fn unmap_around(range: Range<u64>) -> Result<u64, Errno> {
    let mut at = range.start;
    while at < range.end {
        let (end, next) = match first_of_ours(&(at..range.end)) {
            Some(ours) => (ours.start.max(at), ours.end),
            None => (range.end, range.end),
        };
        if at < end {
            forget(&(at..end));
            // SAFETY: the program's.
            unsafe { memory::unmap(at..end)? };
        }
        at = next;
    }
    Ok(0)
}

/// Whether memory mapped with `protection` can be run.
fn runs(protection: u64) -> bool {
    let implied = || process::personality() & READ_IMPLIES_EXEC != 0;
    protection & u64::from(EXECUTE) != 0
        || (protection & u64::from(READ) != 0 && implied_set() && implied())
}

/// Whether the personality has ever had READ_IMPLIES_EXEC; asking the kernel each time would be slow.
fn implied_set() -> bool {
    crate::process::identity::read_implies_execute()
}

/// Instruments what the call has made executable.
///
/// # Errors
/// What the program gets instead, with the mapping gone again.
pub(crate) fn after(thread: &mut Thread) -> Result<(), Errno> {
    let [address, length, third, flags, descriptor, offset] = thread.arguments;
    let range = pages(&(address..address.saturating_add(length)));
    match thread.number as u32 {
        __NR_munmap => forget(&range),
        __NR_mmap => {
            let range = pages(&(thread.result..thread.result + length));
            forget(&range);
            if runs(third)
                && let Err(error) = mapped(&range, third, flags, descriptor, offset)
            {
                // SAFETY: just mapped, for the program, which does not know of it yet.
                unsafe { memory::unmap(range)? };
                return Err(error);
            }
        }
        __NR_mprotect | __NR_pkey_mprotect if runs(third) => {
            protected(range, third, Errno::check(thread.result).is_ok());
        }
        // ld.so protects what it has relocated: an image is complete now.
        __NR_mprotect if third == u64::from(READ) => debugger::changed(),
        __NR_mremap => {
            forget(&mapped_over(thread));
            instrument::moved(&range, thread.result)?;
        }
        __NR_shmat => {
            forget(&mapped_over(thread));
            if third & SHM_EXEC != 0 || implied_set() {
                seal::arm();
            }
        }
        __NR_brk if implied_set() => seal::arm(),
        _ => {}
    }
    Ok(())
}

/// mprotect(2) was to make `range` executable.
fn protected(range: Range<u64>, protection: u64, done: bool) {
    const EXTENDED: u64 = (PROT_GROWSDOWN | PROT_GROWSUP) as u64;
    if protection & EXTENDED != 0 {
        seal::arm(); // it begins where the mapping does, which nobody says
    } else if done {
        instrument::unknown(range, protection as u32);
    } else if filter::is_installed() || mappings::may_be_executable(range.start) {
        seal::arm(); // so is what comes before where it failed; to look there would make a stack grow
    }
}

/// Nothing, or something else, is in `range` now.
fn forget(range: &Range<u64>) {
    postponed::forget(range);
    guarded::forget(range);
    patched::forget(range);
}

fn mapped(
    range: &Range<u64>,
    protection: u64,
    flags: u64,
    descriptor: u64,
    offset: u64,
) -> Result<(), Errno> {
    let protection = protection as u32 & (READ | WRITE | EXECUTE) | EXECUTE;
    if flags & u64::from(MAP_ANONYMOUS) != 0 {
        // Nothing is there yet, and to look would make it be there: what comes, comes behind our back
        // (userfaultfd(2)), or may be written at any time.
        seal::arm();
        return Ok(());
    }
    let is_private = flags & u64::from(MAP_TYPE) == u64::from(MAP_PRIVATE);
    if !is_private || file::is_writable(descriptor as i32) {
        // Never written through, and whoever can write the file can change it; also what is mapped privately,
        // as long as nobody writes there.
        seal::arm();
        return Ok(());
    }
    let descriptor = descriptor as i32;
    let status = file::status(descriptor)?;
    if file::has_huge_pages(descriptor, &status) {
        seal::arm();
        return Ok(());
    }
    match View::with_status(descriptor, &status) {
        Ok(view) => postponed::mapped(range.clone(), protection, &Arc::new(view), offset),
        Err(_) => {
            instrument::unknown(range.clone(), protection);
            Ok(())
        }
    }
}

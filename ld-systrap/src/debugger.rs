//! What debuggers look for: lists of images, `struct r_debug` of <link.h>.
//!
//! ld.so lists what it has loaded, and a debugger finds that list through the entry DT_DEBUG of the
//! program's dynamic table. Two images are missing in it: ours, and for a debugger that takes
//! /proc/PID/exe for the program, the program. So, once ld.so has filled DT_DEBUG in, [`look`] puts one
//! of ours before it, which is the same but for a further list (`r_next`, since version 2):
//!
//! ```text
//!  DT_DEBUG ──► FIRST: what ld.so's has ──r_next──► OTHERS: the program (as a command only), ourselves
//!  gdb, having started us: symbol _r_debug: the program ──r_next──► ld.so's
//! ```
//!
//! At the ends of OTHERS and of the program's list are the files that tell of trampolines ([`Library`]).
//!
//! The debugger stops the program in [`changed`] to look again. Nothing else costs anything: the lists
//! are written whether or not somebody reads them, and never read here.
#![expect(unsafe_code, reason = "symbols that debuggers know")]

use crate::gate;
use crate::memory::copy;
use crate::sys::memory::{self, READ, WRITE};
use alloc::boxed::Box;
use alloc::ffi::CString;
use core::arch::naked_asm;
use core::ffi::CStr;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_systrap_core::address::pages;

/// `struct link_map`, its public part.
#[repr(C)]
struct Entry {
    address: AtomicU64,
    name: AtomicU64,
    dynamic: AtomicU64,
    next: AtomicU64,
    previous: AtomicU64,
}

/// `struct r_debug`, and `r_next` of `struct r_debug_extended`.
#[repr(C)]
struct List {
    version: AtomicU64,
    first: AtomicU64,
    /// Where debuggers set a breakpoint.
    stop: AtomicU64,
    state: AtomicU64,
    ld_so: AtomicU64,
    next: AtomicU64,
}

impl Entry {
    const fn new() -> Entry {
        Entry {
            address: AtomicU64::new(0),
            name: AtomicU64::new(0),
            dynamic: AtomicU64::new(0),
            next: AtomicU64::new(0),
            previous: AtomicU64::new(0),
        }
    }

    fn set(&self, bias: u64, name: &CStr, dynamic: u64) {
        self.address.store(bias, Ordering::Relaxed);
        self.name.store(name.as_ptr() as u64, Ordering::Relaxed);
        self.dynamic.store(dynamic, Ordering::Relaxed);
    }

    /// Makes `next` follow.
    fn lead_to(&self, next: &Entry) {
        next.previous.store(address_of(self), Ordering::Relaxed);
        self.next.store(address_of(next), Ordering::Relaxed);
    }
}

impl List {
    const fn new() -> List {
        List {
            version: AtomicU64::new(0),
            first: AtomicU64::new(0),
            stop: AtomicU64::new(0),
            state: AtomicU64::new(0),
            ld_so: AtomicU64::new(0),
            next: AtomicU64::new(0),
        }
    }

    fn begin(&self, first: u64) {
        self.version.store(2, Ordering::Relaxed);
        self.first.store(first, Ordering::Relaxed);
        self.stop
            .store(changed as *const () as u64, Ordering::Relaxed);
    }
}

/// An image, for a list.
pub(crate) struct Listed {
    /// What is to be added to addresses in its file.
    pub(crate) bias: u64,
    /// Its path.
    pub(crate) name: &'static CStr,
    /// Where its dynamic table is, or 0.
    pub(crate) dynamic: u64,
}

static FIRST: List = List::new();
static OTHERS: List = List::new();
/// gdb looks for this symbol in a program that has no DT_DEBUG, as ours (linker.ld).
#[unsafe(export_name = "_r_debug")]
static BY_SYMBOL: List = List::new();

static PROGRAM: Entry = Entry::new();
static OURSELVES: Entry = Entry::new();
/// The program, in the list that does not have us.
static PROGRAM_ALONE: Entry = Entry::new();

/// Where the value of DT_DEBUG is that ld.so will fill in; 0 when there is none, or when it was.
static SLOT: AtomicU64 = AtomicU64::new(0);
/// Where ld.so is, and its path, if PT_INTERP has taught it ours.
static LD_SO: AtomicU64 = AtomicU64::new(0);
static LD_SO_NAME: AtomicU64 = AtomicU64::new(0);

/// Debuggers set a breakpoint here, by this name.
#[unsafe(export_name = "_dl_debug_state")]
#[unsafe(naked)]
pub(crate) extern "C" fn changed() {
    naked_asm!(".cfi_startproc", "ret", ".cfi_endproc")
}

fn address_of<T>(it: &T) -> u64 {
    core::ptr::from_ref(it) as u64
}

/// A file that describes memory of ours, on both lists from [`Library::list`] on as long as it lives.
pub(crate) struct Library {
    entries: Box<[Entry; 2]>,
    #[expect(dead_code, reason = "the entries refer to it")]
    name: CString,
}

impl Library {
    /// The file at the path `name`, whose address 0 is at `bias`.
    pub(crate) fn new(bias: u64, name: CString) -> Library {
        let entries = Box::new([Entry::new(), Entry::new()]);
        for entry in entries.iter() {
            entry.set(bias, &name, 0);
        }
        Library { entries, name }
    }

    /// Puts it on the lists. One lock guards this, and the end of each library.
    pub(crate) fn list(&self) {
        for (entry, first) in self.entries.iter().zip([&OURSELVES, &PROGRAM_ALONE]) {
            // SAFETY: what is on a list lives.
            if let Some(next) = unsafe { entry_at(&first.next) } {
                entry.lead_to(next);
            }
            first.lead_to(entry);
        }
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        for entry in self.entries.iter() {
            // SAFETY: what is on a list lives.
            let (previous, next) = unsafe { (entry_at(&entry.previous), entry_at(&entry.next)) };
            match (previous, next) {
                (Some(previous), Some(next)) => previous.lead_to(next),
                (Some(previous), None) => previous.next.store(0, Ordering::Relaxed),
                _ => {} // it never was
            }
        }
    }
}

/// The entry that a link leads to.
///
/// # Safety
/// It lives.
unsafe fn entry_at<'a>(link: &AtomicU64) -> Option<&'a Entry> {
    // SAFETY: the caller answers for it.
    unsafe { (link.load(Ordering::Relaxed) as *const Entry).as_ref() }
}

/// Makes the lists. `program` is for debuggers that take us for it; `slot` is where the value of the
/// program's DT_DEBUG is, if it has one.
pub(crate) fn begin(program: Option<&Listed>, slot: Option<u64>, own_path: &'static CStr) {
    OURSELVES.set(gate::image().start, own_path, 0);
    OTHERS.begin(address_of(&OURSELVES));
    if let Some(program) = program {
        for entry in [&PROGRAM, &PROGRAM_ALONE] {
            entry.set(program.bias, program.name, program.dynamic);
        }
        PROGRAM.lead_to(&OURSELVES);
        OTHERS.first.store(address_of(&PROGRAM), Ordering::Relaxed);
        BY_SYMBOL.begin(address_of(&PROGRAM_ALONE));
    }
    SLOT.store(slot.unwrap_or(0), Ordering::Relaxed);
    changed();
}

/// Says that ld.so, at `bias`, is to be told its own path, as PT_INTERP has ours.
pub(crate) fn name_ld_so(bias: u64, path: CString) {
    LD_SO.store(bias, Ordering::Relaxed);
    LD_SO_NAME.store(path.into_raw() as u64, Ordering::Relaxed);
}

/// After a call that ld.so makes at its start: looks whether it has a list by now.
pub(crate) fn look() {
    let slot = SLOT.load(Ordering::Relaxed);
    if slot != 0
        && let Some(list) = of_ld_so(slot)
    {
        SLOT.store(0, Ordering::Relaxed);
        insert(slot, list);
        changed();
    }
}

/// Where ld.so's list is, and what is in it, once it has a first entry.
fn of_ld_so(slot: u64) -> Option<(u64, [u64; 5])> {
    let at = copy::read_value::<u64>(slot).ok().filter(|at| *at != 0)?;
    let words = copy::read_value::<[u64; 5]>(at).ok()?;
    (words[1] != 0).then_some((at, words))
}

fn insert(slot: u64, (at, words): (u64, [u64; 5])) {
    let [_, first, _, _, ld_so] = words;
    FIRST.begin(first); // and consistent, as ld.so's will be when the program can look
    FIRST.ld_so.store(ld_so, Ordering::Relaxed);
    FIRST.next.store(address_of(&OTHERS), Ordering::Relaxed);
    BY_SYMBOL.next.store(at, Ordering::Relaxed);
    tell_ld_so_its_name(first);
    let new = address_of(&FIRST);
    if copy::write_value(slot, &new).is_err() {
        // musl's has protected the table before it has a list.
        let page = pages(&(slot..slot + 8));
        // SAFETY: the program's data, which nobody else changes the protection of at its start.
        unsafe {
            if memory::protect(page.clone(), READ | WRITE).is_ok() {
                let _ = copy::write_value(slot, &new);
                let _ = memory::protect(page, READ);
            }
        }
    }
}

/// Gives ld.so's own entry the name that it would have, instead of ours.
fn tell_ld_so_its_name(first: u64) {
    const NAME: u64 = 8;
    let (bias, name) = (
        LD_SO.load(Ordering::Relaxed),
        LD_SO_NAME.load(Ordering::Relaxed),
    );
    let mut entry = first;
    while name != 0
        && entry != 0
        && let Ok([address, _, _, next, _]) = copy::read_value::<[u64; 5]>(entry)
    {
        if address == bias {
            let _ = copy::write_value(entry + NAME, &name);
            return;
        }
        entry = next;
    }
}

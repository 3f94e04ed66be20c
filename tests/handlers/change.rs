//! A handler that changes what programs see: for the test of what a handler may do.
//!
//! - getppid is answered without being made;
//! - call 500 is made as getpid: another number;
//! - call 501 (descriptor, …) is made as dup of descriptor 1: another number and argument;
//! - of call 504 every argument is changed before it is answered with them as they were, and afterwards;
//! - getuid's result is raised by 1000;
//! - uname's node name is written over in the program's memory;
//! - openat of a path that ends in "forbidden" gives EACCES;
//! - for call 502 the handler makes a directory, and call 503 is answered with how many calls of mkdir the
//!   handler has seen.
#![no_std]
#![no_main]
#![expect(unsafe_code, reason = "makes a call of its own")]

extern crate alloc;

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_systrap::{
    Address, Call, Errno, Handler, Memory, Next, Options, ProgramMemory, Refusal, sys,
};

#[derive(Default)]
struct Change {
    directories: AtomicU64,
}

/// mkdir, in the x86-64 table.
const MKDIR: u64 = 83;

/// How far the node name is into `struct utsname`.
const NODE_NAME: u64 = 65;

impl Handler for Change {
    fn start(_: &mut Options) -> Result<Self, Refusal> {
        Ok(Change::default())
    }

    fn before(&self, call: &mut Call) -> Next {
        match (call.name(), call.number) {
            (Some("getppid"), _) => return Next::Answer(12345),
            (_, 500) => call.number = 39,
            (_, 501) => {
                call.number = 32;
                call.arguments[0] = 1;
            }
            (_, 504) => {
                let given = call.arguments.iter().sum();
                *call.arguments = [1; 6];
                return Next::Answer(given);
            }
            (Some("mkdir"), _) => {
                self.directories.fetch_add(1, Ordering::Relaxed);
            }
            (_, 502) => {
                let path = c"made by the handler".as_ptr() as u64;
                // SAFETY: a C string, which the kernel reads; no memory changes.
                let made = unsafe { sys::call(MKDIR, [path, 0o755, 0, 0, 0, 0]) };
                return Next::Answer(made.unwrap_or_else(Errno::returned));
            }
            (_, 503) => return Next::Answer(self.directories.load(Ordering::Relaxed)),
            (Some("openat"), _) if ends_in_forbidden(call.memory(), call.arguments[1]) => {
                return Next::Answer(Errno::EACCES.returned());
            }
            _ => {}
        }
        Next::Forward
    }

    fn after(&self, call: &mut Call) {
        match call.name() {
            Some("getuid") => call.result += 1000,
            None if call.number == 504 => call.arguments[5] += call.arguments[0],
            Some("uname") => {
                // A bad pointer is the program's error, which the kernel has told it already.
                let place = Address(call.arguments[0].wrapping_add(NODE_NAME));
                let _ = call.memory().write(place, b"elsewhere\0");
            }
            _ => {}
        }
    }
}

/// Reads a path byte by byte, as far as it can be read.
fn ends_in_forbidden(memory: &ProgramMemory, path: u64) -> bool {
    let mut text = Vec::new();
    let mut byte = [0];
    while memory
        .read(Address(path + text.len() as u64), &mut byte)
        .is_ok()
        && byte != [0]
    {
        text.push(byte[0]);
    }
    text.ends_with(b"forbidden")
}

ld_systrap::interpreter!(Change);

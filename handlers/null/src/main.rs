//! The floor for benchmarks: sees every call before and after, and does nothing.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use ld_systrap::{Handler, Options, Refusal};

struct Null;

impl Handler for Null {
    fn start(options: &mut Options) -> Result<Self, Refusal> {
        match options.next_option()? {
            None => Ok(Null),
            Some(option) => Err(Options::unknown(option)),
        }
    }
}

ld_systrap::interpreter!(Null);

//! The floor for benchmarks: sees every call before and after, and does nothing.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use ld_systrap::{Handler, Options, Refusal};

struct Null;

impl Handler for Null {
    const HELP: &'static str = "Runs PROGRAM and does nothing to its system calls.\n\n";

    fn start(_: &mut Options) -> Result<Self, Refusal> {
        Ok(Null)
    }
}

ld_systrap::interpreter!(Null);

//! A handler that no call interests: what all calls cost that a handler does not ask for.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use ld_systrap::{Handler, Interest, Options, Refusal};

struct Uninterested;

impl Handler for Uninterested {
    fn start(_: &mut Options) -> Result<Self, Refusal> {
        Ok(Uninterested)
    }

    fn interest(&self) -> Interest {
        Interest::none()
    }
}

ld_systrap::interpreter!(Uninterested);

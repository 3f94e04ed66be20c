//! An example: programs that cannot reach the network. Sockets within the machine go on working.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use ld_systrap::{Call, Errno, Handler, Next, Options, Refusal};

struct DenyNetwork;

/// `AF_UNIX`, socket(2).
const WITHIN_THE_MACHINE: u64 = 1;

impl Handler for DenyNetwork {
    const HELP: &'static str = "Runs PROGRAM without the network.\n\n";

    fn start(_: &mut Options) -> Result<Self, Refusal> {
        Ok(DenyNetwork)
    }

    fn before(&self, call: &mut Call) -> Next {
        match call.name() {
            Some("socket") if call.arguments[0] == WITHIN_THE_MACHINE => Next::Forward,
            // A ring could make sockets; so can socketcall, which only `int 0x80` reaches.
            Some("socket" | "io_uring_setup" | "socketcall") => {
                Next::Answer(Errno::EACCES.returned())
            }
            _ => Next::Forward,
        }
    }
}

ld_systrap::interpreter!(DenyNetwork);

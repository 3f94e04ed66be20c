//! A freestanding runtime that leads every system call of a process to a [`Handler`].
//!
//! A binary crate says what shall happen to the calls and becomes an ELF interpreter:
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//! #![forbid(unsafe_code)]
//! use ld_systrap::{Call, Handler, Next, Options, Refusal};
//!
//! struct NoNetwork;
//!
//! impl Handler for NoNetwork {
//!     fn start(_: &mut Options) -> Result<Self, Refusal> {
//!         Ok(NoNetwork)
//!     }
//!     fn before(&self, call: &mut Call) -> Next {
//!         if call.name() == Some("socket") {
//!             return Next::Answer(ld_systrap::Errno::EACCES.returned());
//!         }
//!         Next::Forward
//!     }
//! }
//!
//! ld_systrap::interpreter!(NoNetwork);
//! ```
//!
//! The modules, in the order in which a process meets them: [`mod@start`] (relocated, on the kernel's
//! stack), `options`, `load` (the program and its ld.so), `postponed` and `instrument` (their system
//! calls), `gate`
//! (a call arrives), `dispatch` (it is Rust now: the handler, then `process` for what concerns the
//! runtime), `trap` (the slow way into the gate), `seal` (the kernel's net below it all).
#![no_std]

extern crate alloc;

mod apply;
mod audit;
mod auxiliary;
mod call;
mod debugger;
mod dispatch;
mod freestanding;
mod gate;
mod guarded;
mod handler;
mod instrument;
mod kept;
mod legacy;
mod load;
mod memory;
mod options;
mod pairs;
mod patched;
mod postponed;
mod process;
mod report;
mod seal;
pub mod start;
pub mod sys;
mod trap;
mod view;

pub use call::{Abi, Arguments, Call};
pub use handler::{Handler, ImageEvent, Interest, Next, SignalEvent};
pub use ld_systrap_core as description;
pub use ld_systrap_core::address::{Address, Fault, Memory};
pub use memory::copy::ProgramMemory;
pub use options::{Options, Refusal};
pub use process::descriptor::Descriptor;
pub use sys::Errno;

/// Makes a binary crate an interpreter that leads every system call to `$handler`, a [`Handler`].
///
/// The crate is `#![no_std]` and `#![no_main]` and names `handlers/build.rs` as its build script.
#[macro_export]
macro_rules! interpreter {
    ($handler:ty) => {
        /// The first instruction: see `ld_systrap::start`.
        #[unsafe(no_mangle)]
        extern "C" fn ld_systrap_main(stack: *mut u64) -> ! {
            $crate::start::run::<$handler>(stack)
        }
    };
}

//! What ld-systrap decides, without doing it: bytes and addresses in, a plan out.
//!
//! Knows nothing of the process it runs in: no system calls, no pointers, no globals. All of it is
//! safe code and is tested and fuzzed on the host.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod address;
pub mod audit;
pub mod frames;
pub mod image;
pub mod patch;
pub mod proc;
pub mod script;
pub mod site;
pub mod stack;
pub mod syscall;
pub mod table;

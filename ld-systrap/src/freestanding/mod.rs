//! What a binary without libc owes the compiler.

pub(crate) mod memory;
mod panic;

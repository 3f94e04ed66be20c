//! System calls of our own, typed. They are not handled: they leave through [`raw`] alone.

pub mod errno;
pub(crate) mod file;
pub(crate) mod memory;
pub mod process;
pub(crate) mod quiet;
pub(crate) mod raw;
pub(crate) mod signal;
pub mod time;

pub use errno::Errno;

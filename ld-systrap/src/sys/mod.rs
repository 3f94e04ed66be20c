//! System calls of our own. They are not handled: they leave through `raw` alone.
#![expect(unsafe_code, reason = "a system call can do anything to the process")]

pub mod errno;
pub(crate) mod file;
pub(crate) mod mappings;
pub(crate) mod memory;
pub mod process;
pub(crate) mod quiet;
pub(crate) mod raw;
pub(crate) mod signal;
pub mod time;

pub use errno::Errno;

/// Makes a system call for a handler, by its number in the x86-64 table, with up to six arguments; gives
/// what it returns. No handler sees it. Errors such as EINTR are the caller's to deal with.
///
/// # Errors
/// Those of the call.
///
/// # Safety
/// What the call does to memory, descriptors, signals and threads is the caller's to answer for. Above
/// all it must make no thread or process, execute nothing, change no signal's action, mask or stack, and
/// leave memory alone that is not the handler's own.
pub unsafe fn call(number: u64, arguments: [u64; 6]) -> Result<u64, Errno> {
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: the caller answers for it.
    unsafe { raw::call!(number, a, b, c, d, e, f) }
}

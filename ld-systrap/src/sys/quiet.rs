//! Writes of our own that raise no signal in the program: SIGPIPE, where the reader has gone, and
//! SIGXFSZ, where RLIMIT_FSIZE is reached, would be the program's, which wrote nothing.

use super::{Errno, file, process, signal};
use core::sync::atomic::{AtomicBool, Ordering};
use linux_raw_sys::general::{RLIMIT_FSIZE, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK, SIGPIPE, SIGXFSZ};

/// Whether the program has set a limit to the size of files.
static LIMITED: AtomicBool = AtomicBool::new(false);

/// The program sets a limit to what `resource` says (setrlimit(2), prlimit(2)).
pub(crate) fn note_limit(resource: u64) {
    if resource as u32 == RLIMIT_FSIZE {
        LIMITED.store(true, Ordering::Relaxed);
    }
}

/// Whether writing to something may raise a signal, which makes a write cost more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Raises {
    /// Never.
    Nothing,
    /// Once the program has limited the size of files.
    WhenLimited,
    /// At any time.
    Always,
}

impl Raises {
    /// What `descriptor` may do.
    pub(crate) fn of(descriptor: i32) -> Raises {
        match file::status(descriptor).map(|status| status.st_mode & S_IFMT) {
            Ok(S_IFIFO | S_IFSOCK) => Raises::Always,
            Ok(S_IFREG) if process::file_size_is_limited() => Raises::Always,
            Ok(S_IFREG) => Raises::WhenLimited,
            _ => Raises::Nothing,
        }
    }
}

/// Writes all of `bytes`.
pub(crate) fn write_all(descriptor: i32, raises: Raises, bytes: &[u8]) -> Result<(), Errno> {
    match raises {
        Raises::Always => {}
        Raises::WhenLimited if LIMITED.load(Ordering::Relaxed) => {}
        _ => return file::write_all(descriptor, bytes),
    }
    // All signals, as a handler of ours for any other could change the mask.
    let mask = signal::set_mask(u64::MAX);
    let raised = signal::bit(SIGPIPE) | signal::bit(SIGXFSZ);
    // Signals do not queue: one that waited before is the program's, whatever becomes of the write.
    let own = match mask & raised {
        0 => raised,
        _ => raised & !signal::pending(),
    };
    let written = file::write_all(descriptor, bytes);
    let raised = match written {
        Err(Errno::EPIPE) => own & signal::bit(SIGPIPE),
        Err(Errno::EFBIG) => own & signal::bit(SIGXFSZ),
        _ => 0,
    };
    if raised != 0 {
        signal::discard(raised);
    }
    signal::set_mask(mask);
    written
}

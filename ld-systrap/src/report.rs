//! One line of ours to standard error, whole.

use core::fmt::{self, Write};

/// Text in a fixed buffer; what does not fit is cut off.
pub(crate) struct Line<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Line<N> {
    pub(crate) const fn new() -> Self {
        Line {
            bytes: [0; N],
            length: 0,
        }
    }
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl<const N: usize> fmt::Write for Line<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let n = text.len().min(N - self.length);
        self.bytes[self.length..self.length + n].copy_from_slice(&text.as_bytes()[..n]);
        self.length += n;
        Ok(())
    }
}

/// Writes `ld-systrap: …` and a newline to standard error in one piece.
pub(crate) fn line(message: fmt::Arguments<'_>) {
    let mut line = Line::<1024>::new();
    let _ = write!(line, "ld-systrap: {message}");
    if line.length == line.bytes.len() {
        line.length -= 1;
    }
    let _ = line.write_str("\n");
    // A closed standard error leaves nowhere to complain to.
    let _ = crate::sys::file::write_all(2, line.bytes());
}

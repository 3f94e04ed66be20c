//! `ld-systrap --audit FILE|PROGRAM…`: what would be done to an image, without doing it.

use crate::auxiliary::Given;
use crate::load::{self, View};
use crate::options::Refusal;
use crate::sys::file;
use core::ffi::CStr;
use core::fmt::{self, Write};
use ld_systrap_core::audit;

/// Standard output, a block at a time.
struct Output {
    block: alloc::vec::Vec<u8>,
}

impl Output {
    fn flush(&mut self) -> fmt::Result {
        let written = file::write_all(1, &self.block);
        self.block.clear();
        written.map_err(|_| fmt::Error)
    }
}

impl Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.block.extend_from_slice(text.as_bytes());
        if self.block.len() >= 1 << 16 {
            self.flush()
        } else {
            Ok(())
        }
    }
}

/// Reports on every image that is named.
pub(crate) fn run(names: &[&'static CStr], given: Given) -> Result<(), Refusal> {
    if names.is_empty() {
        return Err(Refusal::error(
            127,
            format_args!("--audit requires the name of an image"),
        ));
    }
    for name in names {
        let shown = name.to_string_lossy();
        let path = crate::start::find(name, given)?;
        let descriptor = load::open(&path)?;
        let view = View::of(descriptor)
            .map_err(|error| Refusal::error(126, format_args!("{shown}: {error}")))?;
        let image = load::parse(&view, &shown)?;
        let mut output = Output {
            block: alloc::vec::Vec::new(),
        };
        let _ = writeln!(output, "{}:", path.to_string_lossy());
        // A reader that has gone away needs no report.
        let _ = audit::report(&image, &mut output).and_then(|()| output.flush());
        file::close(descriptor);
    }
    Ok(())
}

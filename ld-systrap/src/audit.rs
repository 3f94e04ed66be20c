//! `ld-systrap --audit FILE|PROGRAM…`: what would be done to an image, without doing it.

use crate::auxiliary::Given;
use crate::load;
use crate::options::Refusal;
use crate::sys::file;
use crate::view::View;
use alloc::vec::Vec;
use core::ffi::CStr;
use core::fmt::{self, Write};
use ld_systrap_core::audit::{self, Totals};

/// Standard output, a block at a time.
struct Output {
    block: Vec<u8>,
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

/// Reports on every image that is named; where there are several, adds totals of all of them. One that
/// cannot be read has a line on standard error, and the others are reported all the same.
///
/// # Errors
/// The last of the images that could not be reported.
pub(crate) fn run(names: &[&'static CStr], given: Given) -> Result<(), Refusal> {
    if names.is_empty() {
        return Err(Refusal::error(
            127,
            format_args!("--audit requires the name of an image"),
        ));
    }
    let mut output = Output { block: Vec::new() };
    let (mut all, mut count, mut failed) = (Totals::default(), 0, None);
    for name in names {
        match report(name, given, &mut output) {
            Ok(totals) => {
                all += totals;
                count += 1;
            }
            Err(refusal) => {
                if let Some(previous) = failed.replace(refusal) {
                    previous.say();
                }
            }
        }
    }
    if count > 1 {
        let _ = writeln!(output, "{count} images: {all}");
    }
    // A reader that has gone away needs no report.
    let _ = output.flush();
    failed.map_or(Ok(()), Err)
}

/// Reports on one image.
fn report(name: &'static CStr, given: Given, output: &mut Output) -> Result<Totals, Refusal> {
    let shown = name.to_string_lossy();
    let path = crate::start::find(name, given)?;
    let descriptor = load::open(&path)?;
    let view = View::of(descriptor);
    file::close(descriptor);
    let view = view.map_err(|error| Refusal::error(126, format_args!("{shown}: {error}")))?;
    let image = load::parse(&view, &shown)?;
    let _ = writeln!(output, "{}:", path.to_string_lossy());
    Ok(audit::report(&image, output).unwrap_or_default())
}

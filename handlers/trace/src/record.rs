//! Where lines go: whole, one after the other, to a file or to standard error as it was at the start.

use crate::command_line::{CommandLine, Naming, no_output};
use alloc::string::String;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicBool, Ordering};
use ld_systrap::sys::time::since_1970;
use ld_systrap::{Descriptor, Refusal};

/// What the descriptor is kept as across exec.
const NAME: &str = "log";

/// The record of a process.
pub(crate) struct Record {
    /// `None` when there was nothing to write to from the beginning.
    descriptor: Option<Descriptor>,
    /// Which lines say which thread they are of.
    naming: Naming,
    /// Whether lines begin with the time.
    shows_time: bool,
    /// Whether this image was begun by an exec of the program.
    follows_exec: bool,
    /// Whether lines say which thread they are of.
    several: AtomicBool,
    /// Whether the first thread has begun.
    begun: AtomicBool,
}

/// A line under way.
#[derive(Default)]
pub(crate) struct Line(String);

impl Line {
    /// How many bytes it has so far.
    pub(crate) fn length(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        Ok(())
    }
}

impl Record {
    /// Opens what the command line names, unless the process before an exec did so.
    pub(crate) fn open(asked: &CommandLine) -> Result<Record, Refusal> {
        let inherited = Descriptor::inherited(NAME);
        let descriptor = match (inherited, &asked.output) {
            (Some(descriptor), _) => Some(descriptor),
            (None, Some(path)) => {
                Some(Descriptor::create(NAME, path).map_err(|error| no_output(path, error))?)
            }
            // A program may well be started without standard error.
            (None, None) => Descriptor::keep(NAME, 2).ok(),
        };
        let follows_exec = inherited.is_some();
        Ok(Record {
            descriptor,
            naming: asked.naming,
            shows_time: asked.shows_time,
            follows_exec,
            several: AtomicBool::new(follows_exec),
            begun: AtomicBool::new(false),
        })
    }

    /// Whether this image was begun by an exec of the program.
    pub(crate) fn follows_exec(&self) -> bool {
        self.follows_exec
    }

    /// One more thread has begun.
    pub(crate) fn add_task(&self) {
        if self.begun.swap(true, Ordering::Relaxed) {
            self.set_several();
        }
    }

    /// From now on lines say which thread they are of.
    pub(crate) fn set_several(&self) {
        self.several.store(true, Ordering::Relaxed);
    }

    /// A new line of `thread`, with what comes before the call.
    pub(crate) fn line(&self, thread: i32) -> Line {
        let mut line = Line(String::with_capacity(160));
        if self.naming == Naming::OfAll {
            let _ = write!(line, "{thread:<5} ");
        } else if self.several.load(Ordering::Relaxed) {
            let _ = write!(line, "[pid {thread:5}] ");
        }
        if self.shows_time {
            let now = since_1970();
            let _ = write!(line, "{}.{:06} ", now.as_secs(), now.subsec_micros());
        }
        line
    }

    /// Writes a line and its end in one piece.
    pub(crate) fn write(&self, mut line: Line) {
        line.0.push('\n');
        if let Some(descriptor) = self.descriptor {
            // A full disk or a reader that has gone is not the program's concern.
            let _ = descriptor.write_all(line.0.as_bytes());
        }
    }
}

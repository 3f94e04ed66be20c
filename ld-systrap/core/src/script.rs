//! `#!` lines, as the kernel's `load_script` (fs/binfmt_script.c) reads them.

/// How much of a file the kernel looks at: `BINPRM_BUF_SIZE`.
pub const LONGEST: usize = 256;

/// What the start of a file says about an interpreter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Script<'a> {
    /// It is not a script.
    None,
    /// It begins with `#!`, but the kernel would not run it: `ENOEXEC`.
    Invalid,
    /// To be run by `interpreter`, with one argument before the script's own name.
    Found {
        /// The path of the interpreter.
        interpreter: &'a [u8],
        /// All the rest of the line.
        argument: Option<&'a [u8]>,
    },
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Reads the `#!` line at the start of a file, of which at most [`LONGEST`] bytes are given.
#[must_use]
pub fn parse(start: &[u8]) -> Script<'_> {
    let Some(rest) = start.strip_prefix(b"#!") else {
        return Script::None;
    };
    // The kernel's buffer is full of zeros behind the file's end: they end the line, too.
    let ended = rest.iter().position(|&byte| byte == b'\n' || byte == 0);
    let line = &rest[..ended.unwrap_or(rest.len())];
    let whole = ended.is_some() || start.len() < LONGEST;
    let line = line.trim_ascii_start_blanks();
    let name_end = line
        .iter()
        .position(|&byte| is_blank(byte))
        .unwrap_or(line.len());
    if name_end == 0 || (!whole && name_end == line.len()) {
        return Script::Invalid; // no name, or one that may be cut off
    }
    let (interpreter, rest) = line.split_at(name_end);
    let argument = rest.trim_ascii_start_blanks().trim_ascii_end_blanks();
    Script::Found {
        interpreter,
        argument: (!argument.is_empty()).then_some(argument),
    }
}

/// Trimming of spaces and tabs, and of nothing else.
trait Blanks {
    fn trim_ascii_start_blanks(&self) -> &Self;
    fn trim_ascii_end_blanks(&self) -> &Self;
}

impl Blanks for [u8] {
    fn trim_ascii_start_blanks(&self) -> &[u8] {
        let start = self
            .iter()
            .position(|&byte| !is_blank(byte))
            .unwrap_or(self.len());
        &self[start..]
    }
    fn trim_ascii_end_blanks(&self) -> &[u8] {
        let end = self
            .iter()
            .rposition(|&byte| !is_blank(byte))
            .map_or(0, |last| last + 1);
        &self[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_an_interpreter_and_at_most_one_argument() {
        let found = |interpreter, argument| Script::Found {
            interpreter,
            argument,
        };
        assert_eq!(parse(b"#!/bin/sh\n"), found(&b"/bin/sh"[..], None));
        assert_eq!(
            parse(b"#! \t/bin/sh -e -x \n"),
            found(&b"/bin/sh"[..], Some(&b"-e -x"[..]))
        );
        assert_eq!(parse(b"#!/bin/sh"), found(&b"/bin/sh"[..], None));
        assert_eq!(parse(b"#!\n"), Script::Invalid);
        assert_eq!(parse(b"\x7fELF"), Script::None);
    }

    #[test]
    fn a_name_that_may_be_cut_off_is_refused() {
        let mut long = [b'x'; LONGEST];
        long[..2].copy_from_slice(b"#!");
        assert_eq!(parse(&long), Script::Invalid);
    }
}

//! `#!` lines, as the kernel's `load_script` (fs/binfmt_script.c) reads them.

/// How much of a file the kernel looks at: `BINPRM_BUF_SIZE`.
pub const LONGEST: usize = 256;

/// The byte behind all that may be said: the kernel needs it for a zero.
const LAST: usize = LONGEST - 1;

/// What the start of a file says about an interpreter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Script<'a> {
    /// It is not a script.
    None,
    /// It begins with `#!`, but the kernel would not run it: `ENOEXEC`.
    Invalid,
    /// To be run by `interpreter`, with one argument before the script's own name.
    Found {
        /// The path of the interpreter. An empty one is the working directory's.
        interpreter: &'a [u8],
        /// All the rest of the line; what ends with the file, and not with a line, may be empty and keeps its
        /// blanks.
        argument: Option<&'a [u8]>,
    },
}

/// Reads the `#!` line at the start of a file, behind whose end there are zeros.
#[must_use]
pub fn parse(start: &[u8; LONGEST]) -> Script<'_> {
    if !start.starts_with(b"#!") {
        return Script::None;
    }
    let is_blank = |at: usize| matches!(start[at], b' ' | b'\t');
    let name_from = |end: usize| (2..=end).find(|&at| !is_blank(at));
    let name_end =
        |from: usize, end: usize| (from..=end).find(|&at| is_blank(at) || start[at] == 0);
    let line = start.iter().position(|&byte| byte == b'\n' || byte == 0);
    let mut end = match line {
        Some(at) if start[at] == b'\n' => at,
        // Without an end, a name may be cut off.
        _ => match name_from(LAST).and_then(|from| name_end(from, LAST)) {
            Some(_) => LAST,
            None => return Script::Invalid,
        },
    };
    while is_blank(end - 1) {
        end -= 1;
    }
    let Some(from) = name_from(end).filter(|&from| from != end) else {
        return Script::Invalid;
    };
    let string = |from: usize| {
        let bytes = &start[from..end];
        let length = bytes.iter().position(|&byte| byte == 0);
        &bytes[..length.unwrap_or(bytes.len())]
    };
    let separator = name_end(from, end);
    let argument = separator
        .filter(|&at| start[at] != 0)
        .and_then(|at| (at..=end).find(|&at| !is_blank(at)));
    Script::Found {
        interpreter: &start[from..separator.unwrap_or(end)],
        argument: argument.map(string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], expected: Script<'_>) {
        let mut start = [0; LONGEST];
        start[..text.len()].copy_from_slice(text);
        assert_eq!(parse(&start), expected, "{}", text.escape_ascii());
    }

    fn found<'a>(interpreter: &'a [u8], argument: Option<&'a [u8]>) -> Script<'a> {
        Script::Found {
            interpreter,
            argument,
        }
    }

    #[test]
    fn a_line_names_an_interpreter_and_at_most_one_argument() {
        check(b"#!/bin/sh\n", found(b"/bin/sh", None));
        check(b"#! \t/bin/sh -e -x \n", found(b"/bin/sh", Some(b"-e -x")));
        check(b"#!/bin/sh \nx", found(b"/bin/sh", None));
        check(b"#!/bin/sh\0x\n", found(b"/bin/sh", None));
        check(b"#!\n", Script::Invalid);
        check(b"#! \n", Script::Invalid);
        check(b"\x7fELF", Script::None);
        check(b"", Script::None);
    }

    #[test]
    fn a_file_that_ends_with_the_line_keeps_its_blanks() {
        check(b"#!/bin/sh", found(b"/bin/sh", None));
        check(b"#!/bin/sh ", found(b"/bin/sh", Some(b"")));
        check(b"#!/bin/sh -e ", found(b"/bin/sh", Some(b"-e ")));
        check(b"#!", found(b"", None));
        check(b"#!  ", found(b"", None));
    }

    #[test]
    fn a_name_that_may_be_cut_off_is_refused() {
        let mut long = [b'x'; LONGEST];
        long[..2].copy_from_slice(b"#!");
        check(&long, Script::Invalid);
        long[2..].fill(b' ');
        check(&long, Script::Invalid);
        long[LAST] = b'\n';
        check(&long, Script::Invalid);
    }

    #[test]
    fn an_argument_that_is_cut_off_is_not() {
        let mut long = [b'x'; LONGEST];
        long[..4].copy_from_slice(b"#!a ");
        check(&long, found(b"a", Some(&[b'x'; LAST - 4])));
    }
}

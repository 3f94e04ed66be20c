//! What a run came to, and how two runs differ.

use std::fmt::{self, Display};
use std::time::Duration;

use crate::files::Files;

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It exited with this status.
    Exited(i32),
    /// This signal killed it.
    Killed(i32),
    /// It had not ended after so long; with what its threads were doing then.
    TimedOut(Duration, String),
}

impl Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(formatter, "exit {status}"),
            Self::Killed(signal) => write!(formatter, "signal {signal}"),
            Self::TimedOut(limit, state) => {
                write!(formatter, "not ended after {} s{state}", limit.as_secs())
            }
        }
    }
}

/// Everything about a run that must not depend on the interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How the process ended.
    pub end: End,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// What is in its directory afterwards.
    pub files: Files,
}

impl Outcome {
    /// An outcome without files; bytes that are not UTF-8 are shown as escapes.
    #[must_use]
    pub fn new(end: End, stdout: &[u8], stderr: &[u8]) -> Self {
        Self {
            end,
            stdout: text(stdout),
            stderr: text(stderr),
            files: Files::default(),
        }
    }

    /// Tells how another run differs from this one, the native one: a few lines, none if it does not.
    #[must_use]
    pub fn difference(&self, other: &Self) -> String {
        let mut report = String::new();
        if self.end != other.end {
            report += &format!(
                "  ended otherwise:\n    - {}\n    + {}\n",
                self.end, other.end
            );
        }
        for (what, native, interposed) in [
            ("standard output", &self.stdout, &other.stdout),
            ("standard error", &self.stderr, &other.stderr),
        ] {
            if native != interposed {
                report += &format!(
                    "  {what} differs:\n{}",
                    lines_that_differ(native, interposed)
                );
            }
        }
        report + &self.files.difference(&other.files)
    }
}

/// Bytes as text; whatever is not UTF-8 becomes `\xNN`.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text += &format!("\\x{byte:02x}");
        }
    }
    text
}

/// The lines between the common beginning and the common end of two texts, at most a dozen of each.
#[must_use]
pub fn lines_that_differ(native: &str, interposed: &str) -> String {
    let (a, b): (Vec<_>, Vec<_>) = (native.lines().collect(), interposed.lines().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a[head..]
        .iter()
        .rev()
        .zip(b[head..].iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let mut report = String::new();
    if head > 0 {
        report += &format!("      {}\n", a[head - 1]);
    }
    for (sign, lines) in [
        ('-', &a[head..a.len() - tail]),
        ('+', &b[head..b.len() - tail]),
    ] {
        for line in lines.iter().take(12) {
            report += &format!("    {sign} {}\n", shortened(line));
        }
        if lines.len() > 12 {
            report += &format!("    {sign} … {} more lines\n", lines.len() - 12);
        }
    }
    if report.is_empty() {
        report += "    (only in the end of the last line)\n";
    }
    report
}

fn shortened(line: &str) -> String {
    if line.chars().count() <= 300 {
        line.into()
    } else {
        line.chars().take(300).collect::<String>() + "…"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_middle_of_two_texts_is_shown() {
        let report = lines_that_differ("a\nb\nc\nd\n", "a\nb\nx\nd\n");
        assert_eq!(report, "      b\n    - c\n    + x\n");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_in_hexadecimal() {
        assert_eq!(text(b"a\xffb"), "a\\xffb");
    }
}

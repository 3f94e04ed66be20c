//! The ways in: how a program is started natively and under each interpreter.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tool;

/// An interpreter of this package, built from a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpreter {
    /// The stock interpreter: the tracer.
    Stock,
    /// Forwards everything. Runs with code patched at once, where the stock one's is under the seal first.
    Null,
}

impl Interpreter {
    /// The file of the interpreter, as cargo tells it to a running test.
    ///
    /// # Panics
    ///
    /// When the test was not started by cargo.
    #[must_use]
    pub fn path(self) -> PathBuf {
        binary(match self {
            Self::Stock => "stock",
            Self::Null => "null",
        })
    }
}

/// The file of a binary of this package.
///
/// # Panics
///
/// When the test was not started by cargo.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    std::env::var_os(format!("CARGO_BIN_EXE_{name}"))
        .map(PathBuf::from)
        .expect("cargo (1.94 or later) tells tests where the package's binaries are")
}

/// A way to start a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As if there were no interpreter: what all others are compared with.
    Native,
    /// Under `strace -f`: shows whether a test's demands on the record are right.
    Strace,
    /// `ld-systrap [options] -- PROGRAM [ARGS]`.
    Command(Interpreter),
    /// As PT_INTERP of a copy of the program.
    Requested(Interpreter),
}

impl Way {
    /// The ways that tests try: all four with the interpreter, or those that the environment
    /// variable `LD_SYSTRAP_TESTS` lists (`native`, `strace`, `command`, `requested`,
    /// `command-null`, `requested-null`). `native` runs everything natively twice, which shows
    /// whether a test is deterministic at all.
    ///
    /// # Panics
    ///
    /// When the variable lists anything else.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let all = [Interpreter::Stock, Interpreter::Null]
            .map(|interpreter| [Self::Command(interpreter), Self::Requested(interpreter)]);
        match std::env::var("LD_SYSTRAP_TESTS") {
            Err(_) => all.concat(),
            Ok(list) => list.split(',').map(Self::named).collect(),
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "native" => Self::Native,
            "strace" => Self::Strace,
            "command" => Self::Command(Interpreter::Stock),
            "requested" => Self::Requested(Interpreter::Stock),
            "command-null" => Self::Command(Interpreter::Null),
            "requested-null" => Self::Requested(Interpreter::Null),
            _ => panic!("LD_SYSTRAP_TESTS does not know the way {name}"),
        }
    }

    /// Whether a run this way leaves a record of the calls.
    #[must_use]
    pub fn records(self) -> bool {
        matches!(
            self,
            Self::Strace | Self::Command(Interpreter::Stock) | Self::Requested(Interpreter::Stock)
        )
    }

    /// The command that starts `program` this way, its record going to `record`.
    ///
    /// `program` is what the command line names; for [`Way::Requested`] it must be a file that
    /// [`request`] has changed, and `name` is its argument 0. `options` are the interpreter's.
    ///
    /// # Errors
    ///
    /// One line when a tool is missing.
    pub fn command(
        self,
        program: &Path,
        name: &str,
        options: &[String],
        arguments: &[OsString],
        record: &Path,
    ) -> Result<Command, String> {
        let mut options = options.to_vec();
        if matches!(
            self,
            Self::Command(Interpreter::Null) | Self::Requested(Interpreter::Null)
        ) {
            options.push("--patch-after=0".into());
        }
        let mut command = match self {
            Self::Native | Self::Requested(_) => {
                let mut command = Command::new(program);
                command.arg0(name);
                command
            }
            Self::Strace => {
                let mut command = Command::new(tool::find("strace")?);
                command.arg("-f").arg("-o").arg(record).arg("--").arg(name);
                command
            }
            Self::Command(interpreter) => {
                let mut command = Command::new(interpreter.path());
                if self.records() {
                    command.arg("-o").arg(record);
                }
                command.args(&options).arg("--").arg(name);
                command
            }
        };
        command.args(arguments).env_clear();
        if matches!(self, Self::Requested(_)) {
            if self.records() {
                options.push(format!("-o {}", record.display()));
            }
            command.env("LD_SYSTRAP", options.join(" "));
        }
        Ok(command)
    }
}

/// Makes a copy of an executable file. This process does not have it open for that: what another thread
/// starts meanwhile would have it, too, for a moment, and it could not be executed.
///
/// # Panics
///
/// When there can be no copy.
pub fn copy(executable: &Path, copy: &Path) {
    let made = tool::find("cp").map(|cp| Command::new(cp).args([executable, copy]).status());
    let made = made.expect("coreutils are there");
    assert!(made.is_ok_and(|made| made.success()), "{}", copy.display());
}

/// Makes `copy` a copy of an ELF program that asks for `interpreter` as its PT_INTERP, by another process,
/// as [`copy()`].
///
/// # Errors
///
/// One line when patchelf is missing or does not know what to do with the program.
pub fn request(program: &Path, copy: &Path, interpreter: &Path) -> Result<(), String> {
    let _ = fs::remove_file(copy);
    let output = Command::new(tool::find("patchelf")?)
        .arg("--set-interpreter")
        .arg(interpreter)
        .arg("--output")
        .args([copy, program])
        .output()
        .map_err(|error| format!("patchelf: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "patchelf: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
    }
}

/// Whether a file is an ELF program that asks for an interpreter.
#[must_use]
pub fn has_interpreter(program: &Path) -> bool {
    const PT_INTERP: u32 = 3;
    let Ok(bytes) = fs::read(program) else {
        return false;
    };
    let number = |at: usize, size: usize| {
        bytes.get(at..at + size).map(|field| {
            field
                .iter()
                .rev()
                .fold(0_u64, |value, byte| value << 8 | u64::from(*byte))
        })
    };
    let header = || {
        Some((
            number(32, 8)? as usize,
            number(54, 2)? as usize,
            number(56, 2)? as usize,
        ))
    };
    bytes.starts_with(b"\x7fELF")
        && header().is_some_and(|(offset, size, count)| {
            (0..count).any(|index| number(offset + index * size, 4) == Some(u64::from(PT_INTERP)))
        })
}

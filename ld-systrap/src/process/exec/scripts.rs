//! `#!` lines, followed to the ELF file that the kernel would load in the end.

use super::program::{Opened, allowed, open};
use crate::process::thread::Thread;
use crate::sys::{Errno, file};
use alloc::ffi::CString;
use alloc::vec::Vec;
use core::ffi::CStr;
use ld_systrap_core::script::{self, Script};
use linux_raw_sys::general::AT_FDCWD;

/// As many interpreters of interpreters as the kernel allows (`exec_binprm`).
const DEPTH: usize = 5;

/// Why a program cannot be executed.
pub(crate) struct Failure {
    /// As execve(2) says it.
    pub(crate) error: Errno,
    /// The interpreter in a `#!` line that is the reason.
    pub(crate) interpreter: Option<CString>,
}

impl From<Errno> for Failure {
    fn from(error: Errno) -> Failure {
        Failure {
            error,
            interpreter: None,
        }
    }
}

/// A program named on a command line: its ELF file, opened, and its argv.
pub(crate) fn resolve(
    path: &CStr,
    arguments: Vec<CString>,
) -> Result<(i32, Vec<CString>), Failure> {
    let thread = Thread::current();
    let program = open(thread, AT_FDCWD, path, 0)?;
    let (program, head) = follow_scripts(thread, program, path, false)?;
    let skipped = usize::from(!head.is_empty());
    let arguments = head
        .into_iter()
        .chain(arguments.into_iter().skip(skipped))
        .collect();
    Ok((program.keep(), arguments))
}

/// Follows `#!` lines from an open file to the ELF file that the kernel would load in the end. Gives
/// that, and what takes `argv[0]`'s place, if anything does.
pub(super) fn follow_scripts(
    thread: &Thread,
    program: Opened,
    path: &CStr,
    path_closes: bool,
) -> Result<(Opened, Vec<CString>), Failure> {
    let (mut program, mut script, mut head) = (program, CString::from(path), Vec::new());
    for depth in 0.. {
        let Some((interpreter, argument)) = script_of(&program)? else {
            break;
        };
        if depth >= DEPTH {
            return Err(Errno::ELOOP.into());
        }
        if path_closes {
            return Err(Errno::ENOENT.into()); // the interpreter could not open it
        }
        program = allowed(AT_FDCWD, &interpreter, 0)
            .and_then(|()| open(thread, AT_FDCWD, &interpreter, 0))
            .map_err(|error| Failure {
                error,
                interpreter: Some(interpreter.clone()),
            })?;
        if !head.is_empty() {
            head.remove(0);
        }
        let new = [Some(interpreter.clone()), argument, Some(script)];
        head = new.into_iter().flatten().chain(head).collect();
        script = interpreter;
    }
    Ok((program, head))
}

/// The interpreter and its argument, if the file begins with `#!`.
fn script_of(program: &Opened) -> Result<Option<(CString, Option<CString>)>, Errno> {
    let mut start = [0; script::LONGEST];
    file::read_at(program.number(), &mut start, 0)?;
    let string = |bytes: &[u8]| CString::new(bytes).map_err(|_| Errno::ENOEXEC);
    match script::parse(&start) {
        Script::None => Ok(None),
        Script::Invalid => Err(Errno::ENOEXEC),
        Script::Found {
            interpreter,
            argument,
        } => Ok(Some((
            string(match interpreter {
                b"" => b".",
                path => path,
            })?,
            argument.map(string).transpose()?,
        ))),
    }
}

//! Which file a command line names, and with which words it runs.

use crate::auxiliary::*;
use crate::options::Refusal;
use crate::process::exec;
use crate::sys::{Errno, file};
use alloc::ffi::CString;
use alloc::vec::Vec;
use core::ffi::CStr;
use linux_raw_sys::general::*;

/// Looks a program up as strace(1) does: in PATH, unless its name has a slash.
pub(crate) fn find(name: &'static CStr, given: Given) -> Result<CString, Refusal> {
    let bytes = name.to_bytes();
    if bytes.contains(&b'/') {
        return Ok(name.into());
    }
    let path = given.variable("PATH").unwrap_or(b"/bin:/usr/bin");
    let mut denied = None;
    for directory in path.split(|&byte| byte == b':') {
        let mut candidate = if directory.is_empty() {
            b".".to_vec()
        } else {
            directory.to_vec()
        };
        candidate.push(b'/');
        candidate.extend_from_slice(bytes);
        let Ok(candidate) = CString::new(candidate) else {
            continue;
        };
        let Ok(status) = file::status_at(AT_FDCWD, &candidate, 0) else {
            continue;
        };
        let regular = file::is_regular(&status);
        let allowed = file::may_execute_at(AT_FDCWD, &candidate);
        match allowed {
            Ok(()) if regular => return Ok(candidate),
            Err(error) if regular && denied.is_none() => denied = Some((candidate, error)),
            _ => {}
        }
    }
    if let Some((candidate, error)) = denied {
        let candidate = candidate.to_string_lossy();
        return Err(Refusal::error(
            126,
            format_args!("{candidate}: cannot be executed: {error}"),
        ));
    }
    Err(Refusal::error(
        127,
        format_args!("{}: not found in PATH", name.to_string_lossy()),
    ))
}

/// Opens the program of a command line, through `#!` lines to an ELF file.
pub(super) fn resolve_script(
    path: &CStr,
    words: &[&'static CStr],
) -> Result<(i32, Vec<CString>), Refusal> {
    let arguments: Vec<CString> = words.iter().map(|word| (*word).into()).collect();
    exec::resolve(path, arguments).map_err(|failure| {
        let error = failure.error;
        let status = if matches!(error, Errno::ENOENT | Errno::ENOTDIR) {
            127
        } else {
            126
        };
        let name = path.to_string_lossy();
        if let Some(interpreter) = failure.interpreter {
            let interpreter = interpreter.to_string_lossy();
            return Refusal::error(
                status,
                format_args!("{name}: its interpreter {interpreter}: {error}"),
            );
        }
        match error {
            Errno::EACCES if is_directory(path) => {
                Refusal::error(126, format_args!("{name}: is a directory"))
            }
            Errno::EACCES => {
                Refusal::error(126, format_args!("{name}: cannot be executed: {error}"))
            }
            _ => Refusal::error(status, format_args!("{name}: {error}")),
        }
    })
}

fn is_directory(path: &CStr) -> bool {
    let status = file::status_at(AT_FDCWD, path, 0);
    status.is_ok_and(|status| status.st_mode & S_IFMT == S_IFDIR)
}

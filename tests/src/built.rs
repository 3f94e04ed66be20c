//! Programs of `programs/` for tests that run them in a way of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::directory::Directory;
use crate::tool;

/// Builds a program of `programs/` that is written in C. Gives its path.
///
/// # Panics
///
/// If that is impossible.
#[must_use]
pub fn build(name: &str, directory: &Directory) -> PathBuf {
    let program = directory.work().join(name);
    let built = Command::new(tool::find("gcc").expect("a compiler is there"))
        .args(["-O1", "-pthread", "-o"])
        .arg(&program)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("programs/{name}.c")))
        .status();
    assert!(built.is_ok_and(|status| status.success()));
    program
}

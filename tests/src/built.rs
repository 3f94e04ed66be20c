//! Programs in C for tests that run them in a way of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::directory::Directory;
use crate::tool;

/// Builds a program of `programs/`, which may be in a folder there. Gives its path.
///
/// # Panics
///
/// If that is impossible.
#[must_use]
pub fn build(name: &str, directory: &Directory) -> PathBuf {
    build_with(name, &["-O1", "-pthread"], directory)
}

/// [`build`], with these flags.
///
/// # Panics
///
/// If that is impossible.
#[must_use]
pub fn build_with(name: &str, flags: &[&str], directory: &Directory) -> PathBuf {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let program = directory
        .work()
        .join(Path::new(name).file_name().expect("programs have names"));
    compile(&programs.join(format!("{name}.c")), flags, &program);
    program
}

/// Builds what a text says, written to `file` (with the end that its language has). Gives its path.
///
/// # Panics
///
/// If that is impossible.
#[must_use]
pub fn build_text(file: &str, text: &str, flags: &[&str], directory: &Directory) -> PathBuf {
    let source = directory.work().join(file);
    fs::write(&source, text).expect("the directory takes files");
    let program = source.with_extension("");
    compile(&source, flags, &program);
    program
}

fn compile(source: &Path, flags: &[&str], output: &Path) {
    let built = Command::new(tool::find("gcc").expect("a compiler is there"))
        .args(flags)
        .arg("-o")
        .args([output, source])
        .status();
    assert!(built.is_ok_and(|status| status.success()), "{source:?}");
}

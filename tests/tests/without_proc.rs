//! A system without /proc, as a chroot or the first moments of a boot: programs run, and execute others, either way in.
//! Needs root, to take /proc away.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::tool;
use ld_systrap_tests::way::{self, Interpreter};

/// A command that runs what follows without /proc. `None` for whoever is not root.
fn without_proc() -> Option<Command> {
    if fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let mut command = Command::new("unshare");
    command.args([
        "--mount",
        "sh",
        "-c",
        "umount --lazy /proc && exec \"$@\"",
        "sh",
    ]);
    Some(command)
}

const SCRIPT: &str = "test ! -e /proc/self && ls -d / && exec sh -c 'exit 7'";

fn check(command: &mut Command, record: &std::path::Path) {
    let output = command.output().expect("unshare is there");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "/\n", "{error}");
    assert_eq!(output.status.code(), Some(7), "{error}");
    let record = fs::read_to_string(record).expect("the record");
    assert!(record.contains("+++ exited with 7 +++"), "{record}");
    assert!(record.contains("execve(\"/usr/bin/ls\""), "{record}");
}

#[test]
fn as_a_command() {
    let Some(mut command) = without_proc() else {
        return;
    };
    let directory = Directory::new("without-proc-command");
    let record = directory.work().join("record");
    command
        .arg(Interpreter::Stock.path())
        .arg("-o")
        .arg(&record);
    check(command.args(["sh", "-c", SCRIPT]), &record);
    directory.remove();
}

#[test]
fn as_the_interpreter_that_a_program_asks_for() {
    let Some(mut command) = without_proc() else {
        return;
    };
    let directory = Directory::new("without-proc-requested");
    let (record, shell) = (
        directory.work().join("record"),
        directory.work().join("shell"),
    );
    let program = tool::find("sh").expect("sh is there");
    way::request(&program, &shell, &Interpreter::Stock.path()).expect("patchelf is there");
    command.env("LD_SYSTRAP", format!("-o {}", record.display()));
    check(command.arg(&shell).args(["-c", SCRIPT]), &record);
    directory.remove();
}

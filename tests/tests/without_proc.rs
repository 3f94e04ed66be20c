//! A system without /proc, as a chroot or the first moments of a boot: programs run, and execute others, either
//! way in.

use std::fs;
use std::process::Command;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::tool;
use ld_systrap_tests::way::{self, Interpreter};

/// A command that runs what follows without /proc.
fn without_proc() -> Command {
    let mut command = Command::new(tool::find("unshare").expect("unshare is there"));
    if !tool::is_root() {
        command.arg("--map-root-user");
    }
    let script = "mount -t tmpfs none /proc && exec \"$@\"";
    command.args(["--mount", "sh", "-c", script, "sh"]);
    command
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
    let mut command = without_proc();
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
    let mut command = without_proc();
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

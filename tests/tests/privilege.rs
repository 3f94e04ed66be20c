//! A program with the set-user-ID bit: as a command it runs without its privilege, as under strace; where
//! the kernel starts it, the caller has no say in how the interpreter runs. Needs root, to make one.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way::{self, Interpreter};
use ld_systrap_tests::{built, tool};

const OWNER: u32 = 12345;
const CALLER: u32 = 54321;

/// A directory for everybody, with the interpreter and a program that tells who it is.
fn prepare(name: &str) -> (Directory, PathBuf, PathBuf) {
    assert!(
        tool::is_root(),
        "only root can give a program away: run this test as root"
    );
    let directory = Directory::new(name);
    for path in [directory.root(), &directory.work()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("our directory");
    }
    let interpreter = directory.work().join("interpreter");
    way::copy(&Interpreter::Stock.path(), &interpreter);
    let text = "#include <stdio.h>\n#include <sys/auxv.h>\n#include <unistd.h>\n\
        int main(void) { printf(\"%d %d %ld\\n\", getuid(), geteuid(), getauxval(AT_SECURE)); }\n";
    let program = built::build_text("who.c", text, &["-O1"], &directory);
    (directory, interpreter, program)
}

fn give_away(program: &Path) {
    chown(program, Some(OWNER), Some(OWNER)).expect("root may");
    fs::set_permissions(program, fs::Permissions::from_mode(0o4755)).expect("root may");
}

fn output(command: &mut Command) -> String {
    let output = command.uid(CALLER).gid(CALLER).output();
    let output = output.expect("it can be started");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn as_a_command_it_has_no_privilege_as_under_strace() {
    let (directory, interpreter, program) = prepare("privilege-command");
    give_away(&program);
    let native = output(&mut Command::new(&program));
    assert_eq!(native, format!("{CALLER} {OWNER} 1\n"));
    // AT_SECURE says that the environment is not to be relied on all the same.
    let without = format!("{CALLER} {CALLER} 1\n");
    let record = directory.work().join("record");
    let mut ours = Command::new(&interpreter);
    ours.arg("-o").args([&record, &program]);
    assert_eq!(output(&mut ours), without);
    let mut strace = Command::new(tool::find("strace").expect("strace is there"));
    strace.args(["-o", "/dev/null"]).arg(&program);
    assert_eq!(output(&mut strace), without);
    directory.remove();
}

#[test]
fn started_by_the_kernel_it_ignores_the_environment() {
    let (directory, interpreter, program) = prepare("privilege-requested");
    let requested = directory.work().join("requested");
    way::request(&program, &requested, &interpreter).expect("patchelf is there");
    give_away(&requested);
    let record = directory.work().join("record");
    let mut command = Command::new(&requested);
    command.env("LD_SYSTRAP", format!("-o {}", record.display()));
    let text = output(&mut command);
    assert!(text.starts_with(&format!("{CALLER} {OWNER} 1\n")), "{text}");
    assert!(!record.exists(), "{text}");
    directory.remove();
}

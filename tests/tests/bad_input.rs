//! What cannot be run is refused with one clear line and the exit status that a shell would give:
//! 127 for what is not there or not understood, 126 for what is there and cannot be run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::tool;
use ld_systrap_tests::way::{self, Interpreter};

/// Runs the stock interpreter with these words; nothing may take long here.
fn run(words: &[&str], directory: &Path) -> Output {
    let mut command = Command::new(tool::find("timeout").expect("coreutils are there"));
    command
        .args(["-s", "KILL", "10"])
        .arg(Interpreter::Stock.path())
        .args(words);
    command.current_dir(directory).stdin(Stdio::null());
    command.output().expect("the interpreter can be started")
}

#[track_caller]
fn refused(output: &Output, status: i32, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr).to_lowercase();
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let one_line = stderr.ends_with('\n') && stderr.lines().count() == 1;
    assert!(
        one_line && stderr.starts_with("ld-systrap: "),
        "not one line of ours: {output:?}"
    );
    for word in words {
        assert!(
            stderr.contains(word),
            "the line does not say {word:?}: {output:?}"
        );
    }
}

/// Refuses a file with these bytes, which may be executed as far as its mode goes.
#[track_caller]
fn file_is_refused(name: &str, bytes: &[u8], status: i32, words: &[&str]) {
    let directory = Directory::new(name);
    program(&directory.work().join("program"), bytes);
    refused(&run(&["./program"], &directory.work()), status, words);
    refused(
        &run(&["--", "./program", "argument"], &directory.work()),
        status,
        words,
    );
    directory.remove();
}

fn program(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("an empty directory takes files");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
}

fn true_bytes() -> Vec<u8> {
    fs::read(tool::find("true").expect("coreutils are there")).expect("programs are readable")
}

/// An ELF header that is right in itself, and no more.
fn header(class: u8, machine: u16) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, 1, 1]);
    bytes[16] = 2;
    bytes[18..20].copy_from_slice(&machine.to_le_bytes());
    bytes[20] = 1;
    bytes
}

/// `/bin/true` with bytes put in some place.
fn altered(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut program = true_bytes();
    program[at..at + bytes.len()].copy_from_slice(bytes);
    program
}

/// Where the program header of the first segment of a kind begins in `/bin/true`.
fn segment(kind: u32) -> usize {
    let bytes = true_bytes();
    let offset = usize::from(u16::from_le_bytes([bytes[32], bytes[33]]));
    (0..usize::from(bytes[56]))
        .map(|index| offset + index * 56)
        .find(|at| bytes[*at..at + 4] == kind.to_le_bytes())
        .expect("/bin/true has such a segment")
}

const PT_LOAD: u32 = 1;
const PT_INTERP: u32 = 3;

#[test]
fn options_that_make_no_sense_are_refused() {
    let directory = Directory::new("options");
    let run = |words: &[&str]| run(words, directory.root());
    refused(&run(&["--nonsense", "true"]), 127, &["--nonsense"]);
    refused(&run(&["-o"]), 127, &["-o"]);
    refused(&run(&[]), 127, &[]);
    refused(&run(&["--"]), 127, &[]);
    refused(&run(&["--seal=perhaps", "true"]), 127, &["perhaps"]);
    refused(
        &run(&["-e", "trace=no_such_call", "true"]),
        127,
        &["no_such_call"],
    );
    directory.remove();
}

#[test]
fn an_output_file_that_cannot_be_made_is_an_error() {
    let directory = Directory::new("output");
    refused(
        &run(&["-o", "/nonexistent/log", "true"], directory.root()),
        127,
        &["/nonexistent/log"],
    );
    directory.remove();
}

#[test]
fn programs_that_are_not_there_are_not_found() {
    let directory = Directory::new("not there");
    for name in [
        "no-such-program",
        "/nonexistent/program",
        "./nothing",
        "/etc/passwd/under",
        "",
    ] {
        let output = run(&["--", name], directory.root());
        assert!(
            matches!(output.status.code(), Some(126 | 127)),
            "{name}: {output:?}"
        );
        refused(&output, output.status.code().unwrap_or_default(), &[]);
    }
    refused(
        &run(&["no-such-program"], directory.root()),
        127,
        &["no-such-program"],
    );
    refused(&run(&[&"x".repeat(300)], directory.root()), 127, &[]);
    directory.remove();
}

#[test]
fn a_directory_is_refused() {
    let directory = Directory::new("directory");
    refused(&run(&["/etc"], directory.root()), 126, &["/etc"]);
    refused(&run(&["./work"], directory.root()), 126, &["work"]);
    directory.remove();
}

#[test]
fn a_fifo_is_refused_without_waiting_for_a_writer() {
    let directory = Directory::new("fifo");
    let made = Command::new("mkfifo")
        .args(["-m", "777"])
        .arg(directory.work().join("fifo"))
        .status();
    assert!(made.is_ok_and(|status| status.success()));
    refused(&run(&["./fifo"], &directory.work()), 126, &["fifo"]);
    directory.remove();
}

#[test]
fn a_device_is_refused() {
    let directory = Directory::new("device");
    refused(&run(&["/dev/null"], directory.root()), 126, &["/dev/null"]);
    directory.remove();
}

#[test]
fn an_empty_file_is_refused() {
    file_is_refused("empty", b"", 126, &["program"]);
}

#[test]
fn a_file_that_is_neither_elf_nor_script_is_refused() {
    file_is_refused("text", b"hello, world\n", 126, &["program"]);
    file_is_refused("zeros", &[0; 5000], 126, &["program"]);
    file_is_refused("no interpreter", b"#!\n", 126, &[]);
}

#[test]
fn a_script_without_its_interpreter_is_refused() {
    file_is_refused(
        "script",
        b"#!/nonexistent/interpreter -x\n",
        127,
        &["/nonexistent/interpreter"],
    );
}

#[test]
fn a_truncated_elf_file_is_refused() {
    let whole = true_bytes();
    for length in [4, 5, 16, 20, 40, 63, 64, 100, 64 + 56 * 4, whole.len() / 2] {
        file_is_refused(
            &format!("truncated {length}"),
            &whole[..length],
            126,
            &["program"],
        );
    }
}

#[test]
fn program_headers_outside_the_file_are_refused() {
    for offset in [
        1_u64 << 20,
        1 << 40,
        u64::MAX,
        u64::MAX - 63,
        i64::MAX as u64,
    ] {
        let bytes = altered(32, &offset.to_le_bytes());
        file_is_refused(
            &format!("header offset {offset:x}"),
            &bytes,
            126,
            &["program"],
        );
    }
    file_is_refused(
        "header count",
        &altered(56, &[0xff, 0xff]),
        126,
        &["program"],
    );
    file_is_refused("no headers", &altered(56, &[0, 0]), 126, &["program"]);
    file_is_refused("header size", &altered(54, &[57, 0]), 126, &["program"]);
}

#[test]
fn segments_that_make_no_sense_are_refused() {
    let load = segment(PT_LOAD);
    let number = |at: usize, value: u64| altered(load + at, &value.to_le_bytes());
    file_is_refused(
        "segment offset",
        &number(8, u64::MAX - 0xfff),
        126,
        &["program"],
    );
    file_is_refused("segment address", &number(16, 1 << 63), 126, &["program"]);
    file_is_refused("segment end", &number(40, u64::MAX), 126, &["program"]);
    file_is_refused("segment size", &number(32, 1 << 50), 126, &["program"]);
    file_is_refused("segment misaligned", &number(16, 1), 126, &["program"]);
}

#[test]
fn programs_of_other_architectures_are_refused_by_name() {
    file_is_refused("32 bits", &header(1, 3), 126, &["32-bit"]);
    file_is_refused("x32", &header(1, 62), 126, &["32-bit"]);
    for (name, machine) in [("aarch64", 183), ("riscv", 243), ("unknown", 0x7777)] {
        file_is_refused(name, &header(2, machine), 126, &["program", "architecture"]);
    }
    let mut big_endian = header(2, 62);
    big_endian[5] = 2;
    file_is_refused("big endian", &big_endian, 126, &["program"]);
}

#[test]
fn object_and_core_files_are_refused() {
    for kind in [0, 1, 4, 77] {
        file_is_refused(
            &format!("kind {kind}"),
            &altered(16, &[kind, 0]),
            126,
            &["program"],
        );
    }
}

#[test]
fn a_missing_dynamic_linker_is_named() {
    let directory = Directory::new("no ld.so");
    let copy = directory.work().join("program");
    let source = tool::find("true").expect("coreutils are there");
    way::request(&source, &copy, Path::new("/nonexistent/ld.so")).expect("patchelf can do that");
    refused(
        &run(&["./program"], &directory.work()),
        127,
        &["/nonexistent/ld.so"],
    );
    way::request(&source, &copy, Path::new("/etc/passwd")).expect("patchelf can do that");
    refused(
        &run(&["./program"], &directory.work()),
        126,
        &["/etc/passwd"],
    );
    way::request(&source, &copy, Path::new("/etc")).expect("patchelf can do that");
    refused(&run(&["./program"], &directory.work()), 126, &["/etc"]);
    directory.remove();
}

#[test]
fn an_interpreter_under_another_is_refused() {
    let directory = Directory::new("interpreter");
    let words = ["such an interpreter"];
    let other = Interpreter::Null.path();
    let other = other.to_str().expect("cargo's names are text");
    refused(&run(&[other, "true"], &directory.work()), 126, &words);
    let script = format!("exec {other} true");
    let shell = run(&["-o", "record", "sh", "-c", &script], &directory.work());
    refused(&shell, 126, &words);
    // Where a program asks for it, it would be between the program and this one.
    let copy = directory.work().join("program");
    let source = tool::find("true").expect("coreutils are there");
    way::request(&source, &copy, Path::new(other)).expect("patchelf can do that");
    refused(&run(&["./program"], &directory.work()), 126, &words);
    // Where it asks for this very one, it has it.
    way::request(&source, &copy, &Interpreter::Stock.path()).expect("patchelf can do that");
    let output = run(&["-o", "record", "./program"], &directory.work());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    directory.remove();
}

#[test]
fn an_interpreter_name_that_makes_no_sense_is_refused() {
    let interpreter = segment(PT_INTERP);
    let number = |at: usize, value: u64| altered(interpreter + at, &value.to_le_bytes());
    file_is_refused("name outside", &number(8, 1 << 40), 126, &["program"]);
    file_is_refused("name without end", &number(32, 5), 126, &["program"]);
    file_is_refused("name empty", &number(32, 0), 126, &["program"]);
    file_is_refused("name too long", &number(32, 1 << 30), 126, &["program"]);
}

#[test]
fn programs_that_this_user_may_not_run_are_refused() {
    let directory = Directory::new("permission");
    let work = directory.work();
    program(&work.join("not-executable"), &true_bytes());
    let set = |name, mode| fs::set_permissions(work.join(name), fs::Permissions::from_mode(mode));
    set("not-executable", 0o644).expect("the file is ours");
    refused(&run(&["./not-executable"], &work), 126, &["not-executable"]);
    if fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0) {
        // root may read everything: somebody else tries.
        program(&work.join("unreadable"), &true_bytes());
        set("unreadable", 0o711).expect("the file is ours");
        let copied: PathBuf = work.join("ld-systrap");
        way::copy(&Interpreter::Stock.path(), &copied);
        let output = Command::new(tool::find("setpriv").expect("util-linux is there"))
            .args([
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "./ld-systrap",
                "./unreadable",
            ])
            .current_dir(&work)
            .output()
            .expect("setpriv can be started");
        refused(&output, 126, &["unreadable"]);
    }
    directory.remove();
}

#[test]
fn what_path_has_but_may_not_be_executed_is_refused_like_that() {
    let directory = Directory::new("path");
    let work = directory.work();
    for (name, mode) in [("first", 0o644), ("second", 0o644), ("third", 0o755)] {
        let bin = work.join(name);
        fs::create_dir(&bin).expect("an empty directory takes directories");
        program(&bin.join("named"), &true_bytes());
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(bin.join("named"), mode).expect("the file is ours");
    }
    let run = |path: &str| {
        let mut command = Command::new(Interpreter::Stock.path());
        command.args(["-e", "trace=none", "named"]);
        command.current_dir(&work).env("PATH", path);
        command.output().expect("the interpreter can be started")
    };
    refused(&run("first:second"), 126, &["first/named", "permission"]);
    refused(&run("/nonexistent"), 127, &["named", "not found"]);
    let output = run("first:second:third");
    assert!(output.status.success(), "{output:?}");
    directory.remove();
}

#[test]
fn options_in_the_environment_that_make_no_sense_are_refused() {
    let directory = Directory::new("environment");
    let copy = directory.work().join("copy");
    let source = tool::find("true").expect("coreutils are there");
    way::request(&source, &copy, &Interpreter::Stock.path()).expect("patchelf can do that");
    let output = Command::new(&copy).env("LD_SYSTRAP", "--nonsense").output();
    refused(
        &output.expect("the copy can be started"),
        127,
        &["--nonsense"],
    );
    directory.remove();
}

/// Bytes of the headers changed at random: whatever is refused is refused in words, and nothing
/// crashes that natively would not.
#[test]
fn headers_with_any_bytes_do_not_crash_the_interpreter() {
    let directory = Directory::new("any bytes");
    let (work, whole) = (directory.work(), true_bytes());
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        // xorshift64: the same bytes in every run.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap_or_default()
    };
    for round in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..=random(3) {
            let at = 4 + random(64 + 13 * 56 - 4);
            bytes[at] = [0, 1, 0x7f, 0x80, 0xff, random(256) as u8][random(6)];
        }
        program(&work.join("program"), &bytes);
        let output = run(&["./program"], &work);
        if output.status.signal().is_some() || output.status.code() == Some(137) {
            let native = Command::new(work.join("program")).output();
            let natively_too = native
                .as_ref()
                .is_ok_and(|native| native.status.signal().is_some());
            assert!(
                natively_too,
                "round {round}: {output:?}, natively {native:?}"
            );
        }
    }
    directory.remove();
}

//! The record of a deterministic program has the lines that strace's has, in the same order.

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::outcome::lines_that_differ;
use ld_systrap_tests::record;
use ld_systrap_tests::way::{Interpreter, Way};
use ld_systrap_tests::{built, tool};

/// Calls that may be in one record and not in the other, each with its reason. The README lists
/// them too.
const DIFFERENCES: &[(&str, &str)] = &[];

/// Calls whose text is another in each run, natively too, each with its reason.
const VOLATILE: &[(&str, &str)] = &[
    ("getpid", "the process's number"),
    ("getppid", "its parent's number"),
    ("getrandom", "random bytes"),
    ("kill", "names a process"),
    ("set_tid_address", "returns the thread's number"),
    ("sysinfo", "free memory"),
];

fn same_record_as_strace(program: &str, arguments: &[&str]) {
    same_record_with(program, arguments, ("LANG", "C"));
}

fn same_record_with(program: &str, arguments: &[&str], (name, value): (&str, &str)) {
    let words = arguments.join(" ");
    let directory = Directory::new(&format!("record of {program} {words} {name}"));
    let record = |way: Way| {
        let record = directory.root().join(format!("{way:?}"));
        let path = tool::find(program).expect("the system has its basic programs");
        let arguments: Vec<_> = arguments.iter().map(|argument| argument.into()).collect();
        let mut command = way
            .command(&path, program, &[], &arguments, &record)
            .expect("the tools are there");
        command
            .env("PATH", tool::PATH)
            .env("LANG", "C")
            .env(name, value)
            .current_dir(directory.work());
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let text = std::fs::read_to_string(&record).unwrap_or_default();
        (text, output.status.code())
    };
    let (strace, status) = record(Way::Strace);
    let (ours, own_status) = record(Way::Command(Interpreter::Stock));
    assert_eq!(own_status, status);
    let strace = strace.split_once('\n').map_or("", |(_execve, rest)| rest);
    for kind in [names, lines] {
        let (strace, ours) = (kind(strace), kind(&ours));
        assert!(
            strace.lines().count() > 5,
            "strace shows too little:\n{strace}"
        );
        assert!(
            strace == ours,
            "{program}:\n{}",
            lines_that_differ(&strace, &ours)
        );
    }
    directory.remove();
}

/// The name of each call, in order.
fn names(record: &str) -> String {
    let allowed = |name: &str| DIFFERENCES.iter().any(|(call, _)| *call == name);
    let calls = record::calls(record).filter(|(_, name)| !allowed(name));
    calls.map(|(_, name)| format!("{name}\n")).collect()
}

/// Each line without what differs between any two runs: addresses, and how far the result is
/// indented, which in strace's depends on the process number at the start of the line.
fn lines(record: &str) -> String {
    let mut text = String::new();
    for line in record.lines() {
        let line = record::without_process(line);
        let name = line.split('(').next().unwrap_or_default();
        if DIFFERENCES.iter().any(|(call, _)| *call == name) {
            continue;
        }
        if VOLATILE.iter().any(|(call, _)| *call == name) {
            text += name;
        } else {
            let words: Vec<_> = line
                .split_whitespace()
                .filter(|word| !word.starts_with("si_pid="))
                .map(without_addresses)
                .collect();
            text += &words.join(" ");
        }
        text.push('\n');
    }
    text
}

/// Replaces the digits of each hexadecimal number.
fn without_addresses(word: &str) -> String {
    let mut parts = word.split("0x");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "0x" + part.trim_start_matches(|c: char| c.is_ascii_hexdigit())
    })
}

#[test]
fn true_has_the_record_that_strace_writes() {
    same_record_as_strace("true", &[]);
}

#[test]
fn echo_has_the_record_that_strace_writes() {
    same_record_as_strace("echo", &["hello", "world"]);
}

#[test]
fn ls_has_the_record_that_strace_writes() {
    same_record_as_strace("ls", &["-l", "/usr"]);
}

#[test]
fn cat_has_the_record_that_strace_writes() {
    same_record_as_strace("cat", &["/etc/passwd", "/etc/group"]);
}

#[test]
fn sort_has_the_record_that_strace_writes() {
    same_record_as_strace("sort", &["-r", "/etc/passwd"]);
}

#[test]
fn a_failing_program_has_the_record_that_strace_writes() {
    same_record_as_strace("ls", &["-d", "/nonexistent", "/usr"]);
}

#[test]
fn a_program_that_handles_a_signal_has_the_record_that_strace_writes() {
    let script = "trap 'echo got' USR1; kill -USR1 $$; echo end";
    same_record_as_strace("bash", &["-c", script]);
}

#[test]
fn a_program_that_is_not_found_has_the_record_that_strace_writes() {
    same_record_as_strace("env", &["no-such-program"]);
}

#[test]
fn a_program_bound_at_once_has_the_record_that_strace_writes() {
    same_record_with("ls", &["/usr"], ("LD_BIND_NOW", "1"));
}

/// The first library that is loaded is not the program's, and lies in a namespace of its own (P3).
#[test]
fn an_audited_program_has_the_record_that_strace_writes() {
    let directory = Directory::new("auditor");
    let text = "unsigned la_version(unsigned version) { return version; }\n";
    let library = built::build_text("auditor.c", text, &["-shared", "-fPIC"], &directory);
    let library = library.to_str().expect("its name is ASCII");
    same_record_with("ls", &["/usr"], ("LD_AUDIT", library));
    directory.remove();
}

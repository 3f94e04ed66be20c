//! The tracer's own: its options, and the lines of programs with children, signals and threads.

use std::path::Path;
use std::process::{Command, Output};

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way::{self, Interpreter};
use ld_systrap_tests::{record, tool};

fn tracer(words: &[&str], directory: &Path) -> Output {
    let mut command = Command::new(Interpreter::Stock.path());
    command.args(words).current_dir(directory);
    command.env_clear().env("PATH", tool::PATH).env("LANG", "C");
    command.output().expect("the interpreter can be started")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("records are text")
}

/// Each line without who made the call, and with single blanks.
fn lines(record: &str) -> Vec<String> {
    let words = |line| record::without_process(line).split_whitespace();
    let line = |line| words(line).collect::<Vec<_>>().join(" ");
    record.lines().map(line).collect()
}

#[test]
fn version_and_help_go_to_standard_output() {
    let directory = Directory::new("version");
    for word in ["-V", "--version"] {
        let output = tracer(&[word], directory.root());
        let version = concat!("ld-systrap ", env!("CARGO_PKG_VERSION"), "\n");
        assert_eq!(text(&output.stdout), version);
        assert!(output.status.success() && output.stderr.is_empty());
    }
    for word in ["-h", "--help"] {
        let output = tracer(&[word], directory.root());
        let help = text(&output.stdout);
        for option in ["-o", "-e", "--seal", "--ld-so", "--audit", "-h", "-V"] {
            assert!(help.contains(option), "{option}: {help}");
        }
        assert!(output.status.success() && output.stderr.is_empty());
    }
    directory.remove();
}

#[test]
fn without_a_file_lines_go_to_standard_error() {
    let directory = Directory::new("standard error");
    let output = tracer(&["echo", "hello"], directory.root());
    assert_eq!(text(&output.stdout), "hello\n");
    let lines = lines(text(&output.stderr));
    let loader = "openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3";
    for line in [loader, "write(1, \"hello\\n\", 6) = 6", "exit_group(0) = ?"] {
        assert!(
            lines.iter().any(|one| one == line),
            "no line {line}: {output:?}"
        );
    }
    assert_eq!(
        lines.last().map(String::as_str),
        Some("+++ exited with 0 +++")
    );
    directory.remove();
}

#[test]
fn a_list_says_which_calls_have_lines() {
    let directory = Directory::new("list");
    let names = |list: &str| {
        let output = tracer(&["-e", list, "cat", "/etc/passwd"], directory.root());
        let mut names: Vec<_> = record::calls(text(&output.stderr))
            .map(|(_, name)| name.to_owned())
            .collect();
        names.sort();
        names.dedup();
        names.join(" ")
    };
    assert_eq!(names("trace=read,openat"), "openat read");
    assert_eq!(names("openat"), "openat");
    assert_eq!(names("trace=%process"), "exit_group");
    assert_eq!(names("trace=/^exit"), "exit_group");
    assert_eq!(names("trace=none"), "");
    let all = names("trace=all");
    assert!(all.contains("brk") && all.contains("mmap"), "{all}");
    let others = names("trace=!openat");
    assert!(
        others.contains("brk") && !others.contains("openat"),
        "{others}"
    );
    directory.remove();
}

#[test]
fn options_of_the_environment_are_those_of_the_command_line() {
    let directory = Directory::new("options of the environment");
    let copy = directory.work().join("copy");
    let source = tool::find("echo").expect("coreutils are there");
    way::request(&source, &copy, &Interpreter::Stock.path()).expect("patchelf can do that");
    let run = |options: Option<&str>| {
        let mut command = Command::new(&copy);
        command.args(["-e", "an argument"]).env_clear();
        command.current_dir(directory.work());
        command.envs(options.map(|options| ("LD_SYSTRAP", options)));
        command.output().expect("the copy can be started")
    };
    let output = run(Some("-e trace=write -o ./record"));
    assert_eq!(text(&output.stdout), "an argument\n", "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let output = run(Some("-e trace=write"));
    let expected = "write(1, \"an argument\\n\", 12)           = 12\n+++ exited with 0 +++\n";
    assert_eq!(text(&output.stderr), expected);
    let output = run(None);
    assert!(
        record::count(text(&output.stderr), "write") == 1,
        "{output:?}"
    );
    directory.remove();
}

#[test]
fn children_have_lines_with_their_numbers() {
    let directory = Directory::new("children");
    let script = "trap 'echo got' USR1; kill -USR1 $$; /bin/echo child; (exit 7); \
        sh -c 'kill -9 $$'; exit 3";
    let output = tracer(&["bash", "-c", script], directory.root());
    let record = text(&output.stderr);
    let shown = lines(record);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    for line in [
        "+++ exited with 0 +++",
        "+++ exited with 7 +++",
        "write(1, \"child\\n\", 6) = 6",
        "<... execve resumed>) = 0",
    ] {
        assert!(
            shown.iter().any(|one| one == line),
            "no line {line}:\n{record}"
        );
    }
    for start in [
        "execve(\"/bin/echo\", [\"/bin/echo\", \"child\"], 0x",
        "--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=",
        "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=",
        "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=",
    ] {
        let found = shown.iter().any(|line| line.starts_with(start));
        assert!(found, "no line {start}…:\n{record}");
    }
    let numbers: std::collections::BTreeSet<_> = record::calls(record)
        .filter_map(|(number, _)| number)
        .collect();
    assert_eq!(numbers.len(), 4, "bash, echo, a subshell, sh:\n{record}");
    assert_eq!(
        record.lines().last().map(record::without_process),
        Some("+++ exited with 3 +++")
    );
    directory.remove();
}

#[test]
fn a_deadly_signal_has_two_lines() {
    let directory = Directory::new("deadly");
    let output = tracer(&["sh", "-c", "kill -SEGV $$"], directory.root());
    let shown = lines(text(&output.stderr));
    let [.., signal, end] = &shown[..] else {
        panic!("too few lines: {output:?}")
    };
    assert!(
        signal.starts_with("--- SIGSEGV {si_signo=SIGSEGV, si_code=SI_USER, si_pid="),
        "{output:?}"
    );
    assert!(end.starts_with("+++ killed by SIGSEGV"), "{output:?}");
    directory.remove();
}

#[test]
fn children_write_to_the_same_file_in_whole_lines() {
    let directory = Directory::new("same file");
    let script = "for i in 1 2 3 4 5 6 7 8; do (cat /etc/passwd > /dev/null) & done; wait";
    tracer(&["-o", "record", "bash", "-c", script], directory.root());
    let record = std::fs::read_to_string(directory.root().join("record")).unwrap_or_default();
    assert_eq!(record::torn_line(&record), None);
    assert_eq!(
        record.matches("+++ exited with 0 +++\n").count(),
        9,
        "{record}"
    );
    directory.remove();
}

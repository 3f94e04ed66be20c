//! The tracer's own: its options, and the lines of programs with children, signals and threads.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way::{self, Interpreter};
use ld_systrap_tests::{built, record, tool};

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
        for option in [
            "-o",
            "-f",
            "-e",
            "-s",
            "-ttt",
            "-T",
            "--seal",
            "--patch-after",
            "--ld-so",
            "--audit",
            "-h",
            "-V",
        ] {
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
    // Which number it gets depends on what the test itself was started with.
    let loader = "openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = ";
    for line in [loader, "write(1, \"hello\\n\", 6) = 6", "exit_group(0) = ?"] {
        assert!(
            lines.iter().any(|one| one.starts_with(line)),
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

#[test]
fn calls_that_never_return_have_their_beginnings() {
    const SOURCE: &str = r#"
        #include <fcntl.h>
        #include <pthread.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static int pipes[2];
        static int thread;
        static void *wait(void *nothing) {
            __atomic_store_n(&thread, (int)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
            read(pipes[0], &nothing, 8);
            return nothing;
        }
        int main(void) {
            pthread_t waiting;
            pipe(pipes);
            pthread_create(&waiting, NULL, wait, NULL);
            for (char text[64] = ""; strncmp(text, "0 ", 2); usleep(1000)) {
                char path[64];
                sprintf(path, "/proc/self/task/%d/syscall", __atomic_load_n(&thread, __ATOMIC_SEQ_CST));
                int file = open(path, O_RDONLY);
                if (file >= 0) {
                    pread(file, text, sizeof text - 1, 0);
                    close(file);
                }
            }
            return 4;
        }"#;
    let directory = Directory::new("unfinished");
    let work = directory.work();
    let _ = built::build_text("program.c", SOURCE, &["-w", "-pthread"], &directory);
    let output = tracer(&["./program"], &work);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let shown = lines(text(&output.stderr));
    let unfinished: Vec<_> = shown
        .iter()
        .filter(|line| line.contains("unfinished"))
        .collect();
    let [one] = &unfinished[..] else {
        panic!("{unfinished:?} in {output:?}")
    };
    assert!(
        one.starts_with("read(") && one.ends_with(", <unfinished ...>"),
        "{one}"
    );
    directory.remove();
}

#[test]
fn a_reader_that_goes_away_does_not_end_the_program() {
    let directory = Directory::new("no reader");
    let mut command = Command::new(Interpreter::Stock.path());
    // The record is longer than a pipe holds, and nobody reads it: the end is closed at once.
    let script = "for i in 1 2 3; do cat /etc/passwd; done > /dev/null; echo done > result";
    command.args(["sh", "-c", script]).env("PATH", tool::PATH);
    command.current_dir(directory.root());
    command.stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the interpreter can be started");
    drop(child.stderr.take());
    let status = child.wait().expect("a child is waited for once");
    assert!(status.success(), "{status}");
    let result = std::fs::read_to_string(directory.root().join("result"));
    assert_eq!(result.ok().as_deref(), Some("done\n"));
    directory.remove();
}

#[test]
fn a_limit_to_the_size_of_files_does_not_end_the_program() {
    let directory = Directory::new("file limit");
    // The limit is there before the first program, or set by it; blocks have 512 or 1024 bytes.
    let set_before =
        "ulimit -f 1; exec \"$0\" -o record sh -c 'cat /etc/hostname; echo done > result'";
    let set_within =
        "exec \"$0\" -o record sh -c 'ulimit -f 1; cat /etc/hostname; echo done > result'";
    for script in [set_before, set_within] {
        let output = Command::new(tool::find("bash").expect("bash is there"))
            .args(["-c", script])
            .arg(Interpreter::Stock.path())
            .env("PATH", tool::PATH)
            .current_dir(directory.root())
            .output()
            .expect("bash can be started");
        assert!(output.status.success(), "{output:?}");
        let read = |name: &str| std::fs::read_to_string(directory.root().join(name));
        assert_eq!(read("result").ok().as_deref(), Some("done\n"));
        std::fs::remove_file(directory.root().join("result")).expect("it was just read");
    }
    // Nor does what the interpreter itself keeps of a program that it has not seen before.
    let work = directory.work();
    let number = std::process::id();
    let source = format!("int number = {number}; int main(void) {{ return 0; }}");
    let flags = ["-static", "-Wl,--build-id"];
    let _ = built::build_text("program.c", &source, &flags, &directory);
    let script = "ulimit -f 0; exec \"$0\" -e trace=none --patch-after=0 ./program";
    let output = Command::new(tool::find("bash").expect("bash is there"))
        .args(["-c", script])
        .arg(Interpreter::Stock.path())
        .current_dir(&work)
        .output()
        .expect("bash can be started");
    assert!(output.status.success(), "{output:?}");
    directory.remove();
}

#[test]
fn what_was_recorded_survives_the_death_of_the_program() {
    let directory = Directory::new("killed");
    // The last call that the program makes before it is killed: its line must be there.
    let script = "import os, signal\n\
        os.mkdir('made'); pid = os.getpid(); os.getppid(); os.kill(pid, signal.SIGKILL)\n";
    let output = tracer(&["-o", "record", "python3", "-c", script], directory.root());
    assert_eq!(output.status.signal(), Some(9), "{output:?}");
    let record = std::fs::read_to_string(directory.root().join("record")).unwrap_or_default();
    assert_eq!(record::torn_line(&record), None);
    let shown = lines(&record);
    let [.., made, pid, parent] = &shown[..] else {
        panic!("too few lines: {record}")
    };
    assert_eq!(made, "mkdir(\"made\", 0777) = 0");
    assert!(pid.starts_with("getpid() = "), "{pid}");
    assert!(parent.starts_with("getppid() = "), "{parent}");
    directory.remove();
}

#[test]
fn strings_are_as_long_as_is_asked_for() {
    let directory = Directory::new("strings");
    let word = "0123456789".repeat(9);
    let line = |options: &[&str]| {
        let words = [options, &["-e", "trace=write", "echo", &word]].concat();
        let output = tracer(&words, directory.root());
        lines(text(&output.stderr)).swap_remove(0)
    };
    let start = |length| format!("write(1, \"{}\"..., 91) = 91", &word[..length]);
    assert_eq!(line(&[]), start(32));
    assert_eq!(line(&["-s", "5"]), start(5));
    assert_eq!(line(&["-s70"]), start(70));
    let whole = format!("write(1, \"{word}\\n\", 91) = 91");
    assert_eq!(line(&["--string-limit=91"]), whole);
    assert_eq!(line(&["-q", "-f", "-s", "1000"]), whole);
    assert_eq!(line(&["-qfs1000"]), whole);
    directory.remove();
}

#[test]
fn lines_may_have_the_time_and_how_long_a_call_took() {
    let directory = Directory::new("times");
    let now = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("it is later than 1970").as_secs_f64()
    };
    let before = now();
    let words = ["-tTtte", "trace=clock_nanosleep", "sleep", "0.02"];
    let output = tracer(&words, directory.root());
    let shown = lines(text(&output.stderr));
    let [sleep, end] = &shown[..] else {
        panic!("{output:?}")
    };
    let (time, rest) = sleep.split_once(' ').expect("there are several words");
    let time: f64 = time.parse().expect("the time comes first");
    // The record cuts off what is below a microsecond.
    assert!((before - 1e-5..now()).contains(&time), "{sleep}");
    let rest =
        rest.strip_prefix("clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=20000000}, ");
    let took = rest.and_then(|rest| rest.split_once(") = 0 <"));
    let took = took.and_then(|(_, took)| took.strip_suffix(">")?.parse::<f64>().ok());
    assert!(took.is_some_and(|took| took >= 0.02), "{sleep}");
    assert!(end.ends_with(" +++ exited with 0 +++"), "{end}");
    directory.remove();
}

#[test]
fn in_a_file_dash_f_begins_each_line_with_the_number_alone() {
    let directory = Directory::new("numbers");
    let words = ["-fo", "record", "-e", "trace=write"];
    let script = ["sh", "-c", "echo one; (echo two; :); /bin/echo three; :"];
    let output = tracer(&[&words[..], &script].concat(), directory.root());
    let record = std::fs::read_to_string(directory.root().join("record"));
    let record = record.expect("there is a record");
    let number = |line: &str| {
        let number: u32 = line.split(' ').next()?.parse().ok()?;
        line.starts_with(&format!("{number:<5} ")).then_some(number)
    };
    let numbers: Option<Vec<_>> = record.lines().map(number).collect();
    let numbers = numbers.unwrap_or_else(|| panic!("{record}"));
    assert!(
        numbers.iter().any(|number| *number != numbers[0]),
        "{record}"
    );
    assert_eq!(lines(&record).len(), 8, "{record}");
    assert_eq!(text(&output.stdout), "one\ntwo\nthree\n");
    directory.remove();
}

#[test]
fn options_that_make_no_sense_are_refused_in_words() {
    let directory = Directory::new("no sense");
    for (words, said) in [
        (&["-s", "many"][..], "-s is a number"),
        (&["-s", "-1"], "-s is a number"),
        (&["-e", "inject=open:error=EPERM"], "not 'inject='"),
        (&["-c"], "unknown option '-c'"),
        (&["-fc"], "unknown option '-fc'"),
        (&["-ftt"], "try -ttt"),
        (&["-ffo", "record"], "try -f"),
        (&["-fs"], "-s is a number"),
        (&["--quiet=x"], "unknown option '--quiet=x'"),
        (&["-e", "trace=nonsense"], "'nonsense'"),
    ] {
        let output = tracer(&[words, &["true"]].concat(), directory.root());
        let line = text(&output.stderr);
        assert!(
            line.starts_with("ld-systrap: ") && line.contains(said),
            "{line}"
        );
        assert_eq!(output.status.code(), Some(127), "{output:?}");
    }
    directory.remove();
}

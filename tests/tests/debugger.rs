//! gdb shows of a program under ld-systrap what it shows natively, and does as little harm.
//!
//! The programs are in `programs/debugged/`. Names of functions are compared, from the innermost to
//! `main`; with the short way through the gate, the long way, and both ways in.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use ld_systrap_tests::backtrace::{gdb, libraries, said, stacks};
use ld_systrap_tests::built;
use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way;

/// How the program is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Natively,
    /// `INTERPRETER -- PROGRAM`.
    AsCommand(&'static str),
    /// The interpreter in PT_INTERP.
    Requested(&'static str),
}

const INTERPOSED: [Start; 4] = [
    Start::AsCommand("stock"),
    Start::AsCommand("uninterested"),
    Start::Requested("stock"),
    Start::Requested("null"),
];

/// A program of `programs/debugged/`, built, in a directory of its own.
struct Subject {
    directory: Directory,
    name: &'static str,
    /// When the interpreter patches it, if it is told.
    patching: Option<&'static str>,
}

impl Subject {
    fn build(test: &str, name: &'static str) -> Self {
        let directory = Directory::new(test);
        let flags = ["-O1", "-g", "-pthread"];
        let _ = built::build_with(&format!("debugged/{name}"), &flags, &directory);
        Self {
            directory,
            name,
            patching: None,
        }
    }

    /// The interpreter's options.
    fn options(&self, interpreter: &str) -> Vec<String> {
        let mut options: Vec<String> = Vec::new();
        if interpreter == "stock" {
            options.extend(["-o".into(), "record".into()]);
        }
        options.extend(self.patching.map(Into::into));
        options
    }

    /// The program's file for a way to start it.
    fn file(&self, start: Start) -> PathBuf {
        let plain = self.directory.work().join(self.name);
        let Start::Requested(interpreter) = start else {
            return plain;
        };
        let copy = plain.with_file_name(format!("{}-{interpreter}", self.name));
        way::request(&plain, &copy, &way::binary(interpreter)).expect("patchelf makes a copy");
        copy
    }

    /// The words that start it, without arguments.
    fn words(&self, start: Start) -> Vec<String> {
        let file = self.file(start).display().to_string();
        let mut words = Vec::new();
        if let Start::AsCommand(interpreter) = start {
            words.push(way::binary(interpreter).display().to_string());
            words.extend(self.options(interpreter));
            words.push("--".into());
        }
        words.push(file);
        words
    }

    /// Prepares `command` to start the program, or a debugger that will.
    fn prepare(&self, command: &mut Command, start: Start) {
        command.current_dir(self.directory.work());
        command.env("LD_BIND_NOW", "1"); // so that steps are few
        if let Start::Requested(interpreter) = start {
            command.env("LD_SYSTRAP", self.options(interpreter).join(" "));
        }
    }

    /// Starts the program under gdb, which is given these commands.
    fn run_in_gdb(&self, start: Start, commands: &[&str], arguments: &[&str]) -> String {
        let mut command = gdb(commands).expect("gdb is there");
        self.prepare(&mut command, start);
        command
            .arg("--args")
            .args(self.words(start))
            .args(arguments);
        // gdb runs programs by a shell; a user's own may be anything.
        let output = command
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::null())
            .output();
        said(&output.expect("gdb can be started"))
    }
}

/// The numbers of the system calls that the threads of a process wait in, in order.
fn waiting_in(process: u32) -> Vec<u64> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task"));
    let mut numbers: Vec<u64> = threads
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|thread| {
            let call = std::fs::read_to_string(thread.path().join("syscall")).ok()?;
            call.split(' ').next()?.parse().ok()
        })
        .collect();
    numbers.sort_unstable();
    numbers
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} in vain");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Starts `waiting` and waits until all of its threads do.
fn start_waiting(subject: &Subject, start: Start) -> Child {
    let words = subject.words(start);
    let mut command = Command::new(&words[0]);
    subject.prepare(&mut command, start);
    command
        .args(&words[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let child = command.spawn().expect("the program can be started");
    // read, poll, futex (twice), ppoll
    wait_until("waited for threads to wait", || {
        waiting_in(child.id()) == [0, 7, 202, 202, 271]
    });
    child
}

/// Lets `waiting` end: what it writes then, and how.
fn finish_waiting(mut child: Child) -> Output {
    let line = child.stdin.take().expect("it is a pipe").write_all(b"\n");
    line.expect("the program reads");
    child.wait_with_output().expect("the program ends")
}

/// The stacks of all threads, whatever their order.
fn sorted_stacks(said: &str) -> Vec<Vec<String>> {
    let mut stacks = stacks(said);
    stacks.sort();
    stacks
}

const RESULTS: &str = "1 11 21 31 40\n";
/// Asserts that gdb shows all libraries that it shows natively.
fn assert_libraries(said: &str, native: &str, start: Start) {
    let there = libraries(said);
    for library in libraries(native) {
        assert!(
            there.contains(&library),
            "{start:?} lacks {library}\n{said}"
        );
    }
}

#[test]
fn an_attached_debugger_sees_who_made_the_calls_that_block_and_disturbs_none() {
    let subject = Subject::build("attached", "waiting");
    let attached = |start: Start| {
        let child = start_waiting(&subject, start);
        let commands = ["thread apply all backtrace", "info sharedlibrary"];
        let mut command = gdb(&commands).expect("gdb is there");
        let output = command.arg("-p").arg(child.id().to_string()).output();
        let said = said(&output.expect("gdb can be started"));
        let output = finish_waiting(child);
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            RESULTS,
            "{start:?}"
        );
        assert!(output.status.success(), "{start:?} {output:?}");
        said
    };
    let native = attached(Start::Natively);
    let expected = sorted_stacks(&native);
    let functions = ["in_read", "in_poll", "in_ppoll", "in_futex", "main"];
    for function in functions {
        let is_there = |stack: &Vec<String>| stack.iter().any(|name| name == function);
        assert_eq!(
            expected.iter().filter(|stack| is_there(stack)).count(),
            1,
            "{native}"
        );
    }
    for start in INTERPOSED {
        let said = attached(start);
        assert_eq!(
            sorted_stacks(&said),
            expected,
            "{start:?}\n{said}\nnatively\n{native}"
        );
        assert_libraries(&said, &native, start);
    }
    subject.directory.remove();
}

#[test]
fn a_core_file_of_a_blocked_program_shows_its_stacks() {
    let subject = Subject::build("core", "waiting");
    let core = |start: Start| {
        let child = start_waiting(&subject, start);
        let path = subject.directory.root().join("core");
        let dump = format!("generate-core-file {}", path.display());
        let mut command = gdb(&[dump.as_str()]).expect("gdb is there");
        let output = command.arg("-p").arg(child.id().to_string()).output();
        output.expect("gdb can be started");
        assert!(finish_waiting(child).status.success());
        let mut command = gdb(&["thread apply all backtrace"]).expect("gdb is there");
        let output = command.arg(subject.file(start)).arg(path).output();
        let said = said(&output.expect("gdb can be started"));
        // Before that it shows where it is.
        said.split_once("\nThread ")
            .map_or(String::new(), |(_, threads)| threads.into())
    };
    let native = core(Start::Natively);
    assert_eq!(sorted_stacks(&native).len(), 5, "{native}");
    for start in INTERPOSED {
        let said = core(start);
        assert_eq!(
            sorted_stacks(&said),
            sorted_stacks(&native),
            "{start:?}\n{said}\n{native}"
        );
    }
    subject.directory.remove();
}

/// Where the kernel puts core files, if it is the program's own directory.
fn cores_are_left_where_programs_are() -> bool {
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern");
    !pattern.expect("the kernel tells").starts_with(['|', '/'])
}

/// Runs `crashing` to its death. Gives the signal and the core file.
fn crash(subject: &Subject, start: Start, how: &str) -> (Option<i32>, PathBuf) {
    let words = subject.words(start);
    let mut command = Command::new(&words[0]);
    subject.prepare(&mut command, start);
    command.args(&words[1..]).arg(how);
    let status = command.status().expect("the program can be started");
    let core = subject.directory.work().join("core");
    if cores_are_left_where_programs_are() {
        assert!(status.core_dumped(), "{start:?} {how}: {status}");
        let entries = subject.directory.work().read_dir().expect("it is there");
        let mut names = entries.flatten().map(|entry| entry.file_name());
        let named = names.find(|name| name.to_string_lossy().starts_with("core"));
        let named = named.expect("the kernel has left a core file");
        std::fs::rename(core.with_file_name(named), &core).expect("it can be renamed");
    } else {
        // Somebody else has got it: one is made where a debugger stops last.
        let dump = format!("generate-core-file {}", core.display());
        let commands = ["run", &dump, "continue", &dump];
        subject.run_in_gdb(start, &commands, &[how]);
    }
    (status.signal(), core)
}

#[test]
fn a_program_that_crashes_leaves_a_core_file_that_leads_to_main() {
    let subject = Subject::build("crashed", "crashing");
    for (how, signal, innermost) in [
        ("null", 11, "by_null"),
        ("null in call", 11, "by_null_in_call"),
        ("abort", 6, "by_abort"),
        ("kill", 3, "by_kill"),
        ("handler", 11, "by_null"),
        ("thread", 11, "by_null"),
    ] {
        let stack = |start: Start| {
            let (ended, core) = crash(&subject, start, how);
            assert_eq!(ended, Some(signal), "{start:?} {how}");
            let commands = ["backtrace", "print $_siginfo.si_signo"];
            let mut command = gdb(&commands).expect("gdb is there");
            let output = command.arg(subject.file(start)).arg(&core).output();
            let said = said(&output.expect("gdb can be started"));
            std::fs::remove_file(core).expect("it is there");
            assert!(
                said.contains(&format!("$1 = {signal}\n")),
                "{start:?} {how}\n{said}"
            );
            (stacks(&said).pop().unwrap_or_default(), said)
        };
        let (native, said) = stack(Start::Natively);
        assert!(native.iter().any(|name| name == innermost), "{how}\n{said}");
        let outermost = if how == "thread" { "body" } else { "main" };
        assert!(native.iter().any(|name| name == outermost), "{how}\n{said}");
        for start in INTERPOSED {
            let (stack, said) = stack(start);
            assert_eq!(stack, native, "{start:?} {how}\n{said}");
        }
    }
    subject.directory.remove();
}

#[test]
fn a_debugger_that_starts_the_program_stops_in_main_in_a_handler_and_at_a_fault() {
    let subject = Subject::build("started", "signalled");
    let commands = [
        "handle SIGUSR1 nostop noprint pass",
        "break main",
        "break handler",
        "run",
        "backtrace",
        "info sharedlibrary",
        "continue",
        "backtrace",
        "finish",
        "continue",
        "backtrace",
        "print value",
        "kill",
    ];
    let native = subject.run_in_gdb(Start::Natively, &commands, &["fault"]);
    let expected = stacks(&native);
    assert_eq!(expected.len(), 3, "{native}");
    assert_eq!(expected[0], ["main"]);
    assert_eq!(expected[1][..2], ["handler", "<signal handler called>"]);
    assert_eq!(expected[2], ["fault", "main"]);
    for start in INTERPOSED {
        let said = subject.run_in_gdb(start, &commands, &["fault"]);
        assert_eq!(
            stacks(&said),
            expected,
            "{start:?}\n{said}\nnatively\n{native}"
        );
        for line in [
            "Program received signal SIGSEGV, Segmentation fault.",
            "$1 = 2",
        ] {
            assert!(said.contains(line), "{start:?} lacks '{line}'\n{said}");
        }
        assert_libraries(&said, &native, start);
    }
    subject.directory.remove();
}

/// Every instruction between the breakpoint and the end of the second call, and beyond: in trampolines,
/// gate and runtime.
#[test]
fn single_steps_lead_through_calls_and_the_program_goes_on() {
    let subject = Subject::build("stepped", "signalled");
    let commands = [
        "handle SIGUSR1 nostop noprint pass",
        "break inner",
        "run",
        "delete",
        "stepi 20",
        "stepi 1500",
        "continue",
    ];
    let over = [
        "handle SIGUSR1 nostop noprint pass",
        "break inner",
        "run",
        "delete",
        "next",
        "next",
        "backtrace",
        "continue",
    ];
    let native = stacks(&subject.run_in_gdb(Start::Natively, &over, &[]));
    assert_eq!(native, [["inner", "outer", "main"]]);
    for start in INTERPOSED {
        let said = subject.run_in_gdb(start, &commands, &[]);
        assert!(
            said.contains("2 10\n") && said.contains("exited with code 02"),
            "{start:?}\n{said}"
        );
        assert!(!said.contains("SIGTRAP"), "{start:?}\n{said}");
        let said = subject.run_in_gdb(start, &over, &[]);
        assert_eq!(stacks(&said), native, "{start:?}\n{said}");
        assert!(
            said.contains("2 10\n") && said.contains("exited with code 02"),
            "{start:?}\n{said}"
        );
    }
    subject.directory.remove();
}

/// Each instruction from the start of a function that makes a call to the gate.
#[test]
fn a_thread_in_a_trampoline_is_where_its_instruction_was() {
    const CALLED: &str = "<signal handler called>";
    let mut subject = Subject::build("trampoline", "signalled");
    subject.patching = Some("--patch-after=0");
    let mut commands = vec![
        "handle SIGUSR1 nostop noprint pass",
        "break inner",
        "run",
        "delete",
        "tbreak kill",
        "continue",
    ];
    commands.extend([["stepi", "backtrace"]; 7].as_flattened());
    commands.push("continue");
    for start in INTERPOSED {
        let said = subject.run_in_gdb(start, &commands, &[]);
        let mut stacks = stacks(&said);
        assert_eq!(stacks.len(), 7, "{start:?}\n{said}");
        let in_trampoline = stacks.iter().filter(|stack| stack[0] == CALLED).count();
        assert!(in_trampoline > 2, "{start:?}\n{said}");
        for stack in &mut stacks {
            stack.retain(|name| name != CALLED);
            assert_eq!(stack[1..], ["inner", "outer", "main"], "{start:?}\n{said}");
            assert!(stack[0].ends_with("kill"), "{start:?}\n{said}");
        }
        assert!(said.contains("exited with code 02"), "{start:?}\n{said}");
    }
    subject.directory.remove();
}

#[test]
fn without_patches_steps_lead_over_calls_in_the_program_as_natively() {
    let mut subject = Subject::build("inline", "inline");
    subject.patching = Some("--patch-after=never");
    let commands = [
        "break inner",
        "run",
        "next",
        "next",
        "next",
        "continue",
        "delete",
        "next",
        "finish",
        "print given",
        "continue",
    ];
    // Source lines, with their numbers, what the program writes, and values.
    let shown = |start: Start| {
        let said = subject.run_in_gdb(start, &commands, &[]);
        let is_shown = |line: &&str| {
            line.starts_with(|first: char| first.is_ascii_digit())
                || line.contains("exited normally")
        };
        let lines = said.lines().filter(is_shown).map(without_numbers);
        (lines.collect::<Vec<_>>(), said)
    };
    let (native, said) = shown(Start::Natively);
    assert!(native.len() > 7, "{said}");
    for start in INTERPOSED {
        let (lines, said) = shown(start);
        assert_eq!(lines, native, "{start:?}\n{said}");
    }
    subject.directory.remove();
}

/// A line without numbers of processes, which are in parentheses.
fn without_numbers(line: &str) -> String {
    line.split('(').next().unwrap_or_default().into()
}

/// A thread that waits in the gate arms the seal on its way out, by a trap; the signal comes right before.
#[test]
fn a_signal_on_a_diverted_way_out_comes_behind_the_call() {
    let mut subject = Subject::build("diverted", "diverted");
    subject.patching = Some("--patch-after=0");
    let commands = [
        "break main",
        "run",
        "hbreak *gate_diverted",
        "continue",
        "signal SIGUSR1",
    ];
    let said = subject.run_in_gdb(Start::AsCommand("uninterested"), &commands, &[]);
    assert!(said.contains("hit Breakpoint 2"), "{said}");
    assert!(said.contains("rip 0, rcx 0, rax 0; then 0\n"), "{said}");
    subject.directory.remove();
}

//! Signals from outside: between processes, and what a process is started with.

use std::os::unix::process::CommandExt;
use std::process::Command;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way::{self, Interpreter, Way};
use ld_systrap_tests::{built, execution};

unsafe extern "C" {
    fn sigprocmask(how: i32, set: *const [u64; 16], old: *mut [u64; 16]) -> i32;
    fn signal(number: i32, handler: usize) -> usize;
    fn raise(number: i32) -> i32;
}

const SIG_BLOCK: i32 = 0;
const SIG_IGN: usize = 1;
const SIGILL: i32 = 4;
const SIGUSR1: i32 = 10;
const SIGSEGV: i32 = 11;
const SIGSYS: i32 = 31;

/// What is recorded of each is too much for the stock interpreter, whose turn it is in `programs/` with
/// some thousands.
#[test]
fn a_million_queued_signals_come_in_order() {
    let directory = Directory::new("queued");
    let program = built::build("signal_between_processes", &directory);
    for handler in ["null", "uninterested"] {
        let mut command = Command::new(way::binary(handler));
        let output = command.arg("--").arg(&program).arg("1000000").output();
        let output = output.expect("the program can be started");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said, "in order: 1000000\n", "{handler}: {output:?}");
    }
    directory.remove();
}

/// Calls that no handler wants to see wait in the gate, and nobody looks at anything when they are over. Code
/// that is made meanwhile is sealed all the same, without a signal: one would end them.
#[test]
fn waits_that_nobody_sees_are_as_long_when_code_is_made() {
    let directory = Directory::new("waits");
    let program = built::build("waits_while_code_is_made", &directory);
    let record = directory.root().join("record");
    let mut command = Command::new(way::binary("stock"));
    command
        .arg("-o")
        .arg(&record)
        .args(["-e", "trace=getpid", "--"]);
    let output = command.arg(&program).output();
    let output = output.expect("the program can be started");
    let names = "nanosleep clock_nanosleep poll epoll_wait select futex semtimedop recv 8 calls\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), names, "{output:?}");
    let record = std::fs::read_to_string(record).expect("there is a record");
    assert_eq!(record.matches("getpid()").count(), 1 + 8, "{record}");
    directory.remove();
}

/// A trap while its signal is blocked or ignored would be the end: whoever starts an interpreter need not
/// know of that.
#[test]
fn a_parent_may_have_blocked_and_ignored_signals_and_left_some_pending() {
    let directory = Directory::new("blocked");
    let program = built::build("signals_kept_over_exec", &directory);
    let run = |way: Way| {
        let name = program.display().to_string();
        let record = directory.root().join("record");
        let copy = program.with_extension("copy");
        let file = match way {
            Way::Requested(interpreter) => {
                way::request(&program, &copy, &interpreter.path()).expect("patchelf makes a copy");
                &copy
            }
            _ => &program,
        };
        let words = ["again".into()];
        let mut command = way
            .command(file, &name, &[], &words, &record)
            .expect("all tools are there");
        // SAFETY: calls that any child may make before it executes something.
        unsafe {
            command.pre_exec(|| {
                sigprocmask(SIG_BLOCK, &[u64::MAX; 16], std::ptr::null_mut());
                signal(SIGSYS, SIG_IGN);
                for number in [SIGILL, SIGUSR1, SIGSEGV] {
                    raise(number);
                }
                Ok(())
            });
        }
        let limit = std::time::Duration::from_secs(20);
        execution::run(&mut command, directory.root(), limit).expect("the program can be started")
    };
    let native = run(Way::Native);
    assert!(native.stdout.contains("pending 4 10 11,"), "{native:?}");
    for interpreter in [Interpreter::Stock, Interpreter::Null] {
        for way in [Way::Command(interpreter), Way::Requested(interpreter)] {
            assert_eq!(run(way), native, "{way:?}");
        }
    }
    directory.remove();
}

//! A signal at every instruction between a site and the return to it: no call is lost, none is made
//! twice, and handlers see what they might see natively.
//!
//! A program (`programs/stepped`) makes one call over and over and says after each round what it has
//! seen. One round is gone through step by step and gives the *places* on the way. Then each place has
//! its own round: the thread runs to it at full speed (a breakpoint), gets a signal, and goes on. The
//! same is done natively, and what the program says under an interpreter must be something that it
//! says natively. A round takes some 80 µs, so that all places are tried: trampoline, gate, Rust,
//! signal handlers of ours and of the program, and each entry into the kernel and exit from it. Of an
//! instruction that repeats itself (`rep movsb`) the first two repetitions are places. Only where one
//! signal follows another, the first comes at every fortieth place and at each `syscall`.

mod plan;
mod stepped;
mod tracee;

use std::path::PathBuf;
use std::sync::OnceLock;

use ld_systrap_tests::built;
use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way;
use plan::{Plan, Tried};
use stepped::{Moment, Stepped};
use tracee::Signal;

const fn plain(number: i32) -> Signal {
    Signal {
        number,
        value: None,
    }
}
const fn queued(value: i32) -> Signal {
    Signal {
        number: 34, // SIGRTMIN of glibc
        value: Some(value),
    }
}
const USR1: Signal = plain(10);
/// One that the kernel never gets to block.
const SEGV: Signal = plain(11);

/// Calls that do not wait.
const IMMEDIATE: [&str; 7] = [
    "getpid",
    "write",
    "lseek",
    "read-ready",
    "futex-ready",
    "poll-ready",
    "accept-ready",
];
/// Calls that wait.
const WAITING: [&str; 6] = [
    "read",
    "nanosleep",
    "futex",
    "poll",
    "accept",
    "rt_sigsuspend",
];
/// Calls that the runtime must see itself, though no handler wants to.
const OWN: [&str; 14] = [
    "rt_sigprocmask",
    "rt_sigaction",
    "sigaltstack",
    "ppoll",
    "ppoll-ready",
    "rt_sigsuspend",
    "tgkill",
    "mmap",
    "munmap",
    "dup2",
    "close",
    "openat",
    "fork",
    "execve",
];

/// The program, built once.
fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let directory = Directory::new("stepped");
        built::build_with("stepped/stepped", &["-O1", "-static"], &directory)
    };
    PROGRAM.get_or_init(build).clone()
}

/// Tries a plan natively and under a handler, and tells what was never seen natively.
fn check(handler: &str, words: &[&str], plan: &Plan) {
    let mut native = plan::try_all(&program(), None, words, plan);
    // Two signals may also come at once, as far as the kernel is concerned.
    if let Some(together) = plan.together() {
        let more = plan::try_all(&program(), None, words, &together);
        native.seen.extend(more.seen);
    }
    assert!(native.lost.is_empty(), "natively: {:?}", native.lost);
    let Tried {
        seen,
        lost,
        missed,
        places,
    } = plan::try_all(&program(), Some(&way::binary(handler)), words, plan);
    println!("{handler} {words:?}: {places} places");
    let wrong: Vec<_> = seen
        .iter()
        .filter(|(outcome, _)| !native.seen.contains_key(*outcome))
        .map(|(outcome, place)| format!("{outcome}\n    from {place}"))
        .chain(lost)
        .collect();
    let possible: Vec<_> = native.seen.keys().take(12).collect();
    assert!(
        wrong.is_empty(),
        "{handler} {words:?} {plan:?}: of {places} places, {}\nnatively possible: {possible:#?}",
        wrong.join("\n"),
    );
    assert!(
        missed.is_empty(),
        "{handler} {words:?} {plan:?}: of {places} places, these were not come to again: {missed:#?}",
    );
}

/// All that is tried of calls that do not wait.
fn check_immediate(handler: &str, site: &str, calls: &[&str]) {
    for call in calls {
        for signals in [
            vec![USR1],
            vec![SEGV],
            vec![USR1, SEGV],
            vec![queued(1), queued(2)],
        ] {
            // It waits for a signal that was blocked before, and for no other.
            if *call != "rt_sigsuspend" || signals.iter().all(|signal| signal.value.is_none()) {
                check(handler, &[site, call], &Plan::Each(signals));
            }
        }
        check(handler, &[site, call, "unusual"], &Plan::Each(vec![USR1]));
    }
}

/// All that is tried of calls that wait.
fn check_waiting(handler: &str, site: &str, calls: &[&str]) {
    for call in calls {
        for words in [vec![site, call], vec![site, call, "restart"]] {
            check(handler, &words, &Plan::Each(vec![USR1]));
            check(handler, &words, &Plan::Asleep(vec![vec![USR1]]));
            check(handler, &words, &Plan::Asleep(vec![vec![SEGV]]));
        }
        check(handler, &[site, call], &Plan::AfterWaking(USR1, vec![SEGV]));
    }
    let words = [site, "read", "restart"];
    check(handler, &words, &Plan::AfterWaking(USR1, vec![SEGV]));
    check(handler, &words, &Plan::AfterWaking(USR1, vec![queued(1)]));
}

#[test]
fn calls_that_do_not_wait_on_the_long_way() {
    check_immediate("null", "plain", &IMMEDIATE);
}

#[test]
fn calls_that_do_not_wait_on_the_short_way() {
    check_immediate("uninterested", "plain", &IMMEDIATE);
}

#[test]
fn calls_that_wait_on_the_long_way() {
    check_waiting("null", "plain", &WAITING);
}

#[test]
fn calls_that_wait_on_the_short_way() {
    check_waiting("uninterested", "plain", &WAITING);
}

#[test]
fn calls_that_the_runtime_must_see() {
    check_immediate("uninterested", "plain", &OWN);
}

/// The kernel never gets to block SIGSEGV, nor to ignore it: it wakes calls that it must not wake.
#[test]
fn calls_that_sleep_on() {
    let plan = Plan::Asleep(vec![vec![SEGV], vec![SEGV], vec![USR1]]);
    for handler in ["null", "uninterested"] {
        for call in [
            "read",
            "nanosleep",
            "futex",
            "poll",
            "accept",
            "rt_sigsuspend",
        ] {
            for word in ["ignored", "blocked"] {
                if (call, word) != ("rt_sigsuspend", "blocked") {
                    check(handler, &["plain", call, word], &plan);
                }
            }
        }
    }
}

#[test]
fn one_signal_after_another() {
    for second in [SEGV, queued(1)] {
        check(
            "null",
            &["plain", "write"],
            &Plan::AfterEach(40, USR1, second),
        );
    }
}

#[test]
fn sites_that_trap() {
    for handler in ["null", "uninterested"] {
        check_immediate(handler, "lonely", &["write"]);
        check_waiting(handler, "lonely", &["read"]);
    }
}

#[test]
fn calls_that_do_not_wait_at_sites_that_the_seal_catches() {
    for handler in ["null", "uninterested"] {
        check_immediate(handler, "sealed", &IMMEDIATE);
    }
}

#[test]
fn calls_that_wait_at_sites_that_the_seal_catches() {
    for handler in ["null", "uninterested"] {
        check_waiting(handler, "sealed", &WAITING);
    }
}

#[test]
fn calls_that_the_runtime_must_see_at_sites_that_the_seal_catches() {
    check_immediate("uninterested", "sealed", &OWN);
}

/// A handler that is told of the end sees it once, though a signal may come between that and the end.
#[test]
fn the_end_of_a_process() {
    let directory = Directory::new("ended");
    let counts = directory.work().join("counts");
    let start = || {
        let words = ["plain", "exit_group"];
        let mut command = stepped::command(&program(), Some(&way::binary("count")), &words);
        command.current_dir(directory.work());
        Stepped::start(command).expect("the program can be started")
    };
    let places = start().places(&[], USR1).expect("it ends");
    // What a handler does before it is told is like that of all calls.
    let places = &places[places.len().saturating_sub(400)..];
    for place in places {
        let _ = std::fs::remove_file(&counts);
        let status = start().end(&[(Moment::At(*place), vec![USR1])]);
        let told = std::fs::read_to_string(&counts).unwrap_or_default();
        assert_eq!(status, Ok(7), "at {place:x?}");
        assert_eq!(told.matches("exit 7,").count(), 1, "at {place:x?}: {told}");
    }
    directory.remove();
}

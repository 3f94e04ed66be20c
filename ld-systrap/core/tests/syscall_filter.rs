//! Lists of calls mean what they mean after strace's `-e trace=`.

use ld_systrap_core::syscall::{Abi, Filter, number};

fn matches(list: &str, call: &str) -> bool {
    let filter = Filter::parse(list).unwrap_or_else(|error| panic!("{list}: {error}"));
    filter.matches(Abi::Syscall, number(call).expect("a call"))
}

fn refused(list: &str) -> String {
    Filter::parse(list).expect_err(list).to_string()
}

#[test]
fn names_and_numbers_are_calls() {
    assert!(matches("open,close", "open"));
    assert!(matches("open,close", "close"));
    assert!(!matches("open,close", "read"));
    assert!(matches("0", "read"));
    assert!(matches("read@64", "read"));
    assert!(matches("open,", "open"));
}

#[test]
fn all_and_none_are_everything_and_nothing() {
    assert!(matches("all", "read"));
    assert!(!matches("none", "read"));
    assert!(!matches("!all", "read"));
    assert!(matches("!none", "read"));
    assert!(Filter::parse("all").is_ok_and(|filter| filter.is_all()));
    assert!(Filter::all().matches(Abi::Syscall, 100_000));
    assert!(!Filter::none().matches(Abi::Syscall, 100_000));
}

#[test]
fn an_exclamation_mark_turns_the_whole_list_round() {
    assert!(!matches("!open,close", "close"));
    assert!(matches("!open,close", "read"));
    assert_eq!(refused("open,!close"), "invalid system call '!close'");
}

#[test]
fn classes_are_those_of_strace() {
    assert!(matches("%file", "openat"));
    assert!(matches("file", "unlink"));
    assert!(!matches("%file", "read"));
    assert!(matches("%desc", "read"));
    assert!(matches("%network", "connect"));
    assert!(matches("%net", "socket"));
    assert!(matches("%process", "execve"));
    assert!(matches("%signal", "kill"));
    assert!(matches("%memory", "brk"));
    assert!(matches("%ipc", "shmat"));
    assert!(matches("%creds", "setuid"));
    assert!(matches("%clock", "clock_gettime"));
    assert!(matches("%pure", "getpid"));
    assert!(matches("%%stat", "statx"));
    assert!(!matches("%stat", "lstat"));
    assert_eq!(refused("%foo"), "invalid system call '%foo'");
    assert_eq!(refused("creds"), "invalid system call 'creds'");
}

#[test]
fn what_does_not_exist_is_refused_unless_it_may_be_missing() {
    assert_eq!(refused("foo"), "invalid system call 'foo'");
    assert_eq!(refused("open,foo"), "invalid system call 'foo'");
    assert_eq!(refused("500"), "invalid system call '500'");
    assert_eq!(refused(""), "invalid system call ''");
    assert_eq!(refused(","), "invalid system call ','");
    assert!(!matches("?foo", "read"));
    assert!(matches("?foo,read", "read"));
    assert!(matches("!?foo", "read"));
}

#[test]
fn regular_expressions_pick_calls_by_name() {
    assert!(matches("/^get.*id$", "getpid"));
    assert!(!matches("/^get.*id$", "getrandom"));
    assert!(matches("/stat", "fstatfs"));
    assert!(matches("/^(open|close)", "openat"));
    assert!(!matches("/^(open|close)$", "openat"));
    assert!(matches("/^open|^close$", "close"));
    assert!(matches("/^p?(read|write)(v2?|64)?$", "preadv2"));
    assert!(matches("/^p?(read|write)(v2?|64)?$", "write"));
    assert!(!matches("/^p?(read|write)(v2?|64)?$", "readlink"));
    assert!(matches("/^[pm]ipe2?$", "pipe"));
    assert!(matches("/^[^a-c]+2$", "dup2"));
    assert!(!matches("/^[^a-d]+2$", "dup2"));
    assert!(matches("/(n|y)*c+$", "sync"));
    assert_eq!(
        refused("/^nothing_like_it"),
        "invalid system call '/^nothing_like_it'"
    );
    for broken in [
        "/[",
        "/(open",
        "/open)",
        "/*",
        "/a{2}",
        "/((((((((((((((((((a",
        "/[a-",
    ] {
        assert!(Filter::parse(broken).is_err(), "{broken}");
    }
    assert!(Filter::parse("?/^nothing_like_it").is_ok());
}

#[test]
fn calls_by_interrupt_match_by_name() {
    let filter = Filter::parse("write,socketcall").expect("both exist");
    assert!(filter.matches(Abi::Int80, 4));
    assert!(filter.matches(Abi::Int80, 102));
    assert!(!filter.matches(Abi::Int80, 1));
}

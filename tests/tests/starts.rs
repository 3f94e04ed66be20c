//! How often a process comes through the seal before it is patched: each time is a signal, which strace
//! shows.

use std::fs;
use std::process::Command;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::tool;
use ld_systrap_tests::way::Interpreter;

/// A shell that makes some thousand calls and no other process.
const LONG: &[&str] = &[
    "sh",
    "-c",
    "i=0; while [ $i -lt 500 ]; do i=$((i + 1)); echo > /dev/null; done",
];

/// Has the tables of the C library and of ld.so kept.
fn keep_tables() {
    let status = Command::new(Interpreter::Null.path())
        .args(["--patch-after=0", "true"])
        .status();
    assert!(status.is_ok_and(|status| status.success()));
}

/// How many calls of a program come through the seal.
fn through_the_seal(test: &str, options: &[&str], program: &[&str]) -> usize {
    let directory = Directory::new(test);
    let record = directory.work().join("record");
    let output = Command::new(tool::find("strace").expect("strace is there"))
        .args(["-e", "trace=none", "-e", "signal=SYS", "-o"])
        .arg(&record)
        .arg(Interpreter::Null.path())
        .args(options)
        .arg("--")
        .args(program)
        .env("LC_ALL", "C")
        .output()
        .expect("strace can be started");
    assert!(output.status.success(), "{output:?}");
    let record = fs::read_to_string(record).expect("strace has written it");
    directory.remove();
    record.matches("--- SIGSYS").count()
}

#[test]
fn a_program_with_few_calls_of_its_own_comes_through_the_seal_for_those_only() {
    keep_tables();
    let all = through_the_seal("starts-all", &["--patch-after=1000"], &["true"]);
    assert!((1..10).contains(&all), "ld.so alone makes more than twenty");
}

#[test]
fn a_process_comes_through_the_seal_as_often_as_the_option_says() {
    keep_tables();
    for calls in ["1", "7", "60"] {
        let option = format!("--patch-after={calls}");
        let counted = through_the_seal("starts-some", &[&option], LONG);
        assert_eq!(counted.to_string(), calls);
    }
    assert_eq!(
        through_the_seal("starts-none", &["--patch-after=0"], LONG),
        0
    );
    assert_eq!(through_the_seal("starts-usual", &[], LONG), 40);
}

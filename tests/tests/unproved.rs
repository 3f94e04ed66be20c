//! Code that nothing proves: who may run it, and when.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::{built, way};

/// The permissions that /proc/PID/maps has for the page at `address`.
fn permissions(process: u32, address: u64) -> String {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).expect("it runs");
    let number = |text| u64::from_str_radix(text, 16).expect("an address");
    let mut lines = maps.lines().filter_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        (number(start)..number(end))
            .contains(&address)
            .then_some(rest)
    });
    let rest = lines.next().expect("it is mapped");
    rest.split(' ').next().unwrap_or_default().into()
}

/// Nothing proves what is on the page: it cannot be run until the program does, and then its calls are seen.
#[test]
fn what_is_not_proved_cannot_be_run_until_the_program_does() {
    let directory = Directory::new("unproved");
    let program = built::build("unproved_code", &directory);
    let run = |words: &[&str]| {
        let mut child = Command::new(words[0])
            .args(&words[1..])
            .args([program.to_str().expect("a path"), "wait"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut to = child.stdin.take().expect("a pipe");
        let mut from = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut line = || from.next().expect("a line").expect("text");
        let page = u64::from_str_radix(&line(), 16).expect("an address");
        let before = permissions(child.id(), page);
        to.write_all(b"\n").expect("it reads");
        assert_eq!(line(), "-38");
        let after = permissions(child.id(), page);
        to.write_all(b"\n").expect("it reads");
        assert!(child.wait().is_ok_and(|status| status.success()));
        [before, after]
    };
    let record = directory.root().join("record");
    let tracer = way::binary("stock");
    let [tracer, file] = [&tracer, &record].map(|path| path.to_str().expect("a path"));
    assert_eq!(run(&["/usr/bin/env"]), ["r-xp", "r-xp"]);
    let patched = run(&[tracer, "-o", file, "--patch-after=0", "--"]);
    assert_eq!(patched, ["r--p", "r-xp"]);
    let record = std::fs::read_to_string(record).expect("there is a record");
    assert!(record.contains("syscall_0x1f9("), "{record}");
    directory.remove();
}

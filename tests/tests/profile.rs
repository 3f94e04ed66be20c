//! perf finds the callers of a system call that a program under ld-systrap makes, by frame pointers and by
//! copies of the stack.

use std::process::Command;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::{built, tool, way};

/// Stacks that perf has sampled, the innermost function first.
fn record(directory: &Directory, how: &str, words: &[&str]) -> Result<Vec<String>, String> {
    let perf = tool::find("perf")?;
    let data = directory.root().join("perf.data");
    // The clock works where processors' counters cannot be had, as in virtual machines.
    let recorded = Command::new(&perf)
        .args(["record", "-q", "-N", "-e", "cpu-clock", "-F", "999"])
        .args(["--call-graph", how, "-o"])
        .arg(&data)
        .args(words)
        .current_dir(directory.work())
        .output();
    let recorded = recorded.map_err(|error| error.to_string())?;
    if !recorded.status.success() {
        return Err(String::from_utf8_lossy(&recorded.stderr).into_owned());
    }
    let shown = Command::new(perf)
        .args(["script", "--no-inline", "-F", "ip,sym", "-i"])
        .arg(&data)
        .output();
    let shown = shown.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    Ok(text.split("\n\n").map(str::to_owned).collect())
}

/// How many stacks have all of these functions, and of how many that are in the call.
fn complete(stacks: &[String], functions: &[&str]) -> (usize, usize) {
    let has = |stack: &str, name: &str| stack.split_whitespace().any(|word| word == name);
    let inside: Vec<_> = stacks
        .iter()
        .filter(|stack| stack.contains("sys_pread64"))
        .collect();
    let complete = inside
        .iter()
        .filter(|stack| functions.iter().all(|name| has(stack, name)));
    (complete.count(), inside.len())
}

#[test]
fn perf_finds_the_callers_of_a_call() {
    let directory = Directory::new("profile");
    let flags = ["-O1", "-g", "-fno-omit-frame-pointer"];
    let program = built::build_with("debugged/calling", &flags, &directory);
    let copy = directory.work().join("copy");
    way::request(&program, &copy, &way::binary("null")).expect("patchelf makes a copy");
    let [null, uninterested] =
        ["null", "uninterested"].map(|name| way::binary(name).display().to_string());
    // A frame pointer leads to the caller of whoever has one, and pread has none.
    for (how, functions) in [
        ("fp", &["outer", "main"][..]),
        ("dwarf", &["inner", "outer", "main"][..]),
    ] {
        let native = match record(&directory, how, &["./calling"]) {
            Ok(stacks) => stacks,
            // Not every machine lets its processes be sampled, or has the tool.
            Err(error) => return println!("ignored, perf cannot record: {error}"),
        };
        let (found, inside) = complete(&native, functions);
        assert!(
            found * 10 > inside * 8 && inside > 5,
            "natively {found} of {inside}"
        );
        for words in [
            &[null.as_str(), "--", "./calling"][..],
            &[uninterested.as_str(), "--", "./calling"],
            &["./copy"],
        ] {
            let stacks = record(&directory, how, words).expect("it can be recorded");
            let (found, inside) = complete(&stacks, functions);
            assert!(
                found * 10 > inside * 8 && inside > 5,
                "{how} {words:?}: {found} of {inside} stacks are complete; one is\n{}",
                stacks.get(stacks.len() / 2).map_or("", String::as_str)
            );
        }
    }
    directory.remove();
}

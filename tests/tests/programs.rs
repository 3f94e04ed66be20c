//! Every program of `programs/`, built each way its first lines say, behaves under ld-systrap as
//! it does natively.
//!
//! A file put into `programs/` is a test. Arguments that are not options select tests by a part of
//! their name, as with other tests; two run at a time.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;

use ld_systrap_tests::program::Program;

/// A system call costs far more than natively, and the machine may be small.
const AT_A_TIME: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let mut tests = Vec::new();
    let mut failures = Vec::new();
    for source in sources() {
        match Program::read(&source) {
            Ok(program) => {
                let names = program.tests();
                let program = std::sync::Arc::new(program);
                tests.extend(
                    names
                        .into_iter()
                        .enumerate()
                        .map(|(i, name)| (name, i, program.clone())),
                );
            }
            Err(report) => failures.push(report),
        }
    }
    tests.retain(|(name, ..)| wanted.is_empty() || wanted.iter().any(|part| name.contains(*part)));
    if arguments.iter().any(|word| word == "--list") {
        tests.iter().for_each(|(name, ..)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", tests.len() + failures.len());
    let (count, queue) = (tests.len(), Mutex::new(tests.into_iter()));
    let failures = Mutex::new(failures);
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((name, index, program)) = next(&queue) {
                    if !program.may_run() {
                        println!("test {name} ... ignored, needs root");
                        continue;
                    }
                    match program.case(index).and_then(|case| case.compare()) {
                        Ok(()) => println!("test {name} ... ok"),
                        Err(report) => {
                            println!("test {name} ... FAILED");
                            if let Ok(mut failures) = failures.lock() {
                                failures.push(report);
                            }
                        }
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_default();
    for report in &failures {
        println!("\n---- {report}");
    }
    println!("\ntest result: {} of {count} failed", failures.len());
    if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Takes the next test; the lock is held for no longer than that.
fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().ok()?.next()
}

fn sources() -> Vec<std::path::PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let entries = directory.read_dir().expect("the package has its programs");
    let mut sources: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| ["c", "S", "cc", "go", "rs"].iter().any(|e| end == *e))
        })
        .collect();
    sources.sort();
    sources
}

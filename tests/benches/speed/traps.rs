//! How often programs take the slow way in: signals that the kernel delivers for traps and for the
//! seal, counted from outside by strace(1), which stops at nothing else.

use std::ffi::OsString;
use std::path::Path;

use ld_systrap_tests::tool;

use crate::bench::Bench;

/// The SIGILL and SIGSYS of all processes of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traps {
    pub(crate) count: usize,
}

/// The words that, before a command, count the traps of it in the file `log`.
pub(crate) fn counter(log: &Path) -> Option<Vec<OsString>> {
    let words = "-f --seccomp-bpf -q -e trace=none -e signal=SIGILL,SIGSYS -o";
    let mut counter = vec![OsString::from(tool::find("strace").ok()?)];
    counter.extend(words.split(' ').map(OsString::from));
    counter.push(log.into());
    Some(counter)
}

/// Runs a command, counting.
pub(crate) fn count(bench: &Bench, words: &[OsString]) -> Option<Traps> {
    let log = bench.program("traps");
    let counter = counter(&log)?;
    let mut command = bench.command(Path::new(&counter[0]));
    command.args(&counter[1..]).args(words).output().ok()?;
    counted(&log)
}

/// What a counter has written.
pub(crate) fn counted(log: &Path) -> Option<Traps> {
    let text = std::fs::read_to_string(log).ok()?;
    Some(Traps {
        count: text
            .lines()
            .filter(|line| line.contains(" --- SIG"))
            .count(),
    })
}

//! What is resident in a process more than natively, as /proc/self/smaps_rollup says
//! (`programs/resident.c`): with one thread and with a hundred.

use std::path::{Path, PathBuf};

use ld_systrap_tests::way;

use crate::bench::Bench;
use crate::table;

const ROUNDS: usize = 10;

/// In kilobytes.
#[derive(Clone, Copy)]
struct Resident {
    all: i64,
    written_to: i64,
}

pub(crate) fn run(bench: &Bench) {
    let mut rows = vec![
        ("memory of a small program with one thread", "0"),
        ("memory of a program with 100 threads more", "100"),
    ];
    rows.retain(|(what, _)| bench.wants(what));
    if !rows.is_empty() {
        table::memory_heading();
    }
    for (what, threads) in rows {
        let program = bench.program("resident");
        let requested = bench.program("resident-requested");
        if let Err(error) = way::request(&program, &requested, &bench.null) {
            eprintln!("{what}: {error}");
        }
        let native = least(bench, &[&program], threads);
        let command = least(bench, &[&bench.null, &program], threads);
        let requested = least(bench, &[&requested], threads);
        let added = |to: Option<Resident>| Some(to?.all - native?.all);
        let written = || Some(command?.written_to - native?.written_to);
        let cells = [
            native.map(|native| native.all),
            added(command),
            added(requested),
            written(),
        ];
        table::memory(what, cells);
    }
}

fn least(bench: &Bench, words: &[&PathBuf], threads: &str) -> Option<Resident> {
    let runs = (0..bench.rounds(ROUNDS)).filter_map(|_| measure(bench, words, threads));
    runs.min_by_key(|resident| resident.all)
}

fn measure(bench: &Bench, words: &[&PathBuf], threads: &str) -> Option<Resident> {
    let mut command = bench.command(Path::new(words[0]));
    let output = command.args(&words[1..]).arg(threads).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut figures = text.split_whitespace().map(str::parse);
    Some(Resident {
        all: figures.next()?.ok()?,
        written_to: figures.next()?.ok()?,
    })
}

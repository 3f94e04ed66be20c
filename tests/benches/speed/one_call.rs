//! What one system call costs: getppid(2), which does next to nothing in the kernel.
//!
//! A process measures for a few milliseconds; native and interposed processes alternate on one
//! processor.

use std::path::Path;

use crate::bench::Bench;
use crate::samples::Samples;
use crate::table::Row;
use crate::traps;

const ROUNDS: usize = 60;
/// A process measures so long.
const MILLISECONDS: &str = "10";

pub(crate) fn run(bench: &Bench) {
    run_fast_ways(bench);
    run_slow_ways(bench);
}

fn run_fast_ways(bench: &Bench) {
    for (place, name) in [
        ("libc", "through libc"),
        ("inline", "inline in the program"),
    ] {
        let uninterested = format!("one call, handler not interested, {name}");
        let entered = format!("one call, handler entered before and after, {name}");
        if !bench.wants(&uninterested) && !bench.wants(&entered) {
            continue;
        }
        let strace = bench.strace();
        let mut ways = vec![vec![], vec![&*bench.uninterested], vec![&*bench.null]];
        if let Some(strace) = &strace {
            ways.push(vec![
                strace.as_path(),
                "-f".as_ref(),
                "-o".as_ref(),
                "/dev/null".as_ref(),
            ]);
        }
        let mut samples = vec![Samples::default(); 4];
        for round in 0..bench.rounds(ROUNDS) {
            for (way, samples) in ways.iter().zip(&mut samples) {
                // strace's ratio is large: few runs show it.
                if way.len() < 2 || round % 10 == 0 {
                    measure(bench, way, place)
                        .into_iter()
                        .for_each(|figure| samples.add(figure));
                }
            }
        }
        let strace = samples.pop().unwrap_or_default();
        for (what, interpreter, goal) in [
            (entered, &bench.null, "≤ 1.10"),
            (uninterested, &bench.uninterested, "≤ 1.03"),
        ] {
            let words = [
                interpreter.into(),
                bench.program("calls").into(),
                place.into(),
                "0".into(),
                "0".into(),
            ];
            Row {
                what,
                goal,
                native: samples[0].clone(),
                interposed: samples.pop().unwrap_or_default(),
                strace: strace.clone(),
                traps: traps::count(bench, &words),
                ..Row::default()
            }
            .print();
        }
    }
}

/// What the slow ways in cost: the signals that a trap at a site and the seal raise, and what the seal costs
/// all others.
fn run_slow_ways(bench: &Bench) {
    let unpatched = ["--patch-after=never"];
    let sealed = ["--seal=always", "--patch-after=0"];
    for (what, place, options) in [
        ("one call at a site that traps (SIGILL)", "remote", &[][..]),
        (
            "one call through the seal (SIGSYS)",
            "inline",
            &unpatched[..],
        ),
        ("one call of a sealed program", "inline", &sealed[..]),
    ] {
        if !bench.wants(what) {
            continue;
        }
        let mut way = vec![&*bench.null];
        way.extend(options.iter().map(Path::new));
        let mut row = Row {
            what: what.into(),
            ..Row::default()
        };
        for _ in 0..bench.rounds(ROUNDS) {
            for (way, samples) in [(&[][..], &mut row.native), (&way, &mut row.interposed)] {
                measure(bench, way, place)
                    .into_iter()
                    .for_each(|figure| samples.add(figure));
            }
        }
        row.print();
    }
}

/// Nanoseconds for a call in one process.
fn measure(bench: &Bench, way: &[&Path], place: &str) -> Option<f64> {
    let calls = bench.program("calls");
    let words: Vec<&Path> = way.iter().copied().chain([calls.as_path()]).collect();
    let mut command = bench.command(words[0]);
    command.args(&words[1..]).arg(place);
    command.args([&bench.processors()[1].to_string(), MILLISECONDS]);
    let output = command.output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

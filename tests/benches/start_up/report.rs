//! The tables.

use std::collections::BTreeMap;

use crate::run::{Phase, Run, Sum};
use crate::symbols::Symbols;

fn microseconds(nanoseconds: u64) -> String {
    format!("{:.0}", nanoseconds as f64 / 1000.0)
}

/// How long the phases last.
pub(crate) fn phases(native: &Run, interposed: &Run) {
    println!(
        "| phase | µs natively | µs under ld-systrap-null | its calls | page faults | signals |"
    );
    println!("|---|---|---|---|---|---|");
    for phase in Phase::ALL {
        let name = match phase {
            Phase::Exec => "the kernel executes",
            Phase::Interpreter => "before the first call of ld.so",
            Phase::Program => "ld.so and the program",
            Phase::End => "the kernel takes all down",
        };
        let (native, _) = native.phase(phase);
        let (interposed, [calls, faults, signals]) = interposed.phase(phase);
        let (native, interposed) = (microseconds(native), microseconds(interposed));
        println!("| {name} | {native} | {interposed} | {calls} | {faults} | {signals} |");
    }
    let (native, interposed) = (native.duration(), interposed.duration());
    println!(
        "| all | {} | {} | | | |",
        microseconds(native),
        microseconds(interposed)
    );
}

/// Which calls are made, by the time they take more than natively.
pub(crate) fn calls(native: &Run, interposed: &Run) {
    println!(
        "\n| call | natively | under ld-systrap-null | µs natively | µs under ld-systrap-null |"
    );
    println!("|---|---|---|---|---|");
    let (native, interposed) = (native.calls(), interposed.calls());
    let mut rows: Vec<_> = interposed.into_iter().collect();
    let natively = |name: &str| native.get(name).copied().unwrap_or_default();
    rows.sort_by_key(|(name, sum)| natively(name).nanoseconds as i64 - sum.nanoseconds as i64);
    for (name, sum) in rows {
        let native = natively(name);
        let times = [native, sum].map(|sum| microseconds(sum.nanoseconds));
        println!(
            "| {name} | {} | {} | {} | {} |",
            native.times, sum.times, times[0], times[1]
        );
    }
}

/// Where the interpreter touches pages first, by function, and what follows until the next event.
pub(crate) fn faults(native: &Run, interposed: &Run, symbols: &Symbols) {
    println!("\n| page faults in | number | µs until the next event |");
    println!("|---|---|---|");
    let mut rows = BTreeMap::<&str, Sum>::new();
    let mut add = |name, sum: Sum| {
        let row: &mut Sum = rows.entry(name).or_default();
        row.times += sum.times;
        row.nanoseconds += sum.nanoseconds;
    };
    for (instruction, sum) in interposed.faults() {
        add(
            symbols.name(instruction).unwrap_or("ld.so and the program"),
            sum,
        );
    }
    for sum in native.faults().into_values() {
        add("(natively, in all)", sum);
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.nanoseconds));
    for (name, sum) in rows {
        println!(
            "| {name} | {} | {} |",
            sum.times,
            microseconds(sum.nanoseconds)
        );
    }
}

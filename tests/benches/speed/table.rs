//! The report: Markdown, a line as soon as it is known.

use std::fmt::Display;

use crate::alternate::Times;
use crate::samples::{Ratio, Samples};
use crate::traps::Traps;

/// What was measured of one thing.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// What it is.
    pub(crate) what: String,
    /// What is to be reached.
    pub(crate) goal: &'static str,
    /// Nanoseconds natively.
    pub(crate) native: Samples,
    /// Nanoseconds under the interpreter.
    pub(crate) interposed: Samples,
    /// Nanoseconds of processor time, natively and under the interpreter.
    pub(crate) used: [Samples; 2],
    /// Nanoseconds under strace.
    pub(crate) strace: Samples,
    /// The traps of a run.
    pub(crate) traps: Option<Traps>,
    /// How long that run takes natively, in nanoseconds.
    pub(crate) duration: Option<f64>,
    /// Why a figure is missing.
    pub(crate) failure: Option<String>,
}

/// Begins the first table: times.
pub(crate) fn heading() {
    println!("Times as ratios against native: that of the minima (that of the medians).\n");
    println!(
        "| what | to reach | ld-systrap | its processor time | strace -f | natively | traps | traps per second |"
    );
    println!("|---|---|---|---|---|---|---|---|");
}

impl Row {
    /// Fills in what was measured natively, under the interpreter, and under strace if it was.
    pub(crate) fn set_times(&mut self, times: Vec<Times>) {
        let mut times = times.into_iter();
        let native = times.next().unwrap_or_default();
        let interposed = times.next().unwrap_or_default();
        self.native = native.elapsed;
        self.interposed = interposed.elapsed;
        self.used = [native.used, interposed.used];
        self.strace = times.next().unwrap_or_default().elapsed;
    }

    /// Writes the line.
    pub(crate) fn print(&self) {
        let per_second = |traps: &Traps| {
            let rate = |duration| format!("{:.0}", traps.count as f64 / duration * 1e9);
            self.duration.map_or(String::new(), rate)
        };
        let cells = [
            self.goal.to_owned(),
            ratio(self.interposed.against(&self.native)),
            ratio(self.used[1].against(&self.used[0])),
            ratio(self.strace.against(&self.native)),
            self.native.minimum().map_or(String::new(), time),
            self.traps
                .as_ref()
                .map_or(String::new(), |traps| traps.count.to_string()),
            self.traps.as_ref().map_or(String::new(), per_second),
        ];
        print!("| {} ", self.what);
        for cell in &cells {
            print!("| {cell} ");
        }
        println!("|");
        if let Some(failure) = &self.failure {
            eprintln!("{}: {failure}", self.what);
        }
    }
}

fn ratio(ratio: Option<Ratio>) -> String {
    let digits = |number: f64| match number {
        ..10.0 => format!("{number:.2}"),
        _ => format!("{number:.0}"),
    };
    ratio.map_or(String::new(), |ratio| {
        format!("{} ({})", digits(ratio.minimum), digits(ratio.median))
    })
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ..10e3 => format!("{nanoseconds:.0} ns"),
        ..300e3 => format!("{:.0} µs", nanoseconds / 1e3),
        ..10e6 => format!("{:.2} ms", nanoseconds / 1e6),
        ..1e9 => format!("{:.0} ms", nanoseconds / 1e6),
        _ => format!("{:.1} s", nanoseconds / 1e9),
    }
}

/// Begins the second table: resident memory.
pub(crate) fn memory_heading() {
    println!(
        "\nResident memory in kB: the minimum of several runs, and what the interpreter adds.\n"
    );
    println!("| what | natively | as a command | as its own interpreter | of that written to |");
    println!("|---|---|---|---|---|");
}

/// Writes a line of the second table.
pub(crate) fn memory(what: &str, cells: [Option<i64>; 4]) {
    print!("| {what} ");
    for (index, cell) in cells.into_iter().enumerate() {
        let sign = if index > 0 { "+" } else { "" };
        let text = |figure: &dyn Display| format!("{sign}{figure}");
        print!("| {} ", cell.map_or(String::new(), |figure| text(&figure)));
    }
    println!("|");
}

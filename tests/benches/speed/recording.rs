//! What the tracer costs where calls are nearly all that happens: `dd` with blocks of one byte, recorded
//! in a file, against strace doing the same.

use std::ffi::OsString;
use std::path::Path;

use ld_systrap_tests::tool;

use crate::alternate::{Placing, Turn, alternate};
use crate::bench::Bench;
use crate::table::Row;
use crate::traps;

const WHAT: &str = "dd of 20000 bytes one by one, every call recorded in a file";

pub(crate) fn run(bench: &Bench) {
    if !bench.wants(WHAT) {
        return;
    }
    let mut row = Row {
        what: WHAT.into(),
        goal: "< strace",
        ..Row::default()
    };
    if let Err(error) = measure(bench, &mut row) {
        row.failure = Some(error);
    }
    row.print();
}

fn measure(bench: &Bench, row: &mut Row) -> Result<(), String> {
    let mut words = vec![OsString::from(tool::find("dd")?)];
    words.extend(["if=/dev/zero", "of=/dev/null", "bs=1", "count=20000"].map(OsString::from));
    let native = Turn::new(&words);
    let (ours, straces) = (bench.program("record"), bench.program("record of strace"));
    let interposed = native.under(&[&bench.stock, "-o".as_ref(), &ours, "--".as_ref()]);
    let mut turns = vec![native.clone(), interposed.clone()];
    if let Some(strace) = bench.strace() {
        let before: [&Path; 4] = [&strace, "-f".as_ref(), "-o".as_ref(), &straces];
        turns.push(native.under(&before));
    }
    let (times, failure) = alternate(bench, Placing::One, &turns);
    row.failure = failure;
    row.set_times(times);
    row.traps = traps::count(bench, &interposed.words);
    row.duration = row.native.minimum();
    Ok(())
}

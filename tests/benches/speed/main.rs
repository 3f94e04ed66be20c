//! What ld-systrap costs, each figure a ratio against native from runs that alternate: the tables that
//! the README quotes.
//!
//! `cargo bench --bench speed [-- [--quick] [WORD…]]`; words select what is measured by a part of its
//! name. Nothing is asserted: what cannot be measured here says so in its place.
//!
//! In the order of the report: [`one_call`], [`programs`], [`redis`], [`recording`], [`memory`]. They
//! share [`bench`] (what was asked for, and where things are), [`alternate`] (runs in turn), [`samples`]
//! (minimum and median), [`traps`] (how often the slow way in is taken) and [`table`].

mod alternate;
mod bench;
mod memory;
mod one_call;
mod programs;
mod recording;
mod redis;
mod samples;
mod table;
mod traps;

use bench::Bench;

fn main() {
    let bench = match Bench::new() {
        Ok(bench) => bench,
        Err(error) => {
            eprintln!("nothing can be measured: {error}");
            return;
        }
    };
    table::heading();
    one_call::run(&bench);
    programs::run(&bench);
    redis::run(&bench);
    recording::run(&bench);
    memory::run(&bench);
    bench.remove();
}

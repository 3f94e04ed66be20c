//! Runs of several commands in turn, timed by `programs/launch.c`: a small process of its own, so that
//! what starting them costs is neither large nor dependent on this one.

use std::ffi::OsString;
use std::path::Path;

use crate::bench::Bench;
use crate::samples::Samples;

/// A command that takes part.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    /// The program, a path, and its arguments.
    pub(crate) words: Vec<OsString>,
    /// It takes part in each of so many rounds.
    pub(crate) each: usize,
    /// The build-id of the interpreter whose kept tables are removed before each run.
    pub(crate) forgotten: Option<String>,
}

impl Turn {
    /// The command itself, in every round.
    pub(crate) fn new(words: &[OsString]) -> Turn {
        Turn {
            words: words.to_vec(),
            each: 1,
            forgotten: None,
        }
    }

    /// The same behind an interpreter, or any other command that takes one.
    pub(crate) fn under(&self, before: &[&Path]) -> Turn {
        let before = before.iter().map(|word| OsString::from(*word));
        Turn {
            words: before.chain(self.words.iter().cloned()).collect(),
            ..self.clone()
        }
    }

    /// The same, as if it were the first time.
    pub(crate) fn forgetting(self, build_id: String) -> Turn {
        Turn {
            forgotten: Some(build_id),
            ..self
        }
    }

    /// The same, less often.
    pub(crate) fn each(self, each: usize) -> Turn {
        Turn { each, ..self }
    }
}

/// On what processors the commands run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placing {
    /// On one, the same for all.
    One,
    /// Wherever the kernel puts them.
    Any,
}

/// What the runs of a command took, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    /// From execve(2) to the end.
    pub(crate) elapsed: Samples,
    /// On processors, by all its processes: the same however busy the machine is.
    pub(crate) used: Samples,
}

/// Runs the commands in turn for the time that a row may take, at least three rounds; gives
/// the times of each, and what went wrong. A run that failed is not counted.
pub(crate) fn alternate(
    bench: &Bench,
    placing: Placing,
    turns: &[Turn],
) -> (Vec<Times>, Option<String>) {
    let mut times = vec![Times::default(); turns.len()];
    let processor = match placing {
        Placing::One => bench.processors()[1].to_string(),
        Placing::Any => "-1".into(),
    };
    let mut launch = bench.command(&bench.program("launch"));
    launch.args([
        processor,
        bench.time_for_a_row().as_millis().to_string(),
        "3".into(),
    ]);
    for turn in turns {
        let forgotten = turn.forgotten.as_ref().map(|id| format!("!{id}"));
        let head = format!("+{}{}", turn.each, forgotten.unwrap_or_default());
        launch.arg(head).args(&turn.words);
    }
    let output = match launch.output() {
        Ok(output) => output,
        Err(error) => return (times, Some(format!("launch: {error}"))),
    };
    let mut failure = None;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut words = line.split(' ');
        let index = words
            .next()
            .and_then(|word| word.parse::<usize>().ok())
            .unwrap_or_default();
        let mut figure = || words.next().and_then(|word| word.parse().ok());
        if let (Some(elapsed), Some(used)) = (figure(), figure()) {
            times[index].elapsed.add(elapsed);
            times[index].used.add(used);
        } else {
            failure = Some(format!("{:?} ended with {line:?}", turns[index].words));
        }
    }
    (times, failure)
}

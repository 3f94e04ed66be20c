//! Which signals are sent at which moments, and what all the rounds come to.

use std::collections::BTreeMap;
use std::path::Path;

use crate::stepped::{self, Event, Failure, Moment, Place, Stepped};
use crate::tracee::Signal;

#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// These signals, at each moment of a round.
    Each(Vec<Signal>),
    /// While the call sleeps: one group of signals after the other.
    Asleep(Vec<Vec<Signal>>),
    /// One wakes the sleeping call; the others come at each moment from there to the end.
    AfterWaking(Signal, Vec<Signal>),
    /// One comes at every `stride`th moment of a round (natively more often), and another at each moment
    /// from there to the end.
    AfterEach(usize, Signal, Signal),
}

impl Plan {
    /// The plan in which what this one sends one after the other comes at the same moment.
    pub(crate) fn together(&self) -> Option<Plan> {
        match self {
            Plan::Each(_) | Plan::Asleep(_) => None,
            // In this order, since the first one that is sent wakes the thread and is delivered.
            Plan::AfterWaking(first, second) => {
                let all = second.iter().chain([first]).copied().collect();
                Some(Plan::Asleep(vec![all]))
            }
            Plan::AfterEach(_, first, second) => Some(Plan::Each(vec![*first, *second])),
        }
    }
}

/// What the rounds of a plan have come to.
#[derive(Default)]
pub(crate) struct Tried {
    /// What the program said, and where for the first time.
    pub(crate) seen: BTreeMap<String, String>,
    /// Where the process was lost.
    pub(crate) lost: Vec<String>,
    /// Rounds that went another way, however often.
    pub(crate) missed: Vec<String>,
    /// All rounds.
    pub(crate) places: usize,
}

/// The same round is tried so often if it goes another way, as when a lock is held.
const ATTEMPTS: usize = 3;

/// Makes all the rounds of a plan, natively or under an interpreter.
pub(crate) fn try_all(
    program: &Path,
    interpreter: Option<&Path>,
    words: &[&str],
    plan: &Plan,
) -> Tried {
    let start = || {
        let started = Stepped::start(stepped::command(program, interpreter, words));
        started.unwrap_or_else(|failure| panic!("{interpreter:?} {words:?}: {failure:?}"))
    };
    let mut rounds = Rounds {
        stepped: start(),
        start: &start,
        tried: Tried::default(),
    };
    match plan {
        Plan::Each(signals) => rounds.each(&[], signals, 1),
        Plan::Asleep(groups) => {
            let event = |signals: &Vec<Signal>| (Moment::Asleep, signals.clone());
            rounds.round(&groups.iter().map(event).collect::<Vec<_>>());
        }
        Plan::AfterWaking(first, signals) => {
            rounds.each(&[(Moment::Asleep, vec![*first])], signals, 1);
        }
        Plan::AfterEach(stride, first, second) => {
            let stride = match interpreter {
                Some(_) => *stride,
                None => *stride / 8, // the way is shorter
            };
            for moment in rounds.moments(&[], stride) {
                rounds.each(&[(moment, vec![*first])], &[*second], 1);
            }
        }
    }
    rounds.tried
}

/// After so many lost processes, each of which may have been waited for, no further round is made.
const ENOUGH: usize = 4;

struct Rounds<'a> {
    stepped: Stepped,
    start: &'a dyn Fn() -> Stepped,
    tried: Tried,
}

impl Rounds<'_> {
    /// A round for each moment after `first`, with `signals` then.
    fn each(&mut self, first: &[Event], signals: &[Signal], stride: usize) {
        for moment in self.moments(first, stride) {
            let last = (moment, signals.to_vec());
            let events: Vec<_> = first.iter().cloned().chain([last]).collect();
            self.round(&events);
        }
    }

    /// The moments of a round, after some events.
    fn moments(&mut self, first: &[Event], stride: usize) -> Vec<Moment> {
        // The first round may do what no other does, as taking memory for the first time.
        let mut places = Vec::new();
        for _ in 0..2 {
            match self.stepped.places(first, crate::USR1) {
                Ok(found) => places = found,
                Err(failure) => self.fail(first, failure),
            }
        }
        let last = places.last().copied();
        let moments = places
            .into_iter()
            .enumerate()
            .filter(|(index, place)| index % stride == 0 || place.calls);
        let moments = moments.flat_map(|(_, place)| {
            let sleeps = last == Some(place);
            let (entering, leaving) = (Moment::Entering(place), Moment::Leaving(place));
            [
                Some(Moment::At(place)),
                place.calls.then_some(entering),
                (place.calls && !sleeps).then_some(leaving),
            ]
        });
        moments.flatten().collect()
    }

    fn round(&mut self, events: &[Event]) {
        if self.tried.lost.len() >= ENOUGH {
            return;
        }
        self.tried.places += 1;
        for _ in 0..ATTEMPTS {
            match self.stepped.round(events) {
                Ok(outcome) => {
                    let place = self.describe(events);
                    self.tried.seen.entry(outcome).or_insert(place);
                    return;
                }
                Err(Failure::Missed) => {}
                Err(failure) => return self.fail(events, failure),
            }
        }
        self.tried.missed.push(self.describe(events));
    }

    fn fail(&mut self, events: &[Event], failure: Failure) {
        match failure {
            Failure::Missed => self.tried.missed.push(self.describe(events)),
            Failure::Gone(how) => {
                let place = self.describe(events);
                self.tried.lost.push(format!("{how}\n    from {place}"));
                self.stepped = (self.start)();
            }
        }
    }

    fn describe(&self, events: &[Event]) -> String {
        let place = |place: &Place| self.stepped.describe(place.rip);
        let event = |(moment, signals): &Event| {
            let signals: Vec<_> = signals.iter().map(|signal| signal.number).collect();
            match moment {
                Moment::At(at) => format!("{signals:?} before {}", place(at)),
                Moment::Entering(at) => format!("{signals:?} entering the kernel at {}", place(at)),
                Moment::Leaving(at) => format!("{signals:?} leaving the kernel at {}", place(at)),
                Moment::Asleep => format!("{signals:?} asleep"),
            }
        };
        events.iter().map(event).collect::<Vec<_>>().join(", ")
    }
}

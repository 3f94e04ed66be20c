//! One start: the events of a process from its execve(2) to its end, in phases.

use std::collections::BTreeMap;

use ld_systrap_core::syscall;

use crate::event::{Event, Kind};

/// In the order in which they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// The kernel executes the file.
    Exec,
    /// The interpreter, until ld.so makes its first call: brk(2).
    Interpreter,
    /// ld.so and the program, and the interpreter on their behalf.
    Program,
    /// The kernel takes everything down.
    End,
}

impl Phase {
    pub(crate) const ALL: [Phase; 4] =
        [Phase::Exec, Phase::Interpreter, Phase::Program, Phase::End];
}

/// One start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    /// What was executed.
    pub(crate) file: String,
    events: Vec<Event>,
}

/// What happened, and how long it lasted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) times: u64,
    pub(crate) nanoseconds: u64,
}

impl Sum {
    fn add(&mut self, nanoseconds: u64) {
        self.times += 1;
        self.nanoseconds += nanoseconds;
    }
}

const EXECVE: u64 = 59;
const BRK: u64 = 12;
const WAIT4: u64 = 61;
const EXIT_GROUP: u64 = 231;

impl Run {
    /// The starts among the events, whose threads take turns.
    pub(crate) fn all(events: impl Iterator<Item = Event>) -> Vec<Run> {
        let mut runs = BTreeMap::<u32, Run>::new();
        let mut ended = None;
        for event in events {
            // The parent waits for one child at a time.
            let last = runs.get(&event.thread).and_then(|run| run.events.last());
            let has_waited = last.is_some_and(|last| last.kind == Kind::Enter(WAIT4));
            if event.kind == Kind::Exit
                && has_waited
                && let Some(thread) = ended.take()
            {
                let run: &mut Run = runs.entry(thread).or_default();
                let (time, kind) = (event.time, Kind::Reaped);
                run.events.push(Event { thread, time, kind });
            }
            if event.kind == Kind::End {
                ended = Some(event.thread);
            }
            let run = runs.entry(event.thread).or_default();
            if event.kind == Kind::Enter(EXECVE) && run.file.is_empty() {
                run.events.clear();
            }
            if let Kind::Exec(file) = &event.kind {
                run.file = file.clone();
            }
            run.events.push(event);
        }
        let executed = |run: &Run| {
            run.events
                .first()
                .is_some_and(|e| e.kind == Kind::Enter(EXECVE))
        };
        runs.into_values().filter(executed).collect()
    }

    pub(crate) fn duration(&self) -> u64 {
        let time = |event: Option<&Event>| event.map_or(0, |event| event.time);
        time(self.events.last()) - time(self.events.first())
    }

    /// Each event but the last, with its phase, and the nanoseconds until the next one.
    fn steps(&self) -> impl Iterator<Item = (Phase, &Event, u64)> {
        let mut phase = Phase::Exec;
        self.events.windows(2).map(move |pair| {
            phase = match (phase, &pair[0].kind) {
                (Phase::Exec, Kind::Exit) => Phase::Interpreter,
                (Phase::Interpreter, Kind::Enter(BRK)) => Phase::Program,
                (_, Kind::Enter(EXIT_GROUP)) => Phase::End,
                _ => phase,
            };
            (phase, &pair[0], pair[1].time - pair[0].time)
        })
    }

    /// How long each phase lasted, how many calls and page faults and signals it had.
    pub(crate) fn phase(&self, wanted: Phase) -> (u64, [usize; 3]) {
        let mut duration = 0;
        let mut numbers = [0; 3];
        for (_, event, until_next) in self.steps().filter(|(phase, ..)| *phase == wanted) {
            duration += until_next;
            match event.kind {
                Kind::Enter(_) => numbers[0] += 1,
                Kind::Fault { .. } => numbers[1] += 1,
                Kind::Signal => numbers[2] += 1,
                _ => {}
            }
        }
        (duration, numbers)
    }

    /// The system calls by name: how many, and how long in the kernel.
    pub(crate) fn calls(&self) -> BTreeMap<&'static str, Sum> {
        let mut calls = BTreeMap::<_, Sum>::new();
        for (phase, event, until_next) in self.steps() {
            if let (Kind::Enter(number), true) = (&event.kind, phase != Phase::Exec) {
                let name = syscall::name(syscall::Abi::Syscall, *number).unwrap_or("unknown");
                calls.entry(name).or_default().add(until_next);
            }
        }
        calls
    }

    /// The page faults by instruction: how many, and how long until the next event.
    pub(crate) fn faults(&self) -> BTreeMap<u64, Sum> {
        let mut faults = BTreeMap::<_, Sum>::new();
        for (_, event, until_next) in self.steps() {
            if let Kind::Fault { instruction } = event.kind {
                faults.entry(instruction).or_default().add(until_next);
            }
        }
        faults
    }

    /// The instruction of the first page fault: the first of all.
    pub(crate) fn first_instruction(&self) -> Option<u64> {
        self.events.iter().find_map(|event| match event.kind {
            Kind::Fault { instruction } => Some(instruction),
            _ => None,
        })
    }
}

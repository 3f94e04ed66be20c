//! `programs/stepped/stepped.c` under ptrace: one call, over and over; what each round has come to.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::tracee::{Go, Registers, SIGTRAP, Signal, Stop, Tracee};

/// A place on the way of a call: the `run`th time that control comes to `rip` from elsewhere. An
/// instruction that repeats itself has a second place, `again`, after its first repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) rip: u64,
    pub(crate) run: usize,
    pub(crate) again: bool,
    /// It is a `syscall`.
    pub(crate) calls: bool,
}

/// When a signal is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before the instruction at a place.
    At(Place),
    /// In the kernel, before it does what the `syscall` at a place asks for.
    Entering(Place),
    /// In the kernel, when it has done it.
    Leaving(Place),
    /// While the thread sleeps in the call.
    Asleep,
}

/// Signals sent at one moment.
pub(crate) type Event = (Moment, Vec<Signal>);

/// Why a round came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The thread did not come to the moment: its way was another one this time.
    Missed,
    /// The process is gone, or hangs and was ended.
    Gone(String),
}

/// The addresses that the program tells.
#[derive(Clone, Copy, Debug, Default)]
struct Labels {
    start: u64,
    end: u64,
    report: u64,
}

pub(crate) struct Stepped {
    tracee: Tracee,
    labels: Labels,
    /// The signal that the tracee is stopped for and shall have when it goes on; or 0.
    held: i32,
    /// The tracee is not stopped but sleeps in a call, or is just woken.
    asleep: bool,
}

impl Stepped {
    /// Starts the program and runs it to the first round.
    pub(crate) fn start(mut command: Command) -> Result<Self, Failure> {
        let tracee = Tracee::start(&mut command)
            .map_err(|error| Failure::Gone(format!("{command:?}: {error}")))?;
        let mut stepped = Self {
            tracee,
            labels: Labels::default(),
            held: 0,
            asleep: false,
        };
        stepped.run_to_trap()?;
        let at = stepped.tracee.registers().rdi;
        let word = |index: u64| stepped.tracee.read_word(at + 8 * index);
        stepped.labels = Labels {
            start: word(0),
            end: word(3),
            report: word(4),
        };
        stepped.run_to(stepped.labels.start)?;
        Ok(stepped)
    }

    /// One round from start to start. `events` happen one after the other; the report is what the
    /// program has seen.
    pub(crate) fn round(&mut self, events: &[Event]) -> Result<String, Failure> {
        let reached = self.happen(events)?;
        self.finish()?;
        match reached {
            true => Ok(self.tracee.read_text(self.labels.report)),
            false => Err(Failure::Missed),
        }
    }

    /// What the tracee's memory has at `address`.
    pub(crate) fn describe(&self, address: u64) -> String {
        self.tracee.describe(address)
    }

    fn gone(&self, stop: Stop) -> Failure {
        let rip = self.tracee.registers().rip;
        Failure::Gone(format!("{stop:?} at {}", self.describe(rip)))
    }

    /// From wherever the thread is to the end of the round, and to the start of the next.
    fn finish(&mut self) -> Result<(), Failure> {
        self.settle()?;
        if self.tracee.registers().rip != self.labels.end {
            self.run_to(self.labels.end)?;
        }
        self.run_to(self.labels.start).map(drop)
    }

    /// Waits for the stop of a thread that was woken.
    fn settle(&mut self) -> Result<(), Failure> {
        if !self.asleep {
            return Ok(());
        }
        self.asleep = false;
        match self.tracee.wait() {
            Stop::Signal(number) if number != SIGTRAP => self.held = number,
            other => return Err(self.gone(other)),
        }
        Ok(())
    }

    /// Goes on until a SIGTRAP, passing all other signals on.
    fn run_to_trap(&mut self) -> Result<(), Failure> {
        loop {
            self.tracee.go(Go::On, std::mem::take(&mut self.held));
            match self.tracee.wait() {
                Stop::Signal(SIGTRAP) => return Ok(()),
                Stop::Signal(number) => self.held = number,
                other => return Err(self.gone(other)),
            }
        }
    }

    /// Goes on to an address, but not past the end of the round. `false` if that came first.
    fn run_to(&mut self, address: u64) -> Result<bool, Failure> {
        let end = self.labels.end;
        let last = (address != end && address != self.labels.start).then_some(end);
        let breakpoints = [Some(address), last];
        let old = breakpoints.map(|at| at.map(|at| self.tracee.set_breakpoint(at)));
        self.run_to_trap()?;
        let rip = self.tracee.registers().rip;
        if !breakpoints.contains(&Some(rip.wrapping_sub(1))) {
            // A step that is reported late: the trap flag of one was kept by a `popfq` or in a frame.
            self.tracee.hide_trap_flag();
            self.run_to_trap()?;
        }
        self.back_to_breakpoint(&breakpoints)?;
        for (at, byte) in breakpoints.into_iter().zip(old) {
            if let Some((at, byte)) = at.zip(byte) {
                self.tracee.write_byte(at, byte);
            }
        }
        Ok(self.tracee.registers().rip == address)
    }

    /// The thread has run into a breakpoint: puts it back on that.
    fn back_to_breakpoint(&mut self, breakpoints: &[Option<u64>]) -> Result<(), Failure> {
        let registers = self.tracee.registers();
        let rip = registers.rip.wrapping_sub(1);
        if !breakpoints.contains(&Some(rip)) {
            return Err(self.gone(Stop::Signal(SIGTRAP)));
        }
        self.tracee.set_registers(&Registers { rip, ..registers });
        Ok(())
    }

    /// Lets events happen. `false` if the round ended before all of them had.
    fn happen(&mut self, events: &[Event]) -> Result<bool, Failure> {
        for (moment, signals) in events {
            let reached = match moment {
                Moment::At(place) => self.reach(place)?,
                Moment::Entering(place) => self.reach(place)? && self.edge()?,
                Moment::Leaving(place) => self.reach(place)? && self.edge()? && self.edge()?,
                Moment::Asleep => self.sleep()?,
            };
            if !reached {
                return Ok(false);
            }
            signals.iter().for_each(|signal| self.tracee.send(*signal));
        }
        Ok(true)
    }

    /// Runs to a place.
    fn reach(&mut self, place: &Place) -> Result<bool, Failure> {
        self.settle()?;
        for run in 0..=place.run {
            if run > 0 && !self.leave(place.rip)? {
                return Ok(false);
            }
            let here = self.held == 0 && self.tracee.registers().rip == place.rip;
            if !here && !self.run_to(place.rip)? {
                return Ok(false);
            }
        }
        if place.again {
            self.tracee.step(0);
        }
        Ok(self.tracee.registers().rip == place.rip)
    }

    /// Makes the instruction at an address, and all its repetitions. `false` if the round ended.
    fn leave(&mut self, address: u64) -> Result<bool, Failure> {
        let code = self.tracee.read(address, 3);
        let repeats = match code.as_slice() {
            [0xf3, 0xa4..=0xa5 | 0xaa..=0xab, _] => 2,
            [0xf3, 0x48, 0xa4..=0xa5 | 0xaa..=0xab] => 3,
            _ => 0,
        };
        if repeats != 0 {
            return self.run_to(address + repeats);
        }
        loop {
            match self.tracee.step(std::mem::take(&mut self.held)) {
                Stop::Signal(SIGTRAP) => return Ok(true),
                Stop::Signal(number) => self.held = number,
                other => return Err(self.gone(other)),
            }
        }
    }

    /// Runs to the next entry into the kernel or exit from it.
    fn edge(&mut self) -> Result<bool, Failure> {
        let held = std::mem::take(&mut self.held);
        self.tracee.go(Go::ToTheNextEdgeOfTheKernel, held);
        match self.tracee.wait() {
            Stop::Kernel => Ok(true),
            // What the kernel does in place of the call, as when it is sealed.
            Stop::Signal(number) if number != SIGTRAP => {
                self.held = number;
                Ok(true)
            }
            other => Err(self.gone(other)),
        }
    }

    /// Runs until the thread sleeps. `false` if the round ended.
    fn sleep(&mut self) -> Result<bool, Failure> {
        let end = self.labels.end;
        let old = self.tracee.set_breakpoint(end);
        let slept = loop {
            if !self.asleep {
                self.tracee.go(Go::On, std::mem::take(&mut self.held));
            }
            self.asleep = false;
            match self.tracee.wait_or_sleep(Duration::ZERO) {
                Stop::Asleep => break true,
                Stop::Signal(SIGTRAP) => break false,
                Stop::Signal(number) => self.held = number,
                other => return Err(self.gone(other)),
            }
        };
        self.asleep = slept;
        if !slept {
            self.back_to_breakpoint(&[Some(end)])?;
        }
        self.tracee.write_byte(end, old);
        Ok(slept)
    }

    /// The places of a round, from where the thread is once `events` have happened, to its end, to the end
    /// of the process, or to where it sleeps: then `wake` is sent.
    pub(crate) fn places(&mut self, events: &[Event], wake: Signal) -> Result<Vec<Place>, Failure> {
        if !self.happen(events)? {
            return Err(Failure::Missed);
        }
        self.settle()?;
        let mut places: Vec<Place> = Vec::new();
        let mut runs = std::collections::HashMap::new();
        let mut last = 0;
        loop {
            let rip = self.tracee.registers().rip;
            if rip == self.labels.end {
                break;
            }
            if self.held == 0 {
                let calls = self.tracee.read(rip, 2) == [0x0f, 0x05];
                if rip != last {
                    let run = runs.entry(rip).or_insert(0_usize);
                    places.push(Place {
                        rip,
                        run: *run,
                        again: false,
                        calls,
                    });
                    *run += 1;
                } else if let Some(place) = places.last().copied().filter(|place| !place.again) {
                    places.push(Place {
                        again: true,
                        ..place
                    });
                }
                last = rip;
            }
            match self.tracee.step(std::mem::take(&mut self.held)) {
                Stop::Signal(SIGTRAP) => {}
                Stop::Signal(number) => {
                    self.held = number;
                    // One that the call before has raised: the end of the step came first. At full speed
                    // its handler comes before the instruction here, which is therefore no place yet.
                    if self.tracee.registers().rip == last
                        && self.tracee.catches(number)
                        && let Some(place) =
                            places.pop_if(|place| place.rip == last && !place.again)
                    {
                        runs.insert(last, place.run);
                        last = 0;
                    }
                }
                Stop::Asleep => {
                    self.tracee.send(wake);
                    // The step is over, too; which of the two comes first is the kernel's business.
                    match self.tracee.wait() {
                        Stop::Signal(SIGTRAP) => {}
                        Stop::Signal(number) => self.held = number,
                        other => return Err(self.gone(other)),
                    }
                    self.tracee.hide_trap_flag();
                    break;
                }
                Stop::Exited(_) => return Ok(places),
                other => return Err(self.gone(other)),
            }
        }
        self.finish()?;
        Ok(places)
    }

    /// Lets events happen, and then the process end. Gives its exit status.
    pub(crate) fn end(mut self, events: &[Event]) -> Result<i32, Failure> {
        if !self.happen(events)? {
            return Err(Failure::Missed);
        }
        loop {
            self.tracee.go(Go::On, std::mem::take(&mut self.held));
            match self.tracee.wait() {
                Stop::Signal(number) if number != SIGTRAP => self.held = number,
                Stop::Exited(status) => return Ok(status),
                other => return Err(self.gone(other)),
            }
        }
    }
}

/// The command that runs the program, natively or under an interpreter. At a *sealed* site every call
/// comes through the seal; others are patched from the start.
pub(crate) fn command(program: &Path, interpreter: Option<&Path>, words: &[&str]) -> Command {
    let sealed = words.first() == Some(&"sealed");
    let mut command = match interpreter {
        None => Command::new(program),
        Some(interpreter) => {
            let mut command = Command::new(interpreter);
            command.arg(match sealed {
                true => "--patch-after=1000000000",
                false => "--patch-after=0",
            });
            command.arg("--").arg(program);
            command
        }
    };
    command.args(words);
    command
}

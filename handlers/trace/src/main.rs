//! The stock interpreter: writes one line for each system call, in the form of strace(1).
//!
//! In the order in which things happen: `command_line` (what was asked for), `flight` (calls that the
//! kernel has and that have not returned), `record` (where lines go).
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod command_line;
mod flight;
mod record;

use command_line::CommandLine;
use core::fmt::Write;
use core::sync::atomic::{AtomicI32, Ordering};
use flight::{Flight, Flights};
use ld_systrap::description::syscall::{
    CallView, Filter, Pending, Returned, name, write_entry, write_exit, write_signal,
    write_signal_name, write_signal_return,
};
use ld_systrap::sys::process::{pid, tid};
use ld_systrap::sys::time::monotonic;
use ld_systrap::{Abi, Call, Handler, Interest, Next, Options, Refusal, SignalEvent};
use record::Record;

/// The call is made again, as far as the program can see (`ERESTARTSYS`).
const RESTARTED: u64 = 512u64.wrapping_neg();

/// Writes down what a program asks of the kernel.
struct Trace {
    record: Record,
    filter: Filter,
    /// How many bytes of a string, and elements of an array, are shown.
    longest: usize,
    /// Whether lines end with how long the call took.
    shows_duration: bool,
    flights: Flights,
    /// The process of this memory that is ending, if one is.
    ending: AtomicI32,
}

impl Handler for Trace {
    const HELP: &'static str = command_line::HELP;
    const REPORTS_DEATH: bool = true;

    fn start(options: &mut Options) -> Result<Self, Refusal> {
        let asked = CommandLine::parse(options)?;
        let trace = Trace {
            record: Record::open(&asked)?,
            filter: asked.filter,
            longest: asked.longest,
            shows_duration: asked.shows_duration,
            flights: Flights::new(),
            ending: AtomicI32::new(0),
        };
        if trace.record.follows_exec() {
            trace.write_exec_done();
        }
        Ok(trace)
    }

    fn interest(&self) -> Interest {
        let known = (0..Interest::NUMBERS as u64)
            .filter(|number| self.filter.matches(Abi::Syscall, *number));
        let interest = known.fold(Interest::none(), Interest::with);
        if self.filter.matches(Abi::Syscall, u64::MAX) {
            interest.with(u64::MAX)
        } else {
            interest
        }
    }

    fn before(&self, call: &mut Call) -> Next {
        let view = view(call);
        if !self.filter.matches(view.abi, view.number) {
            return Next::Forward;
        }
        match call.name() {
            Some("exit" | "exit_group") => self.write_whole(call, Returned::Never),
            Some("rt_sigreturn") if view.abi == Abi::Syscall => {
                let mut line = self.record.line(call.thread());
                let (column, frame) = (line.length(), call.stack_pointer());
                let _ = write_signal_return(&mut line, column, &view, frame, call.memory());
                self.record.write(line);
            }
            _ => self.flights.depart(call.thread(), |flight| {
                flight.process = call.process();
                flight.line = self.record.line(call.thread());
                let before = flight.line.length();
                let written = write_entry(&mut flight.line, &view, call.memory(), self.longest);
                flight.pending = written.unwrap_or_default();
                flight.pending.column += before;
                flight.begun = self.shows_duration.then(monotonic);
            }),
        }
        Next::Forward
    }

    fn after(&self, call: &mut Call) {
        let view = view(call);
        if !self.filter.matches(view.abi, view.number) {
            return;
        }
        match call.name() {
            // The other side of a fork: its parent has the line.
            Some("fork" | "vfork" | "clone" | "clone3") if call.result == 0 => {}
            name => match self.flights.arrive(call.thread()) {
                Some(flight) => self.finish(call, call.result, flight),
                // It has failed so late that its line is begun.
                None if matches!(name, Some("execve" | "execveat")) => {
                    let mut line = self.record.line(call.thread());
                    let _ = write!(line, "<... {} resumed>", name.unwrap_or_default());
                    let mut pending = Pending::complete();
                    pending.column = line.length();
                    let flight = Flight {
                        line,
                        pending,
                        ..Flight::default()
                    };
                    self.finish(call, call.result, flight);
                }
                // It has its line already.
                None if self.ending.load(Ordering::Relaxed) == call.process() => {}
                None => self.write_whole(call, Returned::Value(call.result)),
            },
        }
    }

    fn interrupted(&self, call: &Call) {
        if let Some(flight) = self.flights.arrive(call.thread()) {
            self.finish(call, RESTARTED, flight);
        }
    }

    fn exec(&self, call: &Call) {
        // What comes after it is another image, which completes the line. Its other threads are gone.
        self.give_up_flights(call.process());
    }

    fn signal(&self, signal: &SignalEvent) {
        if signal.fatal {
            self.end_flights();
        }
        let mut line = self.record.line(tid());
        let _ = line.write_str("--- ");
        let _ = write_signal(&mut line, &signal.info);
        let _ = line.write_str(" ---");
        self.record.write(line);
        if signal.fatal {
            let mut line = self.record.line(tid());
            let _ = line.write_str("+++ killed by ");
            let _ = write_signal_name(&mut line, signal.number.into());
            let _ = line.write_str(" +++");
            self.record.write(line);
        }
    }

    fn thread_start(&self) {
        self.record.add_task();
    }

    fn thread_exit(&self, status: i32) {
        self.write_exit_status(status);
    }

    fn process_start(&self, _: i32) {
        self.record.set_several();
    }

    fn process_exit(&self, status: i32) {
        self.end_flights();
        self.write_exit_status(status);
    }
}

impl Trace {
    /// Completes the line of a call that has returned `result`, and writes it.
    fn finish(&self, call: &Call, result: u64, flight: Flight) {
        let took = flight.begun.map(|begun| monotonic().saturating_sub(begun));
        let (mut line, returned) = (flight.line, Returned::Value(result));
        let memory = call.memory();
        let _ = write_exit(&mut line, &view(call), &flight.pending, returned, memory);
        if let Some(took) = took {
            let _ = write!(line, " <{}.{:06}>", took.as_secs(), took.subsec_micros());
        }
        if may_make_task(call) {
            self.record.set_several();
        }
        self.record.write(line);
    }

    /// Writes a call in one go: one that will not return, or that nobody saw begin.
    fn write_whole(&self, call: &Call, returned: Returned) {
        let view = view(call);
        let mut line = self.record.line(call.thread());
        let before = line.length();
        let mut pending =
            write_entry(&mut line, &view, call.memory(), self.longest).unwrap_or_default();
        pending.column += before;
        let _ = write_exit(&mut line, &view, &pending, returned, call.memory());
        self.record.write(line);
    }

    /// Writes the calls that the threads of `process` will never come back from.
    fn give_up_flights(&self, process: i32) {
        for mut flight in self.flights.ground(process) {
            let _ = flight.line.write_str(flight.pending.unfinished());
            self.record.write(flight.line);
        }
    }

    /// As [`Self::give_up_flights`]; and should one come back now, it has its line.
    fn end_flights(&self) {
        self.ending.store(pid(), Ordering::Relaxed);
        self.give_up_flights(pid());
    }

    /// Writes the end of the exec that began this image.
    fn write_exec_done(&self) {
        let execve = ld_systrap::description::syscall::number("execve").unwrap_or(u64::MAX);
        if !self.filter.matches(Abi::Syscall, execve) {
            return;
        }
        let mut line = self.record.line(tid());
        let name = name(Abi::Syscall, execve).unwrap_or("execve");
        let _ = write!(line, "<... {name} resumed>) = 0");
        self.record.write(line);
    }

    fn write_exit_status(&self, status: i32) {
        let mut line = self.record.line(tid());
        let _ = write!(line, "+++ exited with {} +++", status & 0xff);
        self.record.write(line);
    }
}

/// A call as the description sees it.
fn view(call: &Call) -> CallView {
    CallView {
        abi: call.abi(),
        number: call.number,
        arguments: *call.arguments,
    }
}

/// Whether a call has made a thread or a process.
fn may_make_task(call: &Call) -> bool {
    matches!(call.name(), Some("fork" | "vfork" | "clone" | "clone3")) && (call.result as i64) > 0
}

ld_systrap::interpreter!(Trace);

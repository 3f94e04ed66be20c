//! A handler that counts events of a process and writes them to a descriptor of its own when the
//! process ends: for the test of what a handler is told.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use core::sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed};
use ld_systrap::{Call, Descriptor, Handler, ImageEvent, Next, Options, Refusal, SignalEvent};

struct Count {
    output: Descriptor,
    threads_begun: AtomicUsize,
    threads_ended: AtomicUsize,
    calls_before: AtomicI64,
    calls_after: AtomicI64,
    images: AtomicUsize,
    signals: AtomicUsize,
    parent: AtomicI64,
}

impl Handler for Count {
    fn start(_: &mut Options) -> Result<Self, Refusal> {
        let output = match Descriptor::inherited("counts") {
            Some(output) => Ok(output),
            None => Descriptor::create("counts", c"counts"),
        };
        let number = || AtomicUsize::new(0);
        Ok(Self {
            output: output
                .map_err(|_| Refusal::error(126, format_args!("cannot make ./counts")))?,
            threads_begun: number(),
            threads_ended: number(),
            calls_before: AtomicI64::new(0),
            calls_after: AtomicI64::new(0),
            images: number(),
            signals: number(),
            parent: AtomicI64::new(0),
        })
    }

    fn before(&self, call: &mut Call) -> Next {
        // Allocates on purpose: handlers may.
        let name = String::from(call.name().unwrap_or("unknown"));
        if name == "unknown" && call.number == 502 {
            self.calls_before.fetch_add(1, Relaxed);
        }
        Next::Forward
    }

    fn after(&self, call: &mut Call) {
        if call.number == 502 {
            self.calls_after.fetch_add(1, Relaxed);
        }
    }

    fn signal(&self, signal: &SignalEvent) {
        if !signal.fatal {
            self.signals.fetch_add(1, Relaxed);
        }
    }

    fn thread_start(&self) {
        self.threads_begun.fetch_add(1, Relaxed);
    }

    fn thread_exit(&self, _: i32) {
        self.threads_ended.fetch_add(1, Relaxed);
    }

    fn process_start(&self, parent: i32) {
        self.parent.store(parent.into(), Relaxed);
        for count in [&self.threads_begun, &self.threads_ended, &self.signals] {
            count.store(0, Relaxed);
        }
        self.calls_before.store(0, Relaxed);
        self.calls_after.store(0, Relaxed);
    }

    fn process_exit(&self, status: i32) {
        let line = format!(
            "exit {status}, threads {} {}, calls {} {}, signals {}, images {}, child {}\n",
            self.threads_begun.load(Relaxed),
            self.threads_ended.load(Relaxed),
            self.calls_before.load(Relaxed),
            self.calls_after.load(Relaxed),
            self.signals.load(Relaxed),
            // Program, ld.so and libc at least.
            self.images.load(Relaxed) >= 3,
            self.parent.load(Relaxed) != 0,
        );
        let _ = self.output.write_all(line.as_bytes());
    }

    fn image(&self, image: &ImageEvent) {
        if image.sites > 0 {
            self.images.fetch_add(1, Relaxed);
        }
    }
}

ld_systrap::interpreter!(Count);

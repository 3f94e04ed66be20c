//! What a server costs: redis, loaded by redis-benchmark over the loopback device.
//!
//! One server natively, one under ld-systrap, one under strace, all alive at once on one processor; the
//! load, native, comes from another one and goes to each in turn.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use ld_systrap_tests::tool;

use crate::bench::Bench;
use crate::samples::Samples;
use crate::table::Row;
use crate::traps::{self, Traps};

const ROUNDS: usize = 15;
const COMMANDS: [&str; 2] = ["SET", "GET"];
/// How many clients, how many requests from them all, and in each of how many rounds from strace's.
const LOADS: [(usize, usize, usize); 2] = [(1, 10_000, 5), (50, 50_000, 5)];

pub(crate) fn run(bench: &Bench) {
    for (clients, requests, strace_each) in LOADS {
        let what = |command: &str| format!("redis-benchmark: {command}, connections: {clients}");
        if !COMMANDS.iter().any(|command| bench.wants(&what(command))) {
            continue;
        }
        let goal = "≤ 1.02";
        let mut rows = COMMANDS.map(|command| Row {
            what: what(command),
            goal,
            ..Row::default()
        });
        if let Err(error) = measure(bench, clients, requests, strace_each, &mut rows) {
            rows[0].failure = Some(error);
        }
        rows.iter().for_each(Row::print);
    }
}

fn measure(
    bench: &Bench,
    clients: usize,
    requests: usize,
    strace_each: usize,
    rows: &mut [Row; 2],
) -> Result<(), String> {
    let interpreter = [OsString::from(&bench.null), "--".into()];
    let native = Server::start(bench, &[])?;
    let interposed = Server::start(bench, &interpreter)?;
    let strace = bench.strace().and_then(|strace| {
        Server::start(
            bench,
            &[strace.into(), "-f".into(), "-o".into(), "/dev/null".into()],
        )
        .ok()
    });
    for round in 0..bench.rounds(ROUNDS) {
        let requests = bench.rounds(requests);
        let load = |server: &Server| server.load(bench, clients, requests);
        add(load(&native)?, rows, |row| &mut row.native);
        add(load(&interposed)?, rows, |row| &mut row.interposed);
        if let (Some(strace), 0) = (&strace, round % strace_each) {
            add(load(strace)?, rows, |row| &mut row.strace);
        }
    }
    // Both commands are in the one run that is counted, and so they are in its duration.
    let traps = count(bench, &interpreter, clients, requests);
    let each = rows
        .each_ref()
        .map(|row| row.native.minimum().unwrap_or(f64::NAN));
    for row in rows {
        row.traps = traps;
        row.duration = Some(each.iter().sum::<f64>() * requests as f64);
    }
    Ok(())
}

fn add(figures: [f64; 2], rows: &mut [Row; 2], column: fn(&mut Row) -> &mut Samples) {
    for (row, figure) in rows.iter_mut().zip(figures) {
        column(row).add(figure);
    }
}

fn count(
    bench: &Bench,
    interpreter: &[OsString],
    clients: usize,
    requests: usize,
) -> Option<Traps> {
    let log = bench.program("traps of redis");
    let mut before = traps::counter(&log)?;
    before.extend_from_slice(interpreter);
    let server = Server::start(bench, &before).ok()?;
    server.load(bench, clients, requests).ok()?;
    drop(server);
    traps::counted(&log)
}

/// A server that is stopped when it is dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Starts one behind the words of an interpreter.
    fn start(bench: &Bench, before: &[OsString]) -> Result<Server, String> {
        let fail = |error| format!("redis-server: {error}");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|it| it.local_addr())
            .map_err(fail)?;
        let mut command = bench.command(&tool::find("taskset")?);
        command
            .args(["-c", &bench.processors()[0].to_string()])
            .args(before);
        command.arg(tool::find("redis-server")?);
        command.args([
            "--save",
            "",
            "--bind",
            "127.0.0.1",
            "--port",
            &port.port().to_string(),
        ]);
        let process = command.stdout(Stdio::null()).spawn().map_err(fail)?;
        let server = Server {
            process,
            port: port.port(),
        };
        let begun = Instant::now();
        while server
            .ask("PING")
            .is_none_or(|answer| !answer.starts_with("+PONG"))
        {
            if begun.elapsed() > Duration::from_secs(10) {
                return Err(format!("redis-server does not answer behind {before:?}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    fn ask(&self, question: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        stream
            .write_all(format!("{question}\r\n").as_bytes())
            .ok()?;
        let mut answer = [0; 64];
        let length = stream.read(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer[..length]).into_owned())
    }

    /// Nanoseconds for each request, for SET and for GET.
    fn load(&self, bench: &Bench, clients: usize, requests: usize) -> Result<[f64; 2], String> {
        let mut command = bench.command(&tool::find("taskset")?);
        command.args(["-c", &bench.processors()[1].to_string()]);
        command
            .arg(tool::find("redis-benchmark")?)
            .args(["-t", "set,get", "--csv"]);
        for (option, number) in [("-p", self.port.into()), ("-c", clients), ("-n", requests)] {
            command.arg(option).arg(number.to_string());
        }
        let output = command
            .output()
            .map_err(|error| format!("redis-benchmark: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let figure = |name: &str| {
            // "SET","123456.78",…
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(&format!("\"{name}\",\"")))?;
            line.split('"')
                .next()?
                .parse::<f64>()
                .ok()
                .map(|per_second| 1e9 / per_second)
        };
        match COMMANDS.map(figure) {
            [Some(set), Some(get)] => Ok([set, get]),
            _ => Err(format!("redis-benchmark writes {text}")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killing a tracer would leave the server alive.
        self.ask("SHUTDOWN NOSAVE");
        let begun = Instant::now();
        while let Ok(None) = self.process.try_wait() {
            if begun.elapsed() > Duration::from_secs(5) {
                let _ = self.process.kill();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

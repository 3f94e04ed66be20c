//! The lines of `perf script`.

/// Something that a thread did.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) thread: u32,
    /// In nanoseconds, since some time or other.
    pub(crate) time: u64,
    pub(crate) kind: Kind,
}

/// What it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It executed this file.
    Exec(String),
    /// It began a system call of this number.
    Enter(u64),
    /// A system call ended.
    Exit,
    /// It touched a page that was not there, by the instruction at `instruction`.
    Fault { instruction: u64 },
    /// A signal was delivered to it.
    Signal,
    /// It began to end.
    End,
    /// The process that started it has learnt of its end.
    Reaped,
}

/// Reads `COMMAND THREAD SECONDS: EVENT: TEXT`. A command may have blanks in it; none of ours has.
pub(crate) fn read(line: &str) -> Option<Event> {
    let mut words = line.split_whitespace();
    let _command = words.next()?;
    let thread = words.next()?.parse().ok()?;
    let (seconds, fraction) = words.next()?.strip_suffix(':')?.split_once('.')?;
    let time = seconds.parse::<u64>().ok()? * 1_000_000_000 + fraction.parse::<u64>().ok()?;
    let event = words.next()?;
    let mut value = |name: &str| words.find_map(|word| word.strip_prefix(name));
    let kind = match event.trim_end_matches(':').split(':').next_back()? {
        "sched_process_exec" => Kind::Exec(value("filename=")?.to_owned()),
        "sys_enter" => {
            value("NR")?;
            Kind::Enter(words.next()?.parse().ok()?)
        }
        "sys_exit" => Kind::Exit,
        "page_fault_user" => {
            let instruction = value("ip=0x")?;
            Kind::Fault {
                instruction: u64::from_str_radix(instruction, 16).ok()?,
            }
        }
        "signal_deliver" => Kind::Signal,
        "sched_process_exit" => Kind::End,
        _ => return None,
    };
    Some(Event { thread, time, kind })
}

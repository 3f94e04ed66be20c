//! One run of a command, with a limit on its time.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::outcome::{End, Outcome};

unsafe extern "C" {
    // kill(2): any integers will do, an error is a return value.
    safe fn kill(process: i32, signal: i32) -> i32;
}

const SIGKILL: i32 = 9;

/// Runs a command to its end, its output going to files in `scratch`: a process that outlives
/// the command and keeps its standard output cannot hold the test up then, as with a pipe.
///
/// When the time is over, the whole process group is killed and that is the outcome's end.
///
/// # Errors
///
/// One line when the command could not be started at all.
pub fn run(command: &mut Command, scratch: &Path, limit: Duration) -> Result<Outcome, String> {
    let (stdout, stderr) = (scratch.join("stdout"), scratch.join("stderr"));
    let create = |path: &Path| File::create(path).map_err(|e| format!("{}: {e}", path.display()));
    command
        .stdin(Stdio::null())
        .stdout(create(&stdout)?)
        .stderr(create(&stderr)?);
    command.process_group(0);
    let shown = format!("{command:?}");
    let started = Instant::now();
    let mut child = loop {
        match command.spawn() {
            Ok(child) => break child,
            // A child of another test, between its fork and its exec, has the file open for writing.
            Err(error)
                if error.kind() == ErrorKind::ExecutableFileBusy && started.elapsed() < limit =>
            {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(format!("{shown}: {error}")),
        }
    };
    let group = -i32::try_from(child.id()).expect("a process id is a positive int");
    let mut pause = Duration::from_micros(200);
    let end = loop {
        match child.try_wait() {
            Ok(Some(status)) => break end_of(status),
            Ok(None) if started.elapsed() > limit => {
                let state = states(child.id());
                kill(group, SIGKILL);
                let _ = child.wait();
                break End::TimedOut(limit, state);
            }
            Ok(None) => std::thread::sleep(pause),
            Err(error) => return Err(format!("{shown}: {error}")),
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    let read = |path: &Path| std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
    Ok(Outcome::new(end, &read(&stdout)?, &read(&stderr)?))
}

fn end_of(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exited(code),
        (None, signal) => End::Killed(signal.unwrap_or_default()),
    }
}

/// What the processes of a group are waiting for, for the message about a run that does not end.
fn states(group: u32) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        let Some((head, tail)) = stat.rsplit_once(')') else {
            continue;
        };
        let fields: Vec<&str> = tail.split_whitespace().collect();
        if fields.get(2).and_then(|field| field.parse().ok()) != Some(group) {
            continue;
        }
        for thread in std::fs::read_dir(entry.path().join("task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let read = |name| std::fs::read_to_string(thread.path().join(name)).unwrap_or_default();
            text += &format!(
                "\n    {}) {} wchan {} syscall {}",
                head,
                thread.file_name().display(),
                read("wchan"),
                read("syscall").trim(),
            );
        }
    }
    text
}

//! What gdb says about stacks, without what differs from run to run.

use std::process::{Command, Output};

use crate::tool;

/// A debugger that says nothing of its own and asks nothing, with what the README tells users to say.
///
/// # Errors
///
/// One line when gdb is missing.
pub fn gdb(commands: &[&str]) -> Result<Command, String> {
    let mut command = Command::new(tool::find("gdb")?);
    command.args(["-nx", "-batch", "-iex", "set debuginfod enabled off"]);
    for first in [
        "set breakpoint pending on",
        "handle SIGILL SIGSYS nostop noprint pass",
    ] {
        command.args(["-iex", first]);
    }
    for each in commands {
        command.args(["-ex", each]);
    }
    Ok(command)
}

/// Both outputs of a debugger as one text.
#[must_use]
pub fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// The stacks that gdb's `bt` has written: the names of functions, from the innermost to `main` or to a
/// thread's first function. Frames of the interpreter's own above the program's are left out.
#[must_use]
pub fn stacks(said: &str) -> Vec<Vec<String>> {
    let mut stacks: Vec<Vec<String>> = Vec::new();
    for line in said.lines() {
        let Some((number, frame)) = line.strip_prefix('#').and_then(|it| it.split_once(' ')) else {
            continue;
        };
        if number == "0" {
            stacks.push(Vec::new());
        }
        let Some(stack) = stacks.last_mut() else {
            continue;
        };
        let is_complete = stack.last().is_some_and(|last| last == "main");
        let is_above = stack.is_empty() && is_ours(frame);
        if !is_complete && !is_above {
            stack.push(function(frame));
        }
    }
    stacks
}

/// Whether a frame is one of the interpreter's.
fn is_ours(frame: &str) -> bool {
    frame.contains("ld_systrap::") || frame.contains(" at ld-systrap/")
}

/// The name in a frame: `0x… in NAME (ARGUMENTS) at FILE`, `NAME (ARGUMENTS)`, `<signal handler called>`.
fn function(frame: &str) -> String {
    let frame = frame.trim_start();
    let named = match frame.split_once(" in ") {
        Some((address, rest)) if address.starts_with("0x") => rest,
        _ => frame,
    };
    match named.split_once(" (") {
        Some((name, _)) => name.into(),
        None => named.into(),
    }
}

/// The file names in gdb's `info sharedlibrary`.
#[must_use]
pub fn libraries(said: &str) -> Vec<String> {
    let mut names: Vec<String> = said
        .lines()
        .filter(|line| line.starts_with("0x") && line.contains(" Yes "))
        .filter_map(|line| line.rsplit(['/', ' ']).next())
        .map(Into::into)
        .collect();
    names.sort();
    names
}

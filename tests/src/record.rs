//! The tracer's output, as far as tests look at it: which calls it holds, and whole lines.

/// The lines of a record that are calls: who made it, if the line says so, and its name.
///
/// A call that is shown in two parts counts where it begins.
pub fn calls(record: &str) -> impl Iterator<Item = (Option<u32>, &str)> {
    record.lines().filter_map(|line| {
        let (process, rest) = split_process(line);
        let (name, _) = rest.split_once('(')?;
        is_name(name).then_some((process, name))
    })
}

/// How often a call is recorded. A number stands for a call that has no name.
#[must_use]
pub fn count(record: &str, call: &str) -> usize {
    let unnamed = call
        .parse::<i64>()
        .map(|number| format!("syscall_{number:#x}"));
    let wanted = unnamed.as_deref().unwrap_or(call);
    calls(record).filter(|(_, name)| *name == wanted).count()
}

/// The record with each line that was cut, as its writer was killed in write(2), on a line of its own.
#[must_use]
pub fn mended(record: &str) -> String {
    record.replace("[pid ", "\n[pid ")
}

/// The first line that is neither a call, nor the end of one, a signal, or an exit.
#[must_use]
pub fn torn_line(record: &str) -> Option<&str> {
    record.lines().find(|line| {
        let (_, rest) = split_process(line);
        let whole = ["--- ", "+++ ", "<... "]
            .iter()
            .any(|start| rest.starts_with(start))
            || rest.split_once('(').is_some_and(|(name, _)| is_name(name));
        !whole
    })
}

/// A line without the process number that it may begin with.
#[must_use]
pub fn without_process(line: &str) -> &str {
    split_process(line).1
}

/// Splits `[pid 12] rest` and `12 rest`, both of which strace writes.
fn split_process(line: &str) -> (Option<u32>, &str) {
    let bracketed = line
        .strip_prefix("[pid ")
        .and_then(|rest| rest.split_once(']'));
    match bracketed.or_else(|| line.split_once(' ')) {
        Some((process, rest)) => match process.trim().parse() {
            Ok(process) => (Some(process), rest.trim_start()),
            Err(_) => (None, line),
        },
        None => (None, line),
    }
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "brk(NULL) = 0x1000\n[pid   12] read(3,  <unfinished ...>\n\
        13    syscall_0x1f6(0, 0, 0, 0, 0, 0) = -1 ENOSYS (Function not implemented)\n\
        [pid 12] <... read resumed>\"a\", 1) = 1\n--- SIGCHLD {si_signo=SIGCHLD} ---\n\
        +++ exited with 0 +++\n";

    #[test]
    fn calls_are_found_whoever_made_them() {
        let names: Vec<_> = calls(RECORD).collect();
        assert_eq!(
            names,
            [
                (None, "brk"),
                (Some(12), "read"),
                (Some(13), "syscall_0x1f6")
            ]
        );
        assert_eq!(count(RECORD, "502"), 1);
        assert_eq!(count(RECORD, "read"), 1);
    }

    #[test]
    fn a_line_that_is_not_whole_is_found() {
        assert_eq!(torn_line(RECORD), None);
        assert_eq!(torn_line("read(3, \"a\nb\", 3) = 3\n"), Some("b\", 3) = 3"));
    }
}

//! What whole programs cost, from exec to exit, with all that they start.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use ld_systrap_core::image::Image;
use ld_systrap_tests::tool;

use crate::alternate::{Placing, Turn, alternate};
use crate::bench::Bench;
use crate::table::Row;
use crate::traps;

/// What the interpreter has kept of earlier runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tables {
    Kept,
    Removed,
}

/// A program to be timed.
struct Program {
    what: &'static str,
    goal: &'static str,
    placing: Placing,
    /// Found in the search path; `$` stands for a program of our own.
    words: &'static [&'static str],
    tables: Tables,
    /// strace takes part in each of so many rounds.
    strace_each: usize,
    /// Makes what it works on.
    prepare: fn(&Bench) -> Result<(), String>,
}

const PROGRAMS: &[Program] = &[
    Program {
        what: "/bin/true, first time",
        goal: "≤ 3.5",
        placing: Placing::One,
        words: &["true"],
        tables: Tables::Removed,
        strace_each: 4,
        prepare: |_| Ok(()),
    },
    Program {
        what: "/bin/true, again",
        goal: "≤ 2",
        placing: Placing::One,
        words: &["true"],
        tables: Tables::Kept,
        strace_each: 4,
        prepare: |_| Ok(()),
    },
    Program {
        what: "a static program that does nothing",
        goal: "",
        placing: Placing::One,
        words: &["$empty"],
        tables: Tables::Kept,
        strace_each: 4,
        prepare: |_| Ok(()),
    },
    Program {
        what: "a shell script that starts 100 programs",
        goal: "≤ 2",
        placing: Placing::One,
        words: &["sh", "hundred.sh"],
        tables: Tables::Kept,
        strace_each: 4,
        prepare: hundred,
    },
    Program {
        what: "python3 -c pass",
        goal: "≤ 1.15",
        placing: Placing::One,
        words: &["python3", "-c", "pass"],
        tables: Tables::Kept,
        strace_each: 4,
        prepare: |_| Ok(()),
    },
    Program {
        what: "node -e 0",
        goal: "≤ 1.15",
        placing: Placing::Any,
        words: &["node", "-e", "0"],
        tables: Tables::Kept,
        strace_each: 4,
        prepare: |_| Ok(()),
    },
    Program {
        what: "java -version",
        goal: "≤ 1.15",
        placing: Placing::Any,
        words: &["java", "-version"],
        tables: Tables::Kept,
        strace_each: 4,
        prepare: |_| Ok(()),
    },
    Program {
        what: "gcc -O2 -c",
        goal: "≤ 1.02",
        placing: Placing::Any,
        words: &["gcc", "-O2", "-c", "functions.c", "-o", "functions.o"],
        tables: Tables::Kept,
        strace_each: 4,
        prepare: functions,
    },
    Program {
        what: "git status, 5000 files",
        goal: "≤ 1.02",
        placing: Placing::One,
        words: &["git", "-C", "small", "status", "--porcelain"],
        tables: Tables::Kept,
        strace_each: 8,
        prepare: |bench| repository(bench, "small", 5000),
    },
    Program {
        what: "git status, 80000 files, as many as Linux has",
        goal: "≤ 1.02",
        placing: Placing::One,
        words: &["git", "-C", "large", "status", "--porcelain"],
        tables: Tables::Kept,
        strace_each: 16,
        prepare: |bench| repository(bench, "large", 80_000),
    },
    Program {
        what: "tar c /usr/share",
        goal: "≤ 1.02",
        placing: Placing::Any,
        // tar reads nothing when it sees that it writes to /dev/null.
        words: &["sh", "-c", "tar -C / -c usr/share | cat > /dev/null"],
        tables: Tables::Kept,
        strace_each: 16,
        prepare: |_| Ok(()),
    },
];

pub(crate) fn run(bench: &Bench) {
    for program in PROGRAMS.iter().filter(|program| bench.wants(program.what)) {
        let mut row = Row {
            what: program.what.into(),
            goal: program.goal,
            ..Row::default()
        };
        if let Err(error) = measure(bench, program, &mut row) {
            row.failure = Some(error);
        }
        row.print();
    }
}

fn measure(bench: &Bench, program: &Program, row: &mut Row) -> Result<(), String> {
    (program.prepare)(bench)?;
    let path = match program.words[0].strip_prefix('$') {
        Some(own) => bench.program(own),
        None => tool::find(program.words[0])?,
    };
    let mut words = vec![OsString::from(path)];
    words.extend(program.words[1..].iter().map(OsString::from));
    let native = Turn::new(&words);
    let interposed = native.under(&[&bench.null, "--".as_ref()]);
    let mut turns = vec![native.clone(), interposed.clone()];
    if program.tables == Tables::Removed {
        turns[1] = interposed.clone().forgetting(build_id(&bench.null)?);
    }
    if let Some(strace) = bench.strace() {
        let before: [&Path; 4] = [&strace, "-f".as_ref(), "-o".as_ref(), "/dev/null".as_ref()];
        turns.push(native.under(&before).each(program.strace_each));
    }
    let (times, failure) = alternate(bench, program.placing, &turns);
    row.failure = failure;
    row.set_times(times);
    row.traps = traps::count(bench, &interposed.words);
    row.duration = row.native.minimum();
    Ok(())
}

/// In hexadecimal, as in the names of kept tables.
fn build_id(interpreter: &Path) -> Result<String, String> {
    let fail = |what: String| format!("{}: {what}", interpreter.display());
    let bytes = std::fs::read(interpreter).map_err(|error| fail(error.to_string()))?;
    let image = Image::parse(&bytes).map_err(|error| fail(error.to_string()))?;
    let id = image
        .build_id()
        .ok_or_else(|| fail("has no build-id".into()))?;
    Ok(id.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn hundred(bench: &Bench) -> Result<(), String> {
    let script = "i=0\nwhile [ $i -lt 100 ]; do /bin/true; i=$((i + 1)); done\n";
    bench.file("hundred.sh", script).map(drop)
}

/// A source file that takes gcc some tenths of a second.
fn functions(bench: &Bench) -> Result<(), String> {
    let mut source = String::from("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n");
    for number in 0..60 {
        source += &format!(
            "int sum{number}(const int *numbers, int count) {{\n\
             \x20   int sum = {number};\n\
             \x20   for (int i = 0; i < count; i++) sum += numbers[i] ^ (sum << {});\n\
             \x20   if (sum > 1000) printf(\"%d\\n\", sum);\n\
             \x20   return sum;\n}}\n",
            number % 31,
        );
    }
    bench.file("functions.c", &source).map(drop)
}

/// A repository of so many files, 50 in a directory.
fn repository(bench: &Bench, place: &str, files: usize) -> Result<(), String> {
    for number in 0..files {
        let name = format!("{place}/directory{}/file{number}", number / 50);
        bench.file(&name, &format!("This is file {number}.\n"))?;
    }
    let git = tool::find("git")?;
    for words in [
        &["init", "-q", "-b", "main"][..],
        &["add", "."],
        &[
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "commit",
            "-q",
            "-m",
            "all",
        ],
    ] {
        let mut command = bench.command(&git);
        command.args(["-C", place]).args(words);
        succeed(&mut command)?;
    }
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let mut refresh = bench.command(&git);
    succeed(refresh.args(["-C", place, "update-index", "--really-refresh"]))
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

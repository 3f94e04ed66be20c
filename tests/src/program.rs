//! A small program of `programs/`: what its first lines say, and how it is built.
//!
//! The comment that begins a program says what it shows, and then, one per line:
//!
//! - `Expect: exit 0, stdout "ok"` or `Expect: signal 11`: how it ends and what it writes
//!   (as a whole, a newline added); without stdout, whatever it writes natively;
//! - `Record: 502 once, getpid 3 times, brk`: calls that the record must hold, by name or, when
//!   they have none, by number;
//! - `Build: gcc -O1`: one way to build it, and so one test for each such line; a word with `=`
//!   before the compiler is a variable of its environment, `{}` is where `-o OUTPUT SOURCE`
//!   goes (at the end otherwise);
//! - `With: plugin.so: gcc -shared -fPIC parts/plugin.c`: a further file of its directory;
//! - `After: no section headers`;
//! - `Options: --seal=always`: options of the interpreter;
//! - `Cut: processes are killed while they write`: lines of the record may end early;
//! - `Argument: WORD`, `Limit: 90 s`, `Needs: root`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::case::{Case, Subject};
use crate::outcome::End;
use crate::tool;

/// A program and what its first lines say.
#[derive(Debug)]
pub struct Program {
    source: PathBuf,
    lines: Vec<(String, String)>,
}

impl Program {
    /// Reads the first lines of a source file.
    ///
    /// # Errors
    ///
    /// One line when they say something that is not understood.
    pub fn read(source: &Path) -> Result<Self, String> {
        const KEYS: [&str; 10] = [
            "Expect", "Record", "Build", "With", "After", "Options", "Argument", "Limit", "Needs",
            "Cut",
        ];
        let fail = |why: &str| format!("{}: {why}", source.display());
        let text = std::fs::read_to_string(source).map_err(|error| fail(&error.to_string()))?;
        let mut lines = Vec::new();
        for line in text.lines().map_while(|line| line.strip_prefix("//")) {
            let line = line.trim_start_matches(['/', '!']).trim();
            if let Some((key, value)) = line.split_once(": ")
                && KEYS.contains(&key)
            {
                lines.push((key.into(), value.trim().into()));
            }
        }
        let program = Self {
            source: source.into(),
            lines,
        };
        for key in ["Expect", "Build"] {
            program
                .values(key)
                .next()
                .ok_or_else(|| fail(&format!("no line `{key}: …`")))?;
        }
        Ok(program)
    }

    /// The name of each test: the file's, and the compiler with its flags.
    #[must_use]
    pub fn tests(&self) -> Vec<String> {
        let file = self
            .source
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        self.values("Build")
            .map(|build| format!("{file}: {build}"))
            .collect()
    }

    /// Whether this user may run the program.
    #[must_use]
    pub fn may_run(&self) -> bool {
        tool::is_root() || !self.values("Needs").any(|need| need == "root")
    }

    /// Builds the program for the test with this index and makes it a case.
    ///
    /// # Errors
    ///
    /// What the compiler says, or one line when the first lines are not understood.
    pub fn case(&self, index: usize) -> Result<Case, String> {
        let name = self.tests().swap_remove(index);
        let build = self.values("Build").nth(index).unwrap_or_default();
        let stem = self.source.file_stem().unwrap_or_default();
        let directory = std::env::temp_dir()
            .join(format!("ld-systrap-tests-{}", std::process::id()))
            .join(format!("built-{}-{index}", stem.display()));
        std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
        let file = directory.join(stem);
        compile(build, &self.source, &file)?;
        let headless = self
            .values("After")
            .any(|after| after == "no section headers");
        let subject = Subject::Built {
            file,
            without_section_headers: headless,
        };
        let mut case = Case::new(&name, subject).limit(20);
        for with in self.values("With") {
            let (file, build) = with.split_once(": ").ok_or("With: lacks a command")?;
            let part = directory.join(file);
            let (build, source) = build.rsplit_once(' ').ok_or("With: lacks a source")?;
            compile(build, &self.source.with_file_name(source), &part)?;
            let file = file.to_owned();
            case = case.prepare(move |work| {
                std::fs::copy(&part, work.join(&file)).expect("an empty directory takes files");
            });
        }
        for argument in self.values("Argument") {
            case = case.arguments(&[argument]);
        }
        for options in self.values("Options") {
            case = case.options(&options.split(' ').collect::<Vec<_>>());
        }
        for limit in self.values("Limit") {
            let seconds = limit
                .strip_suffix(" s")
                .and_then(|number| number.parse().ok());
            case = case.limit(seconds.ok_or("Limit: is not `NUMBER s`")?);
        }
        if self.values("Cut").next().is_some() {
            case = case.cut();
        }
        for expect in self.values("Expect") {
            case = expected(case, expect)?;
        }
        for record in self.values("Record") {
            case = recorded(case, record)?;
        }
        Ok(case)
    }

    fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        self.lines
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }
}

fn expected(case: Case, line: &str) -> Result<Case, String> {
    let fail = || format!("`Expect: {line}` is not understood");
    let (end, stdout) = match line.split_once(", stdout ") {
        Some((end, stdout)) => (end, Some(stdout)),
        None => (line, None),
    };
    let (kind, number) = end.split_once(' ').ok_or_else(fail)?;
    let number = number.parse().map_err(|_| fail())?;
    let case = match kind {
        "exit" => case.ends(End::Exited(number)),
        "signal" => case.ends(End::Killed(number)),
        _ => return Err(fail()),
    };
    let Some(stdout) = stdout else {
        return Ok(case);
    };
    let text = stdout
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or_else(fail)?;
    Ok(case.writes(&format!("{}\n", text.replace("\\n", "\n"))))
}

fn recorded(mut case: Case, line: &str) -> Result<Case, String> {
    for wanted in line.split(", ") {
        let words: Vec<&str> = wanted.split(' ').collect();
        let (call, times) = match words[..] {
            [call] => (call, None),
            [call, "once"] => (call, Some(1)),
            [call, "never"] => (call, Some(0)),
            [call, number, "times"] => (
                call,
                Some(number.parse().map_err(|_| format!("`Record: {line}`"))?),
            ),
            _ => return Err(format!("`Record: {line}` is not understood")),
        };
        case = case.records(call, times);
    }
    Ok(case)
}

/// Runs a compiler as a `Build:` line says.
fn compile(build: &str, source: &Path, output: &Path) -> Result<(), String> {
    let mut words = build.split_whitespace().peekable();
    let mut environment = Vec::new();
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        environment.push((name, value));
        words.next();
    }
    let compiler = words.next().ok_or("Build: names no compiler")?;
    let path = match compiler {
        // Whatever builds this package builds its programs; rustup knows it by name only.
        "rustc" => std::env::var_os("RUSTC").unwrap_or("rustc".into()).into(),
        _ => tool::find(compiler)?,
    };
    let mut command = Command::new(path);
    command.envs(environment);
    let place = |command: &mut Command| {
        command.arg("-o").arg(output).arg(source);
    };
    let mut placed = false;
    for word in words {
        if word == "{}" {
            place(&mut command);
            placed = true;
        } else {
            command.arg(word);
        }
    }
    if !placed {
        place(&mut command);
    }
    let result = command
        .output()
        .map_err(|error| format!("{compiler}: {error}"))?;
    match result.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{command:?}\n{}",
            String::from_utf8_lossy(&result.stderr)
        )),
    }
}

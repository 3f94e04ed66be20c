//! What a test states about one program; [`check`](Case::check) compares all ways with the native run.

mod check;
mod run;

use std::ffi::OsString;
use std::fmt::{self, Debug};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::outcome::End;

type Change = Box<dyn Fn(&str) -> String>;
type Preparation = Box<dyn Fn(&Path)>;

/// The program of a case.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A program of the system, found in [`tool::PATH`](crate::tool::PATH).
    Found(String),
    /// A program that the test has built; it is copied into the directory of each run.
    Built {
        /// The file that was built.
        file: PathBuf,
        /// Whether its section headers are taken away (after patchelf, which needs them).
        without_section_headers: bool,
    },
}

/// A program with its arguments, what it must do, and what may differ between two runs.
pub struct Case {
    name: String,
    subject: Subject,
    arguments: Vec<OsString>,
    options: Vec<String>,
    environment: Vec<(String, String)>,
    preparations: Vec<Preparation>,
    changes: Vec<Change>,
    ignored: Vec<&'static str>,
    limit: Duration,
    cut: bool,
    end: Option<End>,
    stdout: Option<String>,
    recorded: Vec<(String, Option<usize>)>,
}

impl Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} ({:?} {:?})",
            self.name, self.subject, self.arguments
        )
    }
}

impl Case {
    /// A case with this name, which no other has, and this program.
    #[must_use]
    pub fn new(name: &str, subject: Subject) -> Self {
        Self {
            name: name.into(),
            subject,
            arguments: Vec::new(),
            options: Vec::new(),
            environment: Vec::new(),
            preparations: Vec::new(),
            changes: Vec::new(),
            ignored: Vec::new(),
            limit: Duration::from_secs(60),
            cut: false,
            end: None,
            stdout: None,
            recorded: Vec::new(),
        }
    }

    /// A case that runs a program of the system.
    #[must_use]
    pub fn program(name: &str, program: &str) -> Self {
        Self::new(name, Subject::Found(program.into()))
    }

    /// A case that runs a script with `bash -e -u -o pipefail`, to end with this status.
    #[must_use]
    pub fn script(name: &str, script: &'static str, status: i32) -> Self {
        let options = ["-e", "-u", "-o", "pipefail", "script.sh"];
        let case = Self::program(name, "bash")
            .file("script.sh", script)
            .arguments(&options);
        case.ends(End::Exited(status))
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<Argument: AsRef<str>>(mut self, arguments: &[Argument]) -> Self {
        self.arguments
            .extend(arguments.iter().map(|argument| argument.as_ref().into()));
        self
    }

    /// Adds options of the interpreter, which every interpreter of the tests must know.
    #[must_use]
    pub fn options(mut self, options: &[&str]) -> Self {
        self.options
            .extend(options.iter().map(|&option| option.into()));
        self
    }

    /// Adds a variable to the environment, which otherwise holds PATH, HOME, TMPDIR and LANG.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Writes a file into the directory before each run.
    #[must_use]
    pub fn file(self, name: &'static str, content: &'static str) -> Self {
        self.prepare(move |work| {
            fs::write(work.join(name), content).expect("an empty directory takes files");
        })
    }

    /// Does something to the directory before each run.
    #[must_use]
    pub fn prepare(mut self, preparation: impl Fn(&Path) + 'static) -> Self {
        self.preparations.push(Box::new(preparation));
        self
    }

    /// Changes output and files before they are compared, for what differs from run to run
    /// natively too; `why` is for the reader of the test.
    #[must_use]
    pub fn normalise(mut self, why: &str, change: impl Fn(&str) -> String + 'static) -> Self {
        assert!(!why.is_empty());
        self.changes.push(Box::new(change));
        self
    }

    /// Leaves files out of the comparison (see [`Files::read`](crate::files::Files::read)); `why` is for the reader.
    #[must_use]
    pub fn ignoring(mut self, why: &str, paths: &[&'static str]) -> Self {
        assert!(!why.is_empty());
        self.ignored.extend(paths);
        self
    }

    /// Sets the time that one run may take; one minute otherwise.
    #[must_use]
    pub fn limit(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Accepts lines of the record that end early: processes are killed while they write them.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.cut = true;
        self
    }

    /// How every run must end; otherwise as the native one does.
    #[must_use]
    pub fn ends(mut self, end: End) -> Self {
        self.end = Some(end);
        self
    }

    /// What every run must write to standard output; otherwise what the native one does.
    #[must_use]
    pub fn writes(mut self, stdout: &str) -> Self {
        self.stdout = Some(stdout.into());
        self
    }

    /// The record must hold a call: so often, or at least once.
    #[must_use]
    pub fn records(mut self, call: &str, times: Option<usize>) -> Self {
        self.recorded.push((call.into(), times));
        self
    }
}

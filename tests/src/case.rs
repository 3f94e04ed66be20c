//! What a test states about one program, and the comparison of all ways with the native run.

use std::ffi::OsString;
use std::fmt::{self, Debug};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::directory::Directory;
use crate::execution;
use crate::files::Files;
use crate::outcome::{End, Outcome, lines_that_differ};
use crate::record;
use crate::tool;
use crate::way::{self, Way};

type Change = Box<dyn Fn(&str) -> String>;
type Preparation = Box<dyn Fn(&Path)>;

/// The program of a case.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A program of the system, found in [`tool::PATH`].
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

    /// Leaves files out of the comparison (see [`Files::read`]); `why` is for the reader.
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

    /// Checks every way.
    ///
    /// # Panics
    ///
    /// With all differences, when there are any.
    pub fn check(&self) {
        if let Err(report) = self.compare() {
            panic!("{report}");
        }
    }

    /// Runs the program natively and every other way and compares.
    ///
    /// # Errors
    ///
    /// A report of all differences.
    pub fn compare(&self) -> Result<(), String> {
        let directory = Directory::new(&self.name);
        let outcome = self.run(Way::Native, &directory)?;
        let native = outcome.ok_or("a native run is always possible")?;
        let mut report = self.unexpected(&native);
        if report.is_empty() {
            for way in Way::all() {
                report += &self.compare_way(way, &native, &directory)?;
            }
        } else {
            report.insert_str(0, "natively (the test is wrong, or the machine):\n");
        }
        if report.is_empty() {
            directory.remove();
            return Ok(());
        }
        Err(format!(
            "{}\n{report}  kept in {}\n",
            self.name,
            directory.root().display()
        ))
    }

    fn compare_way(
        &self,
        way: Way,
        native: &Outcome,
        directory: &Directory,
    ) -> Result<String, String> {
        let Some(outcome) = self.run(way, directory)? else {
            return Ok(String::new());
        };
        let mut report = match way {
            Way::Strace => Outcome {
                stderr: String::new(),
                ..native.clone()
            }
            .difference(&outcome),
            _ => native.difference(&outcome),
        };
        if way.records() {
            let kept = directory.root().join("record");
            let record = crate::outcome::text(&fs::read(&kept).unwrap_or_default());
            report += &self.missing_from(&record);
            if !report.is_empty() {
                report += "  end of the record:\n";
                let lines: Vec<_> = record.lines().collect();
                for line in &lines[lines.len().saturating_sub(12)..] {
                    report += &format!("      {line}\n");
                }
                let _ = fs::rename(&kept, directory.root().join(format!("record of {way:?}")));
            }
        }
        if report.is_empty() {
            Ok(report)
        } else {
            Ok(format!(" {way:?}:\n{report}"))
        }
    }

    /// One run; nothing if the program cannot be started this way.
    fn run(&self, way: Way, directory: &Directory) -> Result<Option<Outcome>, String> {
        directory.renew_work();
        let (work, record) = (directory.work(), directory.root().join("record"));
        let temporary = directory.root().join("tmp");
        for stale in [&temporary, &record] {
            let _ = fs::remove_dir_all(stale).or_else(|_| fs::remove_file(stale));
        }
        fs::create_dir(&temporary).map_err(|error| error.to_string())?;
        for preparation in &self.preparations {
            preparation(&work);
        }
        let Some((program, name)) = self.install(way, directory)? else {
            return Ok(None);
        };
        let mut command = way.command(&program, &name, &self.options, &self.arguments, &record)?;
        command
            .current_dir(&work)
            .env("PATH", tool::PATH)
            .env("LANG", "C");
        command.env("HOME", &work).env("TMPDIR", &temporary);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let mut outcome = execution::run(&mut command, directory.root(), self.limit)?;
        if way == Way::Strace {
            // It complains there about what it cannot read of the program's memory.
            outcome.stderr.clear();
        }
        let ignored: Vec<&str> = self
            .ignored
            .iter()
            .copied()
            .chain(name.strip_prefix("./"))
            .collect();
        outcome.files = Files::read(&work, &ignored);
        for change in &self.changes {
            outcome.stdout = change(&outcome.stdout);
            outcome.stderr = change(&outcome.stderr);
            outcome.files.normalise(change);
        }
        Ok(Some(outcome))
    }

    /// Puts the program in its place for one way: the file to start, and its argument 0.
    fn install(
        &self,
        way: Way,
        directory: &Directory,
    ) -> Result<Option<(PathBuf, String)>, String> {
        let (source, installed, name) = match &self.subject {
            Subject::Found(name) => {
                let copies = directory.root().join("programs");
                fs::create_dir_all(&copies).map_err(|error| error.to_string())?;
                (tool::find(name)?, copies.join(name), name.clone())
            }
            Subject::Built { file, .. } => {
                let name = file
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                (
                    file.clone(),
                    directory.work().join(&name),
                    format!("./{name}"),
                )
            }
        };
        let built = matches!(self.subject, Subject::Built { .. });
        let program = match way {
            Way::Requested(interpreter) => {
                if !way::has_interpreter(&source) {
                    return Ok(None);
                }
                way::request(&source, &installed, &interpreter.path())?;
                installed
            }
            _ if built => {
                copy(&source, &installed)?;
                installed
            }
            _ => source,
        };
        if let Subject::Built {
            without_section_headers: true,
            ..
        } = self.subject
        {
            drop_section_headers(&program)?;
        }
        // The kernel shows a program the path it was started by: the same relative one each way.
        Ok(Some((
            if built { PathBuf::from(&name) } else { program },
            name,
        )))
    }

    /// How the native run departs from what the test expects.
    fn unexpected(&self, native: &Outcome) -> String {
        let mut report = String::new();
        if let End::TimedOut(..) = native.end {
            report += &format!("  {}\n", native.end);
        }
        if let Some(end) = self.end.as_ref().filter(|end| **end != native.end) {
            report += &format!("  expected {end}, got {}\n", native.end);
        }
        if let Some(stdout) = self
            .stdout
            .as_ref()
            .filter(|stdout| **stdout != native.stdout)
        {
            report += "  standard output is not as expected:\n";
            report += &lines_that_differ(stdout, &native.stdout);
        }
        if !report.is_empty() && !native.stderr.is_empty() {
            report += &format!("  standard error:\n{}\n", native.stderr);
        }
        report
    }

    fn missing_from(&self, record: &str) -> String {
        let mut report = String::new();
        let mended = self.cut.then(|| record::mended(record));
        let record = mended.as_deref().unwrap_or(record);
        for (call, times) in &self.recorded {
            let found = record::count(record, call);
            match times {
                Some(times) if *times != found => {
                    report += &format!("  the record has {call} {found} times, not {times}\n");
                }
                None if found == 0 => report += &format!("  the record lacks {call}\n"),
                _ => {}
            }
        }
        if let Some(line) = record::torn_line(record).filter(|_| !self.cut) {
            report += &format!("  a line of the record is not whole: {line}\n");
        }
        report
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    // Through a child: a descriptor open for writing, inherited by a child of another thread's
    // test, would make the program "text file busy".
    let status = Command::new("cp").arg("-p").arg(from).arg(to).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("cannot copy {}", from.display())),
    }
}

/// Takes the section header table away, as some packers do; programs run without one.
fn drop_section_headers(program: &Path) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", program.display());
    let mut bytes = fs::read(program).map_err(fail)?;
    // e_shoff; e_shentsize, e_shnum and e_shstrndx.
    for range in [40..48, 58..64] {
        bytes.get_mut(range).ok_or("not an ELF file")?.fill(0);
    }
    let changed = program.with_extension("headless");
    fs::write(&changed, bytes).map_err(fail)?;
    let _ = fs::remove_file(program);
    copy(&changed, program)?;
    let set = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(program, set).map_err(fail)?;
    fs::remove_file(changed).map_err(fail)
}

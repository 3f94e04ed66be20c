//! What was asked for on the command line, and where things are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::tool;
use ld_systrap_tests::way::binary;

/// An invocation of the benchmark.
#[derive(Debug)]
pub(crate) struct Bench {
    quick: bool,
    words: Vec<String>,
    directory: Directory,
    /// The interpreter that sees every call and does nothing.
    pub(crate) null: PathBuf,
    /// The interpreter whose handler no call interests.
    pub(crate) uninterested: PathBuf,
    /// The tracer.
    pub(crate) stock: PathBuf,
}

impl Bench {
    pub(crate) fn new() -> Result<Bench, String> {
        // cargo adds `--bench`.
        let arguments = std::env::args().skip(1).filter(|word| word != "--bench");
        let (options, words): (Vec<_>, Vec<_>) = arguments.partition(|word| word.starts_with('-'));
        if let Some(unknown) = options.iter().find(|option| *option != "--quick") {
            return Err(format!("{unknown} is no option; there is --quick"));
        }
        let bench = Bench {
            quick: !options.is_empty() || std::env::var_os("BENCH_QUICK").is_some(),
            words,
            directory: Directory::new("speed"),
            null: binary("null"),
            uninterested: binary("uninterested"),
            stock: binary("stock"),
        };
        for program in ["launch", "calls", "resident"] {
            bench.compile(program, program, &["-pthread"])?;
        }
        bench.compile("empty", "empty", &["-static"])?;
        Ok(bench)
    }

    /// Builds a program of `benches/programs` with gcc.
    fn compile(&self, source: &str, name: &str, options: &[&str]) -> Result<(), String> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("benches/programs")
            .join(format!("{source}.c"));
        let mut gcc = self.command(&tool::find("gcc")?);
        gcc.args(["-O2", "-o"])
            .arg(self.program(name))
            .arg(source)
            .args(options);
        match gcc.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{gcc:?}: {status}")),
            Err(error) => Err(format!("gcc: {error}")),
        }
    }

    /// The file of a program that this has compiled, or that a measurement has made.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.root().join(name)
    }

    /// Makes a file for the programs to work on; gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.directory.work().join(name);
        let fail = |error| format!("{}: {error}", path.display());
        fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(fail)?;
        fs::write(&path, text).map_err(fail)?;
        Ok(path)
    }

    /// A command in the directory of what the programs work on, in an environment that is the same
    /// for all who measure.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.directory.work())
            .env_clear()
            .env("PATH", tool::PATH)
            .env("HOME", self.directory.work())
            .env("LC_ALL", "C");
        command
    }

    /// Whether what has this name is to be measured.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }

    /// strace, if there is one, and time for it.
    pub(crate) fn strace(&self) -> Option<PathBuf> {
        tool::find("strace").ok().filter(|_| !self.quick)
    }

    /// How long one line of the table may take.
    pub(crate) fn time_for_a_row(&self) -> Duration {
        Duration::from_millis(if self.quick { 1000 } else { 8000 })
    }

    /// How many of `rounds` to make.
    pub(crate) fn rounds(&self, rounds: usize) -> usize {
        if self.quick {
            rounds.div_ceil(5)
        } else {
            rounds
        }
    }

    /// The processors to use where two are needed: two different ones, if there are.
    pub(crate) fn processors(&self) -> [usize; 2] {
        let number = std::thread::available_parallelism().map_or(1, |number| number.get());
        [0, number.min(2) - 1]
    }

    /// Removes all that was made.
    pub(crate) fn remove(self) {
        self.directory.remove();
    }
}

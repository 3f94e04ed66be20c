//! The words before the program's name, or in `LD_SYSTRAP`.

use crate::postponed::Patching;
use crate::process::exec;
use crate::report;
use crate::sys::{file, process};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The options that a process was started with, in order, for a handler to take.
pub struct Options {
    words: Vec<&'static str>,
    next: usize,
    /// What comes is the program's, whatever it looks like.
    are_over: bool,
    of_handler: &'static str,
    runtime: Runtime,
}

/// What the runtime itself is told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Runtime {
    pub(crate) seal: Option<crate::seal::Mode>,
    pub(crate) ld_so: Option<&'static str>,
    /// When code is patched.
    pub(crate) patching: Option<Patching>,
    /// An exec came before: descriptors and the program's path.
    pub(crate) inherited: Option<Inherited>,
}

/// What the process before an exec hands over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inherited {
    /// `name:number,…`; `program` is the file to load.
    pub(crate) descriptors: &'static str,
    /// What programs call our image.
    pub(crate) image: &'static str,
    /// `AT_EXECFN`.
    pub(crate) path: &'static str,
}

/// The options of every interpreter, as `-h` shows them.
const USUAL: &str =
    "  --seal=MODE     auto: let the kernel stop what cannot be proved; always; never
  --patch-after=N patch code after N calls (40); 0: before it runs; never: not at all
  --ld-so=FILE    the dynamic linker, where PROGRAM has this file in its place
  --audit         list the system call instructions of images, run nothing
  -h, --help      this text
  -V, --version   the version
";

/// The internal option that exec puts first.
pub(crate) const INHERITED: &str = "--systrap-exec=";

/// Why the program does not begin.
#[derive(Debug)]
pub enum Refusal {
    /// An error: one line to standard error, and the exit status.
    Error {
        /// What is wrong and what to do.
        message: String,
        /// 127: not found, or not understood; 126: found, but not to be run.
        status: i32,
    },
    /// An image that cannot be loaded, with the line that says so: exit status 126.
    Unloadable(String),
    /// What was asked for has been done: exit status 0.
    Done,
}

impl Refusal {
    /// An error, with 127 for what is not there or not understood and 126 for what cannot be run.
    #[must_use]
    pub fn error(status: i32, message: fmt::Arguments<'_>) -> Refusal {
        Refusal::Error {
            message: alloc::fmt::format(message),
            status,
        }
    }

    /// Writes the line of an error.
    pub(crate) fn say(&self) {
        if let Refusal::Error { message, .. } | Refusal::Unloadable(message) = self {
            report::line(format_args!("{message}"));
        }
    }

    pub(crate) fn exit(self) -> ! {
        self.say();
        process::exit_group(match self {
            Refusal::Error { status, .. } => status,
            Refusal::Unloadable(_) => 126,
            Refusal::Done => 0,
        })
    }
}

impl Options {
    /// `of_handler` are the lines of `-h` on the handler's own options.
    pub(crate) fn new(words: Vec<&'static str>, of_handler: &'static str) -> Options {
        Options {
            words,
            next: 0,
            are_over: false,
            of_handler,
            runtime: Runtime::default(),
        }
    }

    /// The next option that is the handler's own: a word that begins with `-`, but is neither `-` nor `--`.
    /// `None` from the program's name on.
    ///
    /// # Errors
    /// An option of the runtime's that makes no sense.
    pub fn next_option(&mut self) -> Result<Option<&'static str>, Refusal> {
        while !self.are_over
            && let Some(&word) = self.words.get(self.next)
        {
            match word {
                "--" => (self.are_over, self.next) = (true, self.next + 1),
                _ if word == "-" || !word.starts_with('-') => self.are_over = true,
                _ => {
                    self.next += 1;
                    if !self.take_own(word)? {
                        return Ok(Some(word));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The next word, whatever it is: the value of the option before it.
    ///
    /// # Errors
    /// When there is none.
    pub fn value(&mut self, option: &str) -> Result<&'static str, Refusal> {
        let word = self.words.get(self.next).copied();
        self.next += 1;
        word.ok_or_else(|| {
            Refusal::error(
                127,
                format_args!("option '{option}' requires a value; try -h"),
            )
        })
    }

    /// The refusal of an option that nobody knows.
    #[must_use]
    pub fn unknown(option: &str) -> Refusal {
        Refusal::error(127, format_args!("unknown option '{option}'; try -h"))
    }

    fn take_own(&mut self, word: &'static str) -> Result<bool, Refusal> {
        if let "-h" | "--help" = word {
            return Err(self.help());
        } else if let "-V" | "--version" = word {
            let version = concat!("ld-systrap ", env!("CARGO_PKG_VERSION"), "\n");
            return Err(say(version));
        } else if let Some(mode) = word.strip_prefix("--seal=") {
            self.runtime.seal = Some(match mode {
                "auto" => crate::seal::Mode::Auto,
                "always" => crate::seal::Mode::Always,
                "never" => crate::seal::Mode::Never,
                _ => {
                    return Err(Refusal::error(
                        127,
                        format_args!("--seal is auto, always or never, not '{mode}'"),
                    ));
                }
            });
        } else if let Some(path) = word.strip_prefix("--ld-so=") {
            self.runtime.ld_so = Some(path);
        } else if let Some(count) = word.strip_prefix("--patch-after=") {
            let number = || count.parse().ok().map(Patching::After);
            self.runtime.patching = Some(match count {
                "never" => Patching::Never,
                _ => number().ok_or_else(|| {
                    Refusal::error(
                        127,
                        format_args!("--patch-after is a number of calls or never, not '{count}'"),
                    )
                })?,
            });
        } else if let (Some(descriptors), 1) = (word.strip_prefix(INHERITED), self.next) {
            let image = self.value(INHERITED)?;
            let path = self.value(INHERITED)?;
            self.runtime.inherited = Some(Inherited {
                descriptors,
                image,
                path,
            });
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Shows how the interpreter is used.
    fn help(&self) -> Refusal {
        let path = exec::own_path().to_string_lossy();
        let name = path.rsplit('/').next().unwrap_or("ld-systrap");
        let of_handler = self.of_handler;
        say(&format!(
            "usage: {name} [options] [--] PROGRAM [ARGUMENTS]\n\
             {:7}{name} --audit FILE|PROGRAM...\n\n{of_handler}{USUAL}",
            ""
        ))
    }

    /// What the runtime was told, once the handler has taken its options.
    pub(crate) fn finish(mut self) -> Result<(Runtime, usize), Refusal> {
        if let Some(option) = self.next_option()? {
            return Err(Self::unknown(option));
        }
        Ok((self.runtime, self.next))
    }

    /// The hand-over of an exec, if that is how this process began. It comes first.
    pub(crate) fn take_inherited(&mut self) -> Result<Option<Inherited>, Refusal> {
        if self
            .words
            .first()
            .is_some_and(|word| word.starts_with(INHERITED))
        {
            let word = self.words[0];
            self.next = 1;
            self.take_own(word)?;
        }
        Ok(self.runtime.inherited)
    }
}

/// Writes to standard output; that was all.
fn say(text: &str) -> Refusal {
    match file::write_all(1, text.as_bytes()) {
        Ok(()) => Refusal::Done,
        Err(error) => Refusal::error(1, format_args!("standard output: {error}")),
    }
}

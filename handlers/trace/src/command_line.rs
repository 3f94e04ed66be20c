//! The options of the tracer.

use alloc::ffi::CString;
use alloc::format;
use ld_systrap::description::syscall::{Filter, LONGEST};
use ld_systrap::{Options, Refusal};

/// What was asked for.
pub(crate) struct CommandLine {
    /// The file that lines go to instead of standard error.
    pub(crate) output: Option<CString>,
    /// Which calls have lines.
    pub(crate) filter: Filter,
    /// How many bytes of a string, and elements of an array, are shown.
    pub(crate) longest: usize,
    /// Which lines say which thread they are of.
    pub(crate) naming: Naming,
    /// Whether lines begin with the time.
    pub(crate) shows_time: bool,
    /// Whether lines end with how long the call took.
    pub(crate) shows_duration: bool,
}

/// Which lines say which thread they are of, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Those since there has been more than one: `[pid N] `.
    OfSeveral,
    /// All, as strace does in a file: the number alone.
    OfAll,
}

/// The most bytes of a string that can be asked for.
const LARGEST: usize = 1 << 20;

/// What `-h` says of it.
pub(crate) const HELP: &str = "\
Runs PROGRAM and writes a line for each system call that it and its children make.

  -o FILE         write to FILE instead of standard error
  -f              with -o, begin each line with the thread's number alone; children are followed
                  in any case
  -e trace=LIST   only these calls: names, numbers, %class, /regular expression, all, none;
                  ! before the list turns it round, ? before a name lets it be unknown
  -s SIZE         show SIZE bytes of a string and elements of an array (32)
  -ttt            begin each line with the time, in seconds since 1970
  -T              end each line with the seconds that the call took
";

impl CommandLine {
    /// Takes the options before the program's name.
    pub(crate) fn parse(options: &mut Options) -> Result<CommandLine, Refusal> {
        let mut asked = CommandLine {
            output: None,
            filter: Filter::all(),
            longest: LONGEST,
            naming: Naming::OfSeveral,
            shows_time: false,
            shows_duration: false,
        };
        let mut times = 0;
        let mut follows = 0;
        while let Some(option) = options.next_option()? {
            if let Some(long) = option.strip_prefix("--") {
                let (name, within) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (long, None),
                };
                let mut value = || within.map_or_else(|| options.value(option), Ok);
                match name {
                    "output" => asked.output = Some(file(value()?)?),
                    "trace" => asked.filter = expression(value()?)?,
                    "string-limit" => asked.longest = size(value()?)?,
                    "follow-forks" if within.is_none() => follows += 1,
                    "quiet" if within.is_none() => {}
                    _ => return Err(Options::unknown(option)),
                }
                continue;
            }
            // Several letters may be in a word, and the value of the last.
            let mut rest = &option[1..];
            while let Some(letter) = rest.chars().next() {
                rest = &rest[letter.len_utf8()..];
                let mut value = || match core::mem::take(&mut rest) {
                    "" => options.value(option),
                    within => Ok(within),
                };
                match letter {
                    'o' => asked.output = Some(file(value()?)?),
                    'e' => asked.filter = expression(value()?)?,
                    's' => asked.longest = size(value()?)?,
                    't' => times += 1,
                    'T' => asked.shows_duration = true,
                    'f' => follows += 1,
                    // Nobody attaches, and there is nothing to be quiet about.
                    'q' => {}
                    _ => return Err(Options::unknown(option)),
                }
            }
        }
        asked.shows_time = match times {
            0 => false,
            1 | 2 => {
                return Err(Refusal::error(
                    127,
                    format_args!("-t and -tt are not known; try -ttt"),
                ));
            }
            _ => true,
        };
        if asked.output.is_some() {
            match follows {
                0 => {}
                1 => asked.naming = Naming::OfAll,
                _ => {
                    return Err(Refusal::error(
                        127,
                        format_args!("-ff is not known with -o; try -f"),
                    ));
                }
            }
        }
        Ok(asked)
    }
}

/// A number of bytes.
fn size(number: &str) -> Result<usize, Refusal> {
    let size = number.parse().ok().filter(|size| *size <= LARGEST);
    size.ok_or_else(|| {
        Refusal::error(
            127,
            format_args!("-s is a number up to {LARGEST}, not '{number}'"),
        )
    })
}

/// The name of a file.
fn file(name: &str) -> Result<CString, Refusal> {
    CString::new(name).map_err(|_| Refusal::error(127, format_args!("no such file '{name}'")))
}

/// A list of calls, with or without `trace=` before it.
fn expression(expression: &str) -> Result<Filter, Refusal> {
    let list = ["trace=", "t="]
        .iter()
        .find_map(|start| expression.strip_prefix(start));
    if list.is_none()
        && let Some((qualifier, _)) = expression.split_once('=')
    {
        return Err(Refusal::error(
            127,
            format_args!("-e knows trace=, not '{qualifier}='; try -h"),
        ));
    }
    Filter::parse(list.unwrap_or(expression))
        .map_err(|error| Refusal::error(127, format_args!("{error}")))
}

/// The refusal of an output file that cannot be made.
pub(crate) fn no_output(name: &CString, error: ld_systrap::Errno) -> Refusal {
    let name = format!("{}", name.to_string_lossy());
    Refusal::error(127, format_args!("cannot write to '{name}': {error}"))
}

//! Which calls somebody is interested in, as `strace -e trace=LIST` has it said.
//!
//! A list is `all`, `none`, or names, numbers, `%class` and `/regular expression`, separated by
//! commas; `!` before the whole list turns it round, and `?` before a name lets it be unknown.

use super::class::Class;
use super::description::Description;
use super::pattern::Pattern;
use super::{Abi, i386, table};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// How many numbers of calls a filter tells apart.
const NUMBERS: usize = 512;

/// A set of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// One bit for each number of the 64-bit table.
    calls: [u64; NUMBERS / 64],
    /// Names of 32-bit calls that the 64-bit table does not have.
    legacy: Vec<&'static str>,
    /// Whether `calls` and `legacy` are those that are left out.
    inverted: bool,
}

/// Why a list is not a filter; its text is what a user should read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterError {
    /// No call has this name, number, class or pattern.
    Unknown(String),
    /// A regular expression uses something that is not understood here.
    Pattern(String),
}

impl fmt::Display for FilterError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterError::Unknown(what) => write!(to, "invalid system call '{what}'"),
            FilterError::Pattern(what) => write!(to, "invalid regular expression '{what}'"),
        }
    }
}

impl core::error::Error for FilterError {}

impl Filter {
    /// The filter that lets every call pass.
    #[must_use]
    pub fn all() -> Filter {
        Filter {
            calls: [0; NUMBERS / 64],
            legacy: Vec::new(),
            inverted: true,
        }
    }

    /// The filter that lets no call pass.
    #[must_use]
    pub fn none() -> Filter {
        Filter {
            inverted: false,
            ..Filter::all()
        }
    }

    /// Reads a list; `trace=` before it is not part of it.
    ///
    /// # Errors
    /// [`FilterError`] when it names something that there is not.
    pub fn parse(list: &str) -> Result<Filter, FilterError> {
        let (inverted, names) = match list.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, list),
        };
        let mut filter = Filter {
            inverted,
            ..Filter::none()
        };
        match names {
            "all" => {
                return Ok(Filter {
                    inverted: !inverted,
                    ..filter
                });
            }
            "none" => return Ok(filter),
            _ => {}
        }
        if names.split(',').all(str::is_empty) {
            return Err(FilterError::Unknown(names.into()));
        }
        for name in names.split(',').filter(|name| !name.is_empty()) {
            filter.include(name)?;
        }
        Ok(filter)
    }

    /// Whether call `number` passes.
    #[must_use]
    pub fn matches(&self, abi: Abi, number: u64) -> bool {
        let listed = match abi {
            Abi::Syscall => self.has(number),
            Abi::Int80 | Abi::Sysenter => match i386::name(number) {
                Some(name) => match super::number(name) {
                    Some(number) => self.has(number),
                    None => self.legacy.contains(&name),
                },
                None => false,
            },
        };
        listed != self.inverted
    }

    /// Whether every call passes.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.inverted && self.calls == [0; NUMBERS / 64] && self.legacy.is_empty()
    }

    /// Adds what one element of a list stands for.
    fn include(&mut self, element: &str) -> Result<(), FilterError> {
        let (optional, name) = match element.strip_prefix('?') {
            Some(rest) => (true, rest),
            None => (false, element),
        };
        let found = if let Some(pattern) = name.strip_prefix('/') {
            let pattern =
                Pattern::parse(pattern).ok_or_else(|| FilterError::Pattern(pattern.into()))?;
            self.include_calls(|call| pattern.matches(call.name))
        } else if let Some(class) = class(name) {
            self.include_calls(|call| call.classes.has(class))
        } else if let Ok(number) = name.parse::<u64>() {
            self.include_calls(|call| u64::from(call.number) == number)
        } else {
            let name = ["@64", "@32", "@x32"]
                .iter()
                .find_map(|personality| name.strip_suffix(personality))
                .unwrap_or(name);
            self.include_calls(|call| call.name == name) | self.include_legacy(name)
        };
        if found || optional {
            Ok(())
        } else {
            Err(FilterError::Unknown(name.into()))
        }
    }

    /// Adds the calls that `wanted` says, and returns whether there were any.
    fn include_calls(&mut self, wanted: impl Fn(&Description) -> bool) -> bool {
        let mut found = false;
        for call in table::CALLS.iter().filter(|call| wanted(call)) {
            if let Some(word) = self.calls.get_mut(call.number as usize / 64) {
                *word |= 1 << (call.number % 64);
                found = true;
            }
        }
        found
    }

    /// Adds a 32-bit call that the 64-bit table does not have.
    fn include_legacy(&mut self, name: &str) -> bool {
        let known = (0..NUMBERS as u64)
            .filter_map(i386::name)
            .find(|known| *known == name);
        self.legacy.extend(known);
        known.is_some()
    }

    /// Whether the 64-bit call `number` is listed.
    fn has(&self, number: u64) -> bool {
        let index = usize::try_from(number / 64).unwrap_or(usize::MAX);
        self.calls
            .get(index)
            .is_some_and(|word| word >> (number % 64) & 1 != 0)
    }
}

/// The class that `name` names: with `%`, or one of the old names that need none.
fn class(name: &str) -> Option<Class> {
    let (sign, bare) = match name.strip_prefix('%') {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let class = match bare {
        "file" => Class::File,
        "process" => Class::Process,
        "signal" => Class::Signal,
        "ipc" => Class::Ipc,
        "desc" => Class::Descriptor,
        "memory" => Class::Memory,
        "network" => Class::Network,
        "net" if sign => Class::Network,
        "creds" if sign => Class::Credentials,
        "clock" if sign => Class::Clock,
        "stat" if sign => Class::Stat,
        "lstat" if sign => Class::Lstat,
        "fstat" if sign => Class::Fstat,
        "%stat" if sign => Class::StatLike,
        "statfs" if sign => Class::Statfs,
        "fstatfs" if sign => Class::Fstatfs,
        "%statfs" if sign => Class::StatfsLike,
        "pure" if sign => Class::Pure,
        _ => return None,
    };
    Some(class)
}

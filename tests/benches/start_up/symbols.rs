//! The functions of an interpreter by address.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use ld_systrap_tests::tool;

use crate::run::Run;

/// Where the functions of a mapped interpreter begin.
#[derive(Debug)]
pub(crate) struct Symbols(BTreeMap<u64, String>);

impl Symbols {
    /// The functions of a file, where a run had them: `_start` is what runs first.
    pub(crate) fn of(file: &Path, run: &Run) -> Result<Symbols, String> {
        let mut nm = Command::new(tool::find("nm")?);
        let text = crate::output(nm.arg("-C").arg(file))?;
        let mut names = BTreeMap::new();
        for line in text.lines() {
            let mut words = line.splitn(3, ' ');
            let address = words
                .next()
                .and_then(|word| u64::from_str_radix(word, 16).ok());
            if let (Some(address), Some("t" | "T"), Some(name)) =
                (address, words.next(), words.next())
            {
                names.insert(address, name.to_owned());
            }
        }
        let start = names.iter().find(|(_, name)| *name == "_start");
        let linked = start
            .map(|(address, _)| *address)
            .ok_or("there is no _start")?;
        let first = run.first_instruction().ok_or("there are no page faults")?;
        let bias = first.wrapping_sub(linked);
        Ok(Symbols(
            names
                .into_iter()
                .map(|(at, name)| (at.wrapping_add(bias), name))
                .collect(),
        ))
    }

    /// The function around an address, if that is in the interpreter.
    pub(crate) fn name(&self, address: u64) -> Option<&str> {
        let (last, _) = self.0.last_key_value()?;
        let (begin, name) = self.0.range(..=address).next_back()?;
        (address < last + 4096 && begin != last).then_some(name)
    }
}

//! Functions from symbols: `.symtab` if it was not stripped, else what the dynamic linker needs.

use super::function::{Function, Source};
use crate::image::{Image, SymbolTable, read, string};
use alloc::vec::Vec;
use core::ops::Range;
use goblin::elf64::sym::{SIZEOF_SYM, STT_FUNC, STT_GNU_IFUNC, Sym, st_type};

/// The symbol at or before an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Name<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// How far after it the address is, in bytes.
    pub distance: u64,
    /// The bytes that its symbol covers.
    pub size: u64,
}

/// The functions that have symbols.
pub(crate) struct Symbols<'a> {
    /// Sorted by start.
    functions: Vec<Symbol>,
    strings: &'a [u8],
}

#[derive(Clone, Copy)]
struct Symbol {
    start: u64,
    size: u64,
    name: u32,
}

impl<'a> Symbols<'a> {
    pub(crate) fn new(image: &Image<'a>) -> Symbols<'a> {
        let full = image
            .symbols()
            .map(Symbols::from)
            .filter(|full| !full.functions.is_empty());
        full.or_else(|| image.dynamic_symbols().map(Symbols::from))
            .unwrap_or(Symbols {
                functions: Vec::new(),
                strings: &[],
            })
    }

    /// The function whose symbol covers `address`. A symbol without a size covers nothing: what
    /// follows it may belong to something that has no symbol.
    pub(crate) fn around(&self, address: u64) -> Option<Function> {
        let symbol = self.at_or_before(address)?;
        let range = symbol.start..symbol.start.checked_add(symbol.size)?;
        range.contains(&address).then_some(Function {
            range,
            source: Source::Symbol,
            exception_table: None,
        })
    }

    /// The starts of functions inside `range`.
    pub(crate) fn starts_within(&self, range: &Range<u64>) -> impl Iterator<Item = u64> + '_ {
        let end = range.end;
        let first = self
            .functions
            .partition_point(|symbol| symbol.start < range.start);
        self.functions[first..]
            .iter()
            .map(|symbol| symbol.start)
            .take_while(move |at| *at < end)
    }

    /// The symbol at or before `address`.
    pub(crate) fn name(&self, address: u64) -> Option<Name<'a>> {
        let symbol = self.at_or_before(address)?;
        let name = string(self.strings, symbol.name.into())?;
        Some(Name {
            name,
            distance: address - symbol.start,
            size: symbol.size,
        })
    }

    fn at_or_before(&self, address: u64) -> Option<&Symbol> {
        let after = self
            .functions
            .partition_point(|symbol| symbol.start <= address);
        self.functions.get(after.checked_sub(1)?)
    }
}

impl<'a> From<SymbolTable<'a>> for Symbols<'a> {
    fn from(table: SymbolTable<'a>) -> Symbols<'a> {
        let mut functions: Vec<Symbol> = table
            .symbols
            .chunks_exact(SIZEOF_SYM)
            .filter_map(|entry| read::<Sym>(entry, 0))
            .filter(|symbol| matches!(st_type(symbol.st_info), STT_FUNC | STT_GNU_IFUNC))
            .filter(|symbol| symbol.st_shndx != 0 && symbol.st_value != 0)
            .map(|symbol| Symbol {
                start: symbol.st_value,
                size: symbol.st_size,
                name: symbol.st_name,
            })
            .collect();
        // Of several at one address the largest comes last, where the search finds it.
        functions.sort_unstable_by_key(|symbol| (symbol.start, symbol.size));
        Symbols {
            functions,
            strings: table.strings,
        }
    }
}

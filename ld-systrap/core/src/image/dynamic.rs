//! What an image tells a dynamic linker: `PT_DYNAMIC` and what its entries point to.

use super::{Image, read, slice};
use alloc::vec::Vec;
use goblin::elf64::dynamic::{
    DT_DEBUG, DT_FINI, DT_FINI_ARRAY, DT_FINI_ARRAYSZ, DT_GNU_HASH, DT_HASH, DT_INIT,
    DT_INIT_ARRAY, DT_INIT_ARRAYSZ, DT_JMPREL, DT_NEEDED, DT_NULL, DT_PLTRELSZ, DT_PREINIT_ARRAY,
    DT_PREINIT_ARRAYSZ, DT_RELA, DT_RELASZ, DT_SONAME, DT_STRSZ, DT_STRTAB, DT_SYMTAB, Dyn,
};
use goblin::elf64::program_header::PT_DYNAMIC;
use goblin::elf64::reloc::{R_X86_64_JUMP_SLOT, R_X86_64_RELATIVE, Rela, SIZEOF_RELA, r_type};
use goblin::elf64::sym::SIZEOF_SYM;

/// A table of symbols and the strings that name them.
#[derive(Clone, Copy, Default)]
pub(crate) struct SymbolTable<'a> {
    /// `SIZEOF_SYM` bytes for each symbol.
    pub(crate) symbols: &'a [u8],
    /// Names, each ended by a NUL.
    pub(crate) strings: &'a [u8],
}

impl<'a> Image<'a> {
    /// The names of the shared objects it needs, in order.
    pub fn needed(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let strings = self.dynamic_strings();
        dynamic(self.content(PT_DYNAMIC).unwrap_or_default())
            .filter(|entry| entry.d_tag == DT_NEEDED)
            .filter_map(move |entry| string(strings, entry.d_val))
    }

    /// The name under which others need it.
    #[must_use]
    pub fn soname(&self) -> Option<&'a [u8]> {
        string(self.dynamic_strings(), self.dynamic_value(DT_SONAME)?)
    }

    /// The value of the first dynamic entry tagged `tag`.
    pub(crate) fn dynamic_value(&self, tag: u64) -> Option<u64> {
        let entries = self.content(PT_DYNAMIC)?;
        dynamic(entries)
            .find(|entry| entry.d_tag == tag)
            .map(|entry| entry.d_val)
    }

    /// Where the value of `DT_DEBUG` is (before relocation), which the dynamic linker fills in.
    #[must_use]
    pub fn debug_slot(&self) -> Option<u64> {
        let entries = self.content(PT_DYNAMIC)?;
        let index = dynamic(entries).position(|entry| entry.d_tag == DT_DEBUG)?;
        let within = index * size_of::<Dyn>() + size_of::<u64>();
        self.dynamic_address()?.checked_add(within as u64)
    }

    /// Where its dynamic table is, before relocation.
    #[must_use]
    pub fn dynamic_address(&self) -> Option<u64> {
        Some(self.program_header(PT_DYNAMIC)?.p_vaddr)
    }

    /// The symbols that the dynamic linker knows, found without section headers.
    pub(crate) fn dynamic_symbols(&self) -> Option<SymbolTable<'a>> {
        let symbols = self.bytes_from(self.dynamic_value(DT_SYMTAB)?)?;
        let size = self
            .dynamic_symbol_count()?
            .checked_mul(SIZEOF_SYM as u64)?;
        Some(SymbolTable {
            symbols: slice(symbols, 0, size)?,
            strings: self.dynamic_strings(),
        })
    }

    /// The functions that run when it is loaded and unloaded: those that a dynamic linker calls.
    pub(crate) fn initialisers(&self) -> Vec<u64> {
        let mut found: Vec<u64> = [DT_INIT, DT_FINI]
            .iter()
            .filter_map(|tag| self.dynamic_value(*tag))
            .collect();
        for (array, size) in [
            (DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ),
            (DT_INIT_ARRAY, DT_INIT_ARRAYSZ),
            (DT_FINI_ARRAY, DT_FINI_ARRAYSZ),
        ] {
            let range = self.dynamic_value(array).zip(self.dynamic_value(size));
            let Some((start, size)) = range else { continue };
            let content = self
                .bytes_from(start)
                .and_then(|bytes| slice(bytes, 0, size));
            let words = content.unwrap_or_default().chunks_exact(8);
            found.extend(words.filter_map(|word| read::<u64>(word, 0)));
            let holds = |at: u64| at.checked_sub(start).is_some_and(|within| within < size);
            found.extend(
                self.relative_relocations()
                    .filter(|(at, _)| holds(*at))
                    .map(|one| one.1),
            );
        }
        found.retain(|address| *address != 0 && *address != u64::MAX);
        found
    }

    /// The places that get an address relative to the image, and that address.
    pub(crate) fn relative_relocations(&self) -> impl Iterator<Item = (u64, u64)> + use<'a> {
        self.relocations(DT_RELA, DT_RELASZ)
            .filter(|entry| r_type(entry.r_info) == R_X86_64_RELATIVE)
            .filter_map(|entry| Some((entry.r_offset, u64::try_from(entry.r_addend).ok()?)))
    }

    fn relocations(&self, table: u64, size: u64) -> impl Iterator<Item = Rela> + use<'a> {
        let bytes = self.dynamic_value(table).and_then(|at| self.bytes_from(at));
        let size = self.dynamic_value(size).unwrap_or(0);
        bytes
            .and_then(|bytes| slice(bytes, 0, size))
            .unwrap_or_default()
            .chunks_exact(SIZEOF_RELA)
            .filter_map(|entry| read::<Rela>(entry, 0))
    }

    /// The places that lazy binding fills in: where each is, and what the file has there, which is
    /// where its entry of the procedure linkage table goes on.
    pub(crate) fn lazy_slots(&self) -> impl Iterator<Item = (u64, u64)> + use<'_, 'a> {
        self.relocations(DT_JMPREL, DT_PLTRELSZ)
            .filter(|entry| r_type(entry.r_info) == R_X86_64_JUMP_SLOT)
            .filter_map(|entry| {
                let content = read::<u64>(self.bytes_from(entry.r_offset)?, 0)?;
                Some((entry.r_offset, content))
            })
    }

    fn dynamic_strings(&self) -> &'a [u8] {
        let strings = self
            .dynamic_value(DT_STRTAB)
            .and_then(|address| self.bytes_from(address));
        match (strings, self.dynamic_value(DT_STRSZ)) {
            (Some(strings), Some(size)) => slice(strings, 0, size).unwrap_or(strings),
            (Some(strings), None) => strings,
            (None, _) => &[],
        }
    }

    /// The number of dynamic symbols, which only the hash tables tell.
    fn dynamic_symbol_count(&self) -> Option<u64> {
        if let Some(address) = self.dynamic_value(DT_HASH) {
            // nbucket, nchain; there are as many chain entries as symbols.
            return read::<u32>(self.bytes_from(address)?, 4).map(u64::from);
        }
        let table = self.bytes_from(self.dynamic_value(DT_GNU_HASH)?)?;
        let word = |index: u64| read::<u32>(table, index.checked_mul(4)?);
        let (buckets, first, bloom) = (word(0)?, word(1)?, word(2)?);
        let bucket_start = 4 + 2 * u64::from(bloom);
        let highest = (0..u64::from(buckets))
            .map_while(|bucket| word(bucket_start + bucket))
            .max()
            .filter(|highest| *highest >= first);
        let Some(highest) = highest else {
            return Some(u64::from(first));
        };
        // The last chain ends with an entry whose lowest bit is set.
        let chain_start = bucket_start + u64::from(buckets);
        let in_chain = u64::from(highest - first);
        let length = (in_chain..)
            .map_while(|index| word(chain_start + index))
            .position(|hash| hash & 1 != 0)?;
        Some(u64::from(highest) + length as u64 + 1)
    }
}

fn dynamic(entries: &[u8]) -> impl Iterator<Item = Dyn> + use<'_> {
    entries
        .chunks_exact(size_of::<Dyn>())
        .filter_map(|entry| read::<Dyn>(entry, 0))
        .take_while(|entry| entry.d_tag != DT_NULL)
}

/// The string at `offset`, without its NUL.
pub(crate) fn string(strings: &[u8], offset: u64) -> Option<&[u8]> {
    let from = strings.get(usize::try_from(offset).ok()?..)?;
    let end = memchr::memchr(0, from)?;
    Some(&from[..end])
}

//! Section headers: not needed to run an image, often stripped, and worth having for what they name.

use super::dynamic::{SymbolTable, string};
use super::{Image, read, slice};
use alloc::vec::Vec;
use core::ops::Range;
use goblin::elf64::section_header::{
    SHF_ALLOC, SHF_COMPRESSED, SHF_EXECINSTR, SHT_NOBITS, SHT_NULL, SHT_SYMTAB, SIZEOF_SHDR,
    SectionHeader,
};

impl<'a> Image<'a> {
    /// The address and the content of the section called `name`.
    pub(crate) fn section(&self, name: &[u8]) -> Option<(u64, &'a [u8])> {
        let names = self.section_header(u64::from(self.header.e_shstrndx))?;
        let names = self.section_content(&names)?;
        let header = self
            .section_headers()
            .find(|header| string(names, header.sh_name.into()) == Some(name))?;
        Some((header.sh_addr, self.section_content(&header)?))
    }

    /// The full table of symbols, which the dynamic linker does not need and `strip` removes.
    pub(crate) fn symbols(&self) -> Option<SymbolTable<'a>> {
        let table = self
            .section_headers()
            .find(|header| header.sh_type == SHT_SYMTAB)?;
        let strings = self.section_header(u64::from(table.sh_link))?;
        Some(SymbolTable {
            symbols: self.section_content(&table)?,
            strings: self.section_content(&strings)?,
        })
    }

    /// The bytes of the file (offsets in it, sorted) that sections say are mapped but no code.
    pub(crate) fn declared_data(&self) -> Vec<Range<u64>> {
        let mut ranges: Vec<_> = self
            .section_headers()
            .filter(|header| header.sh_type != SHT_NOBITS && header.sh_type != SHT_NULL)
            .filter(|header| {
                header.sh_flags & u64::from(SHF_ALLOC | SHF_EXECINSTR) == SHF_ALLOC.into()
            })
            .map(|header| header.sh_offset..header.sh_offset.saturating_add(header.sh_size))
            .collect();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges
    }

    fn section_headers(&self) -> impl Iterator<Item = SectionHeader> + use<'_, 'a> {
        (0..u64::from(self.header.e_shnum)).map_while(|index| self.section_header(index))
    }

    fn section_header(&self, index: u64) -> Option<SectionHeader> {
        if self.header.e_shoff == 0 || usize::from(self.header.e_shentsize) != SIZEOF_SHDR {
            return None;
        }
        read(
            self.bytes,
            self.header
                .e_shoff
                .checked_add(index * SIZEOF_SHDR as u64)?,
        )
    }

    fn section_content(&self, header: &SectionHeader) -> Option<&'a [u8]> {
        if header.sh_type == SHT_NOBITS || header.sh_flags & u64::from(SHF_COMPRESSED) != 0 {
            return None;
        }
        slice(self.bytes, header.sh_offset, header.sh_size)
    }
}

//! Notes: what the makers of an image left in it.

use super::{Image, read, slice};
use goblin::elf64::program_header::PT_NOTE;

/// `NT_GNU_BUILD_ID` of notes named "GNU".
const NT_GNU_BUILD_ID: u32 = 3;

impl<'a> Image<'a> {
    /// The identity that the linker gave to this build.
    #[must_use]
    pub fn build_id(&self) -> Option<&'a [u8]> {
        self.note(b"GNU\0", NT_GNU_BUILD_ID)
    }

    /// The content of the note called `name` (with its NUL) of type `kind`.
    #[must_use]
    pub fn note(&self, name: &[u8], kind: u32) -> Option<&'a [u8]> {
        self.program_headers()
            .filter(|header| header.p_type == PT_NOTE)
            .find_map(|header| {
                let notes = slice(self.bytes, header.p_offset, header.p_filesz)?;
                let alignment = if header.p_align == 8 { 8 } else { 4 };
                find(notes, alignment, name, kind)
            })
    }
}

/// The content of a note among others.
fn find<'a>(notes: &'a [u8], alignment: u64, name: &[u8], kind: u32) -> Option<&'a [u8]> {
    let mut at = 0_u64;
    loop {
        let name_size = u64::from(read::<u32>(notes, at)?);
        let size = u64::from(read::<u32>(notes, at.checked_add(4)?)?);
        let its_kind = read::<u32>(notes, at.checked_add(8)?)?;
        let its_name = slice(notes, at + 12, name_size)?;
        let content_at = (at + 12 + name_size).next_multiple_of(alignment);
        let content = slice(notes, content_at, size)?;
        if its_name == name && its_kind == kind {
            return Some(content);
        }
        at = (content_at + size).next_multiple_of(alignment);
    }
}

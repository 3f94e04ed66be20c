//! Where a computed jump may go: tables of targets, as compilers lay them out.
//!
//! Where a table ends is not known without understanding the code that checks the index, so a table
//! never says by itself that something is code. It confirms a suspicion: an address that follows a
//! jump or return, and that a table names, is where the next case begins.

use crate::image::{Image, read};
use alloc::vec::Vec;
use core::ops::Range;

/// The most entries looked at from one base on.
const MOST: u64 = 4096;

/// The addresses inside `function` that a table at one of `bases` names, sorted.
pub(crate) fn targets(image: &Image<'_>, bases: &[u64], function: &Range<u64>) -> Vec<u64> {
    let mut found = Vec::new();
    for base in bases {
        let Some(table) = image.bytes_from(*base) else {
            continue;
        };
        if function.contains(base) {
            continue;
        }
        found.extend(relative(image, *base, table).filter(|target| function.contains(target)));
        found.extend(absolute(image, table).filter(|target| function.contains(target)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// `.long target - table`: gcc's and LLVM's, whatever the code model.
fn relative<'a>(
    image: &'a Image<'_>,
    base: u64,
    table: &'a [u8],
) -> impl Iterator<Item = u64> + use<'a> {
    (0..MOST)
        .map_while(move |index| read::<i32>(table, index * 4))
        .map(move |distance| base.wrapping_add_signed(i64::from(distance)))
        .take_while(|target| image.is_executable(*target))
}

/// `.quad target`: of programs that are not position-independent, and Go's.
fn absolute<'a>(image: &'a Image<'_>, table: &'a [u8]) -> impl Iterator<Item = u64> + use<'a> {
    (0..MOST)
        .map_while(move |index| read::<u64>(table, index * 8))
        .take_while(|target| image.is_executable(*target))
}

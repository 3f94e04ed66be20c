//! Where exceptions continue: the landing pads of a function.
//!
//! Only the table of call sites is read, as gcc's and LLVM's personality routines read it
//! (`parse_lsda_header` in libgcc's unwind-c.c and libstdc++'s eh_personality.cc).

use crate::image::{Image, read};

const OMITTED: u8 = 0xff;
const ULEB128: u8 = 0x01;
const UDATA2: u8 = 0x02;
const UDATA4: u8 = 0x03;
const UDATA8: u8 = 0x04;
/// More call sites than any function has: a damaged table ends here.
const MOST: usize = 1 << 16;

/// Calls `act` with the address of every landing pad in the language-specific data at `table`, of
/// the function that starts at `function`. Data in another format has none.
pub(crate) fn for_each(image: &Image<'_>, table: u64, function: u64, act: impl FnMut(u64)) {
    // What could not be read leads nowhere, which only leaves more unproved.
    let _ = walk(image, table, function, act);
}

fn walk(image: &Image<'_>, table: u64, function: u64, mut act: impl FnMut(u64)) -> Option<()> {
    let mut bytes = image.bytes_from(table)?;
    if take(&mut bytes, 1)? != [OMITTED] {
        // Landing pads relative to something other than the function: no compiler does that here.
        return None;
    }
    if take(&mut bytes, 1)? != [OMITTED] {
        uleb128(&mut bytes)?;
    }
    let encoding = take(&mut bytes, 1)?[0];
    let length = usize::try_from(uleb128(&mut bytes)?).ok()?;
    let mut sites = bytes.get(..length)?;
    for _ in 0..MOST {
        if sites.is_empty() {
            return Some(());
        }
        let _start = value(&mut sites, encoding)?;
        let _length = value(&mut sites, encoding)?;
        let pad = value(&mut sites, encoding)?;
        let _action = uleb128(&mut sites)?;
        if pad != 0 {
            act(function.wrapping_add(pad));
        }
    }
    None
}

fn value(bytes: &mut &[u8], encoding: u8) -> Option<u64> {
    match encoding {
        ULEB128 => uleb128(bytes),
        UDATA2 => read::<u16>(take(bytes, 2)?, 0).map(u64::from),
        UDATA4 => read::<u32>(take(bytes, 4)?, 0).map(u64::from),
        UDATA8 => read::<u64>(take(bytes, 8)?, 0),
        _ => None,
    }
}

fn uleb128(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

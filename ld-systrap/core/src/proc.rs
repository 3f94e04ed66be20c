//! What files of /proc say, proc(5).

use alloc::vec::Vec;
use core::str::from_utf8;

/// The numbers of /proc/PID/stat.
#[derive(Clone, Debug)]
pub struct Stat(Vec<u64>);

impl Stat {
    /// Reads the line.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Stat> {
        // The name in parentheses may hold anything; fields count from behind it, from number 3 on.
        let name_end = line.iter().rposition(|&byte| byte == b')')?;
        let fields = line[name_end + 1..]
            .split(u8::is_ascii_whitespace)
            .filter(|field| !field.is_empty())
            .map(|field| from_utf8(field).ok().and_then(|it| it.parse().ok()))
            .map(Option::unwrap_or_default);
        Some(Stat(fields.collect()))
    }

    /// The field of a number, as proc(5) counts them; 0 if it is none or negative.
    #[must_use]
    pub fn field(&self, number: usize) -> u64 {
        let index = number.checked_sub(3);
        index
            .and_then(|index| self.0.get(index))
            .copied()
            .unwrap_or(0)
    }
}

/// The path of the file that /proc/PID/maps says is mapped at an address.
#[must_use]
pub fn mapped_at(maps: &[u8], address: u64) -> Option<Vec<u8>> {
    maps.split(|&byte| byte == b'\n').find_map(|line| {
        let range = line.split(|&byte| byte == b' ').next()?;
        let (start, end) = from_utf8(range).ok()?.split_once('-')?;
        let start = u64::from_str_radix(start, 16).ok()?;
        let end = u64::from_str_radix(end, 16).ok()?;
        if !(start..end).contains(&address) {
            return None;
        }
        let path = line.iter().position(|&byte| byte == b'/')?;
        Some(with_newlines(&line[path..]))
    })
}

/// Undoes what the kernel does to the ends of lines within paths.
fn with_newlines(mut path: &[u8]) -> Vec<u8> {
    const WRITTEN: &[u8] = b"\\012";
    let mut whole = Vec::with_capacity(path.len());
    while let Some((&first, rest)) = path.split_first() {
        let newline = path.strip_prefix(WRITTEN);
        whole.push(newline.map_or(first, |_| b'\n'));
        path = newline.unwrap_or(rest);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_count_from_behind_the_name() {
        let stat = Stat::parse(b"7 (a) b) S 1 -2 3").expect("a line");
        assert_eq!([4, 5, 6, 7].map(|number| stat.field(number)), [1, 0, 3, 0]);
        assert!(Stat::parse(b"7").is_none());
    }

    #[test]
    fn a_mapping_is_found_by_what_is_in_it() {
        let maps = b"1000-2000 r--p 00000000 00:00 0 \n\
                     2000-3000 r-xp 00001000 fe:00 12    /a b\\012c (deleted)\n";
        assert_eq!(
            mapped_at(maps, 0x2fff).as_deref(),
            Some(&b"/a b\nc (deleted)"[..])
        );
        assert_eq!(mapped_at(maps, 0x1000), None);
        assert_eq!(mapped_at(maps, 0x3000), None);
    }
}

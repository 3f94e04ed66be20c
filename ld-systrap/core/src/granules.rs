//! Which granules of a heap are taken: a bit for each.
//!
//! Between any two stores the bits are true, but for granules of the call under way: they count as taken.
//! So whoever is killed in here loses what it was about to take or to give, and harms nobody else.

use core::ops::Range;

const BITS: usize = u64::BITS as usize;

/// The bits, and where to look first.
#[derive(Debug)]
pub struct Granules<'a> {
    words: &'a mut [u64],
    /// No granule before this one is free.
    first: &'a mut usize,
}

impl<'a> Granules<'a> {
    /// Granules of which `words` say which are taken, and `first` that none before it is free: 0 will do.
    pub fn new(words: &'a mut [u64], first: &'a mut usize) -> Granules<'a> {
        Granules { words, first }
    }

    /// Takes `count` granules in a row, the first of them a multiple of `alignment`, a power of two. Gives
    /// the first's number.
    pub fn take(&mut self, count: usize, alignment: usize) -> Option<usize> {
        let start = self.next_free(*self.first)?;
        *self.first = start;
        let mut at = start;
        loop {
            at = self.next_free(at)?.checked_next_multiple_of(alignment)?;
            let end = at.checked_add(count)?;
            match self.last_taken(at..end) {
                Some(taken) => at = taken + 1,
                None if end <= self.words.len() * BITS => break,
                None => return None,
            }
        }
        if at == start {
            *self.first = at + count;
        }
        self.each_word(at..at + count, |word, mask| *word |= mask);
        Some(at)
    }

    /// Gives granules back that were taken.
    pub fn give(&mut self, granules: Range<usize>) {
        *self.first = granules.start.min(*self.first);
        self.each_word(granules, |word, mask| *word &= !mask);
    }

    /// The first free granule from `from` on.
    fn next_free(&self, from: usize) -> Option<usize> {
        let words = self.words.iter().enumerate().skip(from / BITS);
        let mut ignored = (1 << (from % BITS)) - 1;
        for (index, word) in words {
            let taken = word | ignored;
            ignored = 0;
            if taken != u64::MAX {
                return Some(index * BITS + taken.trailing_ones() as usize);
            }
        }
        None
    }

    /// The last granule in `range` that is taken, if one is.
    fn last_taken(&self, range: Range<usize>) -> Option<usize> {
        let words = range.start / BITS..range.end.div_ceil(BITS).min(self.words.len());
        words.rev().find_map(|index| {
            let taken = self.words[index] & mask(index, &range);
            let last = taken.checked_ilog2()? as usize;
            Some(index * BITS + last)
        })
    }

    fn each_word(&mut self, range: Range<usize>, act: impl Fn(&mut u64, u64)) {
        for index in range.start / BITS..range.end.div_ceil(BITS) {
            if let Some(word) = self.words.get_mut(index) {
                act(word, mask(index, &range));
            }
        }
    }
}

/// The bits of word number `index` that stand for granules in `range`.
fn mask(index: usize, range: &Range<usize>) -> u64 {
    let low = range.start.saturating_sub(index * BITS).min(BITS);
    let high = range.end.saturating_sub(index * BITS).min(BITS);
    match high - low {
        0 => 0,
        length => (u64::MAX >> (BITS - length)) << low,
    }
}

//! Granules are handed out once, aligned, in rows, the first that will do; and all can be had again.

use ld_systrap_core::granules::Granules;

/// What a heap may be asked for: a number, not always the same.
fn next(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6364136223846793005)
        .wrapping_add(1442695040888963407);
    (*state >> 33) as usize
}

#[test]
fn nothing_is_handed_out_twice_and_the_first_row_that_will_do_is_taken() {
    const COUNT: usize = 64 * 40;
    for seed in 0..40 {
        let mut words = [0; COUNT / 64];
        let mut first = 0;
        let mut taken = [false; COUNT];
        let mut rows = Vec::new();
        let mut state = seed;
        for _ in 0..3000 {
            let mut granules = Granules::new(&mut words, &mut first);
            if next(&mut state) % 5 < 3 {
                let count = 1 + next(&mut state) % [12, 12, 12, 300][next(&mut state) % 4];
                let alignment = 1 << (next(&mut state) % 5);
                let is_free = |at: usize| {
                    taken
                        .get(at..at + count)
                        .is_some_and(|row| !row.contains(&true))
                };
                let expected = (0..COUNT).step_by(alignment).find(|at| is_free(*at));
                assert_eq!(granules.take(count, alignment), expected);
                if let Some(at) = expected {
                    taken[at..at + count].fill(true);
                    rows.push(at..at + count);
                }
            } else if !rows.is_empty() {
                let row = rows.swap_remove(next(&mut state) % rows.len());
                granules.give(row.clone());
                taken[row].fill(false);
            }
        }
        let mut granules = Granules::new(&mut words, &mut first);
        for row in rows {
            granules.give(row);
        }
        assert_eq!(granules.take(COUNT, 1), Some(0));
        assert_eq!(granules.take(1, 1), None);
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let mut words = [0; 2];
    let mut first = 0;
    let mut granules = Granules::new(&mut words, &mut first);
    assert_eq!(granules.take(129, 1), None);
    assert_eq!(granules.take(usize::MAX, 1), None);
    assert_eq!(granules.take(1, usize::MAX / 2 + 1), Some(0));
    assert_eq!(granules.take(1, usize::MAX / 2 + 1), None);
    assert_eq!(granules.take(128, 1), None);
    assert_eq!(granules.take(127, 1), Some(1));
}

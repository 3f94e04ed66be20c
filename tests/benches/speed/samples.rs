//! Figures of many runs of the same thing.

/// What was measured, in any unit in which less is better.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn add(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub(crate) fn minimum(&self) -> Option<f64> {
        self.0.iter().copied().reduce(f64::min)
    }

    pub(crate) fn median(&self) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.len() % 2 {
            1 => Some(sorted[middle]),
            _ => Some((sorted.get(middle.checked_sub(1)?)? + sorted[middle]) / 2.0),
        }
    }

    /// How often these are the native ones: by their minima and by their medians.
    pub(crate) fn against(&self, native: &Samples) -> Option<Ratio> {
        Some(Ratio {
            minimum: self.minimum()? / native.minimum()?,
            median: self.median()? / native.median()?,
        })
    }
}

/// Two samples compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    pub(crate) minimum: f64,
    pub(crate) median: f64,
}

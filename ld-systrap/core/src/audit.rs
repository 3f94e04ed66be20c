//! What is known about the system call instructions of an image, for a person to read.

use crate::image::{Image, Segment};
use crate::patch::{self, BEST_DISTANCES, Code, Located, Patch, Tactic, Zone};
use crate::site::{Finding, Source, Survey, Verdict};
use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::ops::AddAssign;

/// How much address space the trampolines of an image may be placed in.
const ZONE: u64 = 4 << 20;

/// Writes a line for each pair in the executable segments of `image`, and totals, which it also gives.
///
/// The columns are address, opcode, verdict, tactic and function: the symbol before it and how far
/// after that it is, or else where its function starts. Tactics are those for an image with free
/// address space at the best distance above it.
///
/// # Errors
/// Those of `to`.
pub fn report(image: &Image<'_>, to: &mut dyn Write) -> Result<Totals, fmt::Error> {
    let survey = Survey::new(image);
    let mut totals = Totals::default();
    let mut zone = zone(image);
    for segment in image.segments().filter(|segment| segment.executable) {
        let findings = survey.findings(segment.offset..segment.offset + segment.file_size);
        let mut patches = patches(image, &segment, &findings, &mut zone).into_iter();
        for finding in &findings {
            let tactic = match finding.verdict {
                Verdict::Site => patches.next().map(|patch| patch.tactic),
                Verdict::Data | Verdict::Unproved => None,
            };
            totals.add(finding.verdict, tactic);
            line(&survey, finding, tactic, to)?;
        }
    }
    writeln!(to, "{totals}")?;
    Ok(totals)
}

/// Free address space as there may be above `image`.
#[must_use]
pub fn zone(image: &Image<'_>) -> Zone {
    let [_, above] = BEST_DISTANCES;
    let start = image.span().start.saturating_add(above);
    Zone::new(start..start.saturating_add(ZONE), image.span().end)
}

/// The patches for the sites among `findings`, all of which are in `segment`, where the image's own
/// addresses say.
#[must_use]
pub fn patches(
    image: &Image<'_>,
    segment: &Segment,
    findings: &[Finding],
    zone: &mut Zone,
) -> Vec<Patch> {
    let sites: Vec<Located> = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Site)
        .map(|finding| Located::new(finding, 0))
        .collect();
    let end = segment.offset + segment.file_size;
    let bytes = usize::try_from(segment.offset)
        .ok()
        .zip(usize::try_from(end).ok());
    let bytes = bytes.and_then(|(start, end)| image.bytes().get(start..end));
    let code = Code {
        bytes: bytes.unwrap_or_default(),
        address: segment.address,
    };
    patch::plan(&code, &sites, Some(zone))
}

fn line(
    survey: &Survey<'_>,
    finding: &Finding,
    tactic: Option<Tactic>,
    to: &mut dyn Write,
) -> fmt::Result {
    let opcode = finding.opcode.name();
    write!(
        to,
        "{:#12x}  {opcode:<9} {:<9}",
        finding.address, finding.verdict
    )?;
    match tactic {
        Some(tactic) => write!(to, " {tactic:<9}")?,
        None => write!(to, " {:<9}", "-")?,
    }
    match (&finding.function, survey.name(finding.address)) {
        (_, Some(symbol)) if symbol.distance < symbol.size => {
            let name = symbol.name.escape_ascii();
            write!(to, " {name}+{:#x}", symbol.distance)?;
        }
        (Some(function), _) => {
            let distance = finding.address - function.range.start;
            write!(to, " {:#x}+{distance:#x}", function.range.start)?;
        }
        (None, _) => write!(to, " -")?,
    }
    match finding.function.as_ref().map(|function| function.source) {
        Some(Source::EhFrame) => writeln!(to, " (.eh_frame)"),
        Some(Source::Symbol) => writeln!(to, " (symbol)"),
        Some(Source::Pclntab) => writeln!(to, " (pclntab)"),
        Some(Source::Calls) => writeln!(to, " (called)"),
        None => writeln!(to),
    }
}

/// How many there are of each kind. Displayed as one line.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Proved system call instructions.
    pub sites: usize,
    /// Pairs that are proved to be something else.
    pub data: usize,
    /// Pairs of which nothing is proved.
    pub unproved: usize,
    /// Sites by tactic, in the order of [`Tactic::ALL`].
    pub tactics: [usize; Tactic::ALL.len()],
}

impl Totals {
    fn add(&mut self, verdict: Verdict, tactic: Option<Tactic>) {
        match verdict {
            Verdict::Data => self.data += 1,
            Verdict::Unproved => self.unproved += 1,
            Verdict::Site => self.sites += 1,
        }
        for (count, one) in self.tactics.iter_mut().zip(Tactic::ALL) {
            *count += usize::from(tactic == Some(one));
        }
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Totals) {
        self.sites += other.sites;
        self.data += other.data;
        self.unproved += other.unproved;
        for (count, more) in self.tactics.iter_mut().zip(other.tactics) {
            *count += more;
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals {
            sites,
            data,
            unproved,
            tactics,
        } = self;
        write!(to, "{sites} sites, {data} data, {unproved} unproved; by")?;
        let mut separator = "";
        for (tactic, count) in Tactic::ALL.iter().zip(tactics) {
            write!(to, "{separator} {tactic}: {count}")?;
            separator = ",";
        }
        Ok(())
    }
}

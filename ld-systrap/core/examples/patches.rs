//! Plans patches for files on the host: `cargo run --release -p ld-systrap-core --example patches --
//! FILE OR DIRECTORY…`.
//!
//! A line for each file that has sites: how many by each tactic, pages of trampolines, and the least
//! time of some plans; then totals.

use ld_systrap_core::audit;
use ld_systrap_core::image::Image;
use ld_systrap_core::patch::Tactic;
use ld_systrap_core::site::{Finding, Survey, Verdict};
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// As many as there are tactics.
type Counts = [usize; Tactic::ALL.len()];

fn main() {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for argument in std::env::args_os().skip(1) {
        collect(Path::new(&argument), &mut files, &mut seen);
    }
    println!("backward forward punned short trap  pages        us  file");
    let mut totals = Counts::default();
    let mut pages = 0;
    for file in &files {
        let Some((counts, used, time)) = measure(file) else {
            continue;
        };
        print(
            counts,
            used,
            &format!("{:9}  {}", time.as_micros(), file.display()),
        );
        totals
            .iter_mut()
            .zip(counts)
            .for_each(|(total, count)| *total += count);
        pages += used;
    }
    print(totals, pages, "           in all");
}

fn print(counts: Counts, pages: usize, rest: &str) {
    let [backward, forward, punned, short, trap] = counts;
    println!("{backward:8} {forward:7} {punned:6} {short:5} {trap:4}  {pages:5} {rest}");
}

/// Regular files below `path`, each once however many names it has.
fn collect(path: &Path, files: &mut Vec<PathBuf>, seen: &mut BTreeSet<(u64, u64)>) {
    let Ok(metadata) = std::fs::metadata(path) else {
        return;
    };
    if !seen.insert((metadata.dev(), metadata.ino())) {
        return;
    }
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            collect(&entry.path(), files, seen);
        }
    } else if metadata.is_file() {
        files.push(path.to_path_buf());
    }
}

fn measure(file: &Path) -> Option<(Counts, usize, Duration)> {
    let mut magic = [0; 4];
    std::io::Read::read_exact(&mut std::fs::File::open(file).ok()?, &mut magic).ok()?;
    if magic != *b"\x7fELF" {
        return None;
    }
    let bytes = std::fs::read(file).ok()?;
    let image = Image::parse(&bytes).ok()?;
    let survey = Survey::new(&image);
    let segments: Vec<_> = image
        .segments()
        .filter(|segment| segment.executable)
        .collect();
    let findings: Vec<Vec<Finding>> = segments
        .iter()
        .map(|segment| survey.findings(segment.offset..segment.offset + segment.file_size))
        .collect();
    if !findings
        .iter()
        .flatten()
        .any(|one| one.verdict == Verdict::Site)
    {
        return None;
    }
    let mut least = Duration::MAX;
    let mut counts = Counts::default();
    let mut pages = 0;
    for _ in 0..5 {
        let begun = Instant::now();
        let mut zone = audit::zone(&image);
        let patches: Vec<_> = segments
            .iter()
            .zip(&findings)
            .flat_map(|(segment, findings)| audit::patches(&image, segment, findings, &mut zone))
            .collect();
        least = least.min(begun.elapsed());
        pages = zone.pages().count();
        for (count, tactic) in counts.iter_mut().zip(Tactic::ALL) {
            *count = patches
                .iter()
                .filter(|patch| patch.tactic == tactic)
                .count();
        }
    }
    Some((counts, pages, least))
}

//! The comparison of all ways with the native run.

use std::fs;

use super::Case;
use crate::directory::Directory;
use crate::outcome::{End, Outcome, lines_that_differ};
use crate::record;
use crate::way::Way;

impl Case {
    /// Checks every way.
    ///
    /// # Panics
    ///
    /// With all differences, when there are any.
    pub fn check(&self) {
        if let Err(report) = self.compare() {
            panic!("{report}");
        }
    }

    /// Runs the program natively and every other way and compares.
    ///
    /// # Errors
    ///
    /// A report of all differences.
    pub fn compare(&self) -> Result<(), String> {
        let directory = Directory::new(&self.name);
        let outcome = self.run(Way::Native, &directory)?;
        let native = outcome.ok_or("a native run is always possible")?;
        let mut report = self.unexpected(&native);
        if report.is_empty() {
            for way in Way::all() {
                report += &self.compare_way(way, &native, &directory)?;
            }
        } else {
            report.insert_str(0, "natively (the test is wrong, or the machine):\n");
        }
        if report.is_empty() {
            directory.remove();
            return Ok(());
        }
        Err(format!(
            "{}\n{report}  kept in {}\n",
            self.name,
            directory.root().display()
        ))
    }

    fn compare_way(
        &self,
        way: Way,
        native: &Outcome,
        directory: &Directory,
    ) -> Result<String, String> {
        let Some(outcome) = self.run(way, directory)? else {
            return Ok(String::new());
        };
        let mut report = match way {
            Way::Strace => Outcome {
                stderr: String::new(),
                ..native.clone()
            }
            .difference(&outcome),
            _ => native.difference(&outcome),
        };
        if way.records() {
            let kept = directory.root().join("record");
            let record = crate::outcome::text(&fs::read(&kept).unwrap_or_default());
            report += &self.missing_from(&record);
            if !report.is_empty() {
                report += "  end of the record:\n";
                let lines: Vec<_> = record.lines().collect();
                for line in &lines[lines.len().saturating_sub(12)..] {
                    report += &format!("      {line}\n");
                }
                let _ = fs::rename(&kept, directory.root().join(format!("record of {way:?}")));
            }
        }
        if report.is_empty() {
            Ok(report)
        } else {
            Ok(format!(" {way:?}:\n{report}"))
        }
    }

    /// How the native run departs from what the test expects.
    fn unexpected(&self, native: &Outcome) -> String {
        let mut report = String::new();
        if let End::TimedOut(..) = native.end {
            report += &format!("  {}\n", native.end);
        }
        if let Some(end) = self.end.as_ref().filter(|end| **end != native.end) {
            report += &format!("  expected {end}, got {}\n", native.end);
        }
        if let Some(stdout) = self
            .stdout
            .as_ref()
            .filter(|stdout| **stdout != native.stdout)
        {
            report += "  standard output is not as expected:\n";
            report += &lines_that_differ(stdout, &native.stdout);
        }
        if !report.is_empty() && !native.stderr.is_empty() {
            report += &format!("  standard error:\n{}\n", native.stderr);
        }
        report
    }

    fn missing_from(&self, record: &str) -> String {
        let mut report = String::new();
        let mended = self.cut.then(|| record::mended(record));
        let record = mended.as_deref().unwrap_or(record);
        for (call, times) in &self.recorded {
            let found = record::count(record, call);
            match times {
                Some(times) if *times != found => {
                    report += &format!("  the record has {call} {found} times, not {times}\n");
                }
                None if found == 0 => report += &format!("  the record lacks {call}\n"),
                _ => {}
            }
        }
        if let Some(line) = record::torn_line(record).filter(|_| !self.cut) {
            report += &format!("  a line of the record is not whole: {line}\n");
        }
        report
    }
}

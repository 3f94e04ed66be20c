//! The files that a run left in its directory.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use crate::outcome::{lines_that_differ, text};

/// Type, permissions and content of each file, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

impl Files {
    /// Reads a directory with all that is below it.
    ///
    /// A path of `ignored` leaves out the file of that name and what is below it; `*` at its end
    /// stands for anything.
    #[must_use]
    pub fn read(directory: &Path, ignored: &[&str]) -> Self {
        let mut files = Self::default();
        files.add(directory, "", ignored);
        files
    }

    /// Applies a normalisation to each content.
    pub fn normalise(&mut self, change: &dyn Fn(&str) -> String) {
        for content in self.0.values_mut() {
            *content = change(content);
        }
    }

    fn add(&mut self, directory: &Path, prefix: &str, ignored: &[&str]) {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let name = format!("{prefix}{}", entry.file_name().display());
            if ignored.iter().any(|pattern| matches(pattern, &name)) {
                continue;
            }
            let Ok(metadata) = entry.path().symlink_metadata() else {
                continue;
            };
            let (kind, mode) = (metadata.file_type(), metadata.permissions().mode() & 0o7777);
            let content = if kind.is_symlink() {
                format!(
                    "link to {}",
                    fs::read_link(entry.path()).unwrap_or_default().display()
                )
            } else if kind.is_dir() {
                self.add(&entry.path(), &format!("{name}/"), ignored);
                format!("directory {mode:o}")
            } else if kind.is_file() {
                format!(
                    "file {mode:o}\n{}",
                    text(&fs::read(entry.path()).unwrap_or_default())
                )
            } else if kind.is_socket() {
                format!("socket {mode:o}")
            } else {
                format!("special file {mode:o}")
            };
            self.0.insert(name, content);
        }
    }

    /// Tells how other files differ from these, the native ones.
    #[must_use]
    pub fn difference(&self, other: &Self) -> String {
        let mut report = String::new();
        for (name, content) in &self.0 {
            match other.0.get(name) {
                None => report += &format!("  file {name} was not written\n"),
                Some(interposed) if interposed != content => {
                    report += &format!("  file {name} differs:\n");
                    report += &lines_that_differ(content, interposed);
                }
                Some(_) => {}
            }
        }
        for name in other.0.keys().filter(|name| !self.0.contains_key(*name)) {
            report += &format!("  file {name} was written, natively it is not\n");
        }
        report
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_at_the_end_of_a_pattern_stands_for_anything() {
        assert!(matches(".git/*", ".git/index"));
        assert!(matches("log", "log"));
        assert!(!matches("log", "logs"));
    }
}

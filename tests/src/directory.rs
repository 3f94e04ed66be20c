//! The fresh directory of a test, removed when the test has passed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A directory of one test: `work` is the current directory of every run and is made anew for
/// each, so that paths are the same in all of them; everything else of the test is beside it.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Makes the directory of the test with this name, under the system's temporary directory:
    /// other users must be able to reach it, and a socket's path must be short.
    ///
    /// # Panics
    ///
    /// When the directory cannot be made.
    #[must_use]
    pub fn new(test: &str) -> Self {
        let name: String = test
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let root = std::env::temp_dir()
            .join(format!("ld-systrap-tests-{}", std::process::id()))
            .join(name);
        let _ = fs::remove_dir_all(&root);
        loop {
            match fs::create_dir_all(root.join("work")) {
                Ok(()) => return Self { root },
                // Another test took itself for the last, and has just removed the directory of all.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => panic!("the temporary directory takes no directories: {error}"),
            }
        }
    }

    /// The directory itself, for what is not part of a run.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The current directory of the runs.
    #[must_use]
    pub fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// Empties the current directory of the runs.
    ///
    /// # Panics
    ///
    /// When the directory cannot be emptied.
    pub fn renew_work(&self) {
        let work = self.work();
        fs::remove_dir_all(&work).expect("a run leaves nothing that cannot be removed");
        fs::create_dir(&work).expect("the test's directory takes directories");
    }

    /// Removes the directory; called when the test has passed, so that a failure can be examined.
    pub fn remove(self) {
        let _ = fs::remove_dir_all(&self.root);
        // The directory of all tests, when this was the last.
        let _ = self.root.parent().map(fs::remove_dir);
    }
}

//! What the tests of images share: files of the distribution, and files made for a test.
#![allow(dead_code, reason = "each test crate uses its own part")]

use ld_systrap_core::image::Image;
use ld_systrap_core::site::{Finding, Survey, Verdict};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The content of a file that `package` installs.
pub(crate) fn installed(path: &str, package: &str) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| {
        panic!(
            "{path}: {error}: it comes with Debian's package {package}: apt-get install {package}"
        )
    })
}

/// Every pair in the executable segments of `image`.
pub(crate) fn findings(image: &Image<'_>) -> Vec<Finding> {
    let survey = Survey::new(image);
    let segments = image.segments().filter(|segment| segment.executable);
    segments
        .flat_map(|segment| survey.findings(segment.offset..segment.offset + segment.file_size))
        .collect()
}

/// The number of sites, data and unproved pairs in a file.
pub(crate) fn counts(bytes: &[u8]) -> (usize, usize, usize) {
    let findings = findings(&Image::parse(bytes).expect("an image"));
    let count = |verdict| {
        findings
            .iter()
            .filter(|finding| finding.verdict == verdict)
            .count()
    };
    (
        count(Verdict::Site),
        count(Verdict::Data),
        count(Verdict::Unproved),
    )
}

/// A new directory for what a test makes.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).expect("a directory for what the test makes");
    directory
}

/// Runs a tool that `package` installs and returns what it writes.
pub(crate) fn run(command: &mut Command, package: &str) -> String {
    let tool = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{tool}: {error}: apt-get install {package}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool} failed: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A shared object made of `assembly`, which gets frame descriptions only where it asks for them.
pub(crate) fn assembled(name: &str, assembly: &str) -> Vec<u8> {
    let directory = scratch("assembled");
    let (source, object) = (directory.join(format!("{name}.s")), directory.join(name));
    std::fs::write(&source, assembly).expect("the source");
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-nostdlib", "-Wl,--eh-frame-hdr", "-s", "-o"])
        .arg(&object)
        .arg(&source);
    run(&mut gcc, "gcc");
    std::fs::read(object).expect("what gcc made")
}

/// Random numbers that are the same every time (xorshift64*, Vigna 2016).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

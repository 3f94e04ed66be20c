//! Programs of the system that tests need, and the Debian package that has them.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The search path of every run: the same whatever the developer's own is.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Tools that tests name, with the Debian package of each; tests/run reads this table too.
pub const PACKAGES: &[(&str, &str)] = &[
    ("bash", "bash"),
    ("cat", "coreutils"),
    ("cp", "coreutils"),
    ("curl", "curl"),
    ("g++", "g++"),
    ("gcc", "gcc"),
    ("gdb", "gdb"),
    ("git", "git"),
    ("go", "golang-go"),
    ("gzip", "gzip"),
    ("java", "default-jdk-headless"),
    ("javac", "default-jdk-headless"),
    ("luajit", "luajit"),
    ("make", "make"),
    ("mount", "mount"),
    ("musl-gcc", "musl-tools"),
    ("nginx", "nginx-light"),
    ("node", "nodejs"),
    ("objdump", "binutils"),
    ("patchelf", "patchelf"),
    ("perf", "linux-perf"),
    ("perl", "perl"),
    ("python3", "python3"),
    ("redis-benchmark", "redis-tools"),
    ("redis-cli", "redis-tools"),
    ("redis-server", "redis-server"),
    ("ruby", "ruby"),
    ("sbcl", "sbcl"),
    ("setpriv", "util-linux"),
    ("sqlite3", "sqlite3"),
    ("ssh-keygen", "openssh-client"),
    ("strace", "strace"),
    ("strip", "binutils"),
    ("tar", "tar"),
    ("timeout", "coreutils"),
    ("unshare", "util-linux"),
    ("xz", "xz-utils"),
];

/// Finds a tool in [`PATH`].
///
/// # Errors
///
/// One line that names the Debian package to install.
pub fn find(name: &str) -> Result<PathBuf, String> {
    if name.contains('/') {
        return Ok(PathBuf::from(name));
    }
    PATH.split(':')
        .map(|directory| Path::new(directory).join(name))
        .find(|path| is_program(path))
        .ok_or_else(|| match PACKAGES.iter().find(|(tool, _)| *tool == name) {
            Some((_, package)) => {
                format!("{name} is missing: install the Debian package {package}")
            }
            None => format!("{name} is missing"),
        })
}

/// Whether the tests run as root.
#[must_use]
pub fn is_root() -> bool {
    Path::new("/proc/self")
        .metadata()
        .is_ok_and(|metadata| metadata.uid() == 0)
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

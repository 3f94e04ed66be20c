//! Classes of calls: by what they concern, as strace(1) divides them.

/// A class of calls that a filter may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// Takes the name of a file.
    File,
    /// Manages processes.
    Process,
    /// Concerns the network.
    Network,
    /// Concerns signals.
    Signal,
    /// System V interprocess communication.
    Ipc,
    /// Takes or makes file descriptors.
    Descriptor,
    /// Maps or manages memory.
    Memory,
    /// Reads or changes credentials.
    Credentials,
    /// Reads or changes clocks.
    Clock,
    /// stat(2).
    Stat,
    /// lstat(2).
    Lstat,
    /// fstat(2), newfstatat(2), statx(2).
    Fstat,
    /// All of the three above.
    StatLike,
    /// statfs(2).
    Statfs,
    /// fstatfs(2).
    Fstatfs,
    /// statfs, fstatfs and ustat.
    StatfsLike,
    /// Always succeeds and takes no argument.
    Pure,
}

/// A set of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Classes(u32);

impl Classes {
    /// The set of these.
    #[must_use]
    pub const fn of(classes: &[Class]) -> Classes {
        let mut bits = 0;
        let mut index = 0;
        while index < classes.len() {
            bits |= 1 << classes[index] as u32;
            index += 1;
        }
        Classes(bits)
    }

    /// Whether `class` is one of them.
    #[must_use]
    pub const fn has(self, class: Class) -> bool {
        self.0 & 1 << class as u32 != 0
    }
}

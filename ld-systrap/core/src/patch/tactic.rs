//! The ways to patch a site.

use core::fmt;

/// How a site is patched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tactic {
    /// A jump over instructions before the site and the site.
    Backward,
    /// A jump over the site and what follows it, and perhaps over instructions before it.
    Forward,
    /// A jump whose displacement ends in bytes behind the site that stay as they are.
    Punned,
    /// A short jump to a jump inside padding.
    Short,
    /// [`TRAP`](super::TRAP) in place: any site, and slow.
    Trap,
}

impl Tactic {
    /// All of them, in the order of preference.
    pub const ALL: [Tactic; 5] = [
        Tactic::Backward,
        Tactic::Forward,
        Tactic::Punned,
        Tactic::Short,
        Tactic::Trap,
    ];
}

impl fmt::Display for Tactic {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.pad(match self {
            Tactic::Backward => "backward",
            Tactic::Forward => "forward",
            Tactic::Punned => "punned",
            Tactic::Short => "short",
            Tactic::Trap => "trap",
        })
    }
}

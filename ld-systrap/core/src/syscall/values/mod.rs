//! Names of the values and flag bits that system calls take, as the kernel's headers spell them.
//!
//! Knows nothing of calls or of text: only which number has which name.

mod device;
mod file;
mod ipc;
mod memory;
mod network;
mod process;
mod signal;
mod system;
mod time;

pub(crate) use device::*;
pub(crate) use file::*;
pub(crate) use ipc::*;
pub(crate) use memory::*;
pub(crate) use network::*;
pub(crate) use process::*;
pub(crate) use signal::*;
pub(crate) use system::*;
pub(crate) use time::*;

/// The named values or bits of one type of argument.
#[derive(Debug, PartialEq, Eq)]
pub struct Names {
    /// Every name with its value; names of several bits before those of their parts.
    pub names: &'static [(&'static str, u64)],
    /// What stands for a value that has no name, for example `O_???`.
    pub unknown: &'static str,
    /// How many bits of the register or field the kernel looks at.
    pub bits: u32,
}

impl Names {
    /// `value` reduced to the bits that the kernel looks at.
    #[must_use]
    pub const fn reduce(&self, value: u64) -> u64 {
        if self.bits >= 64 {
            value
        } else {
            value & ((1 << self.bits) - 1)
        }
    }

    /// The name of exactly `value`.
    #[must_use]
    pub fn name(&self, value: u64) -> Option<&'static str> {
        let value = self.reduce(value);
        self.names
            .iter()
            .find(|(_, known)| self.reduce(*known) == value)
            .map(|(name, _)| *name)
    }
}

/// States sets of names; a name without a value is a constant of `linux_raw_sys::general`.
macro_rules! names {
    ($($set:ident: $bits:literal $unknown:literal { $($name:ident $(= $value:literal)?),* $(,)? })*) => {
        $(
            pub(crate) static $set: Names = Names {
                names: &[$((stringify!($name), names!(@value $name $($value)?))),*],
                unknown: $unknown,
                bits: $bits,
            };
        )*
    };
    (@value $name:ident) => { $name as u64 };
    (@value $name:ident $value:literal) => { $value };
}
use names;

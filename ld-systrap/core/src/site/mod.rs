//! Where an image has system call instructions, and where it only seems to.
//!
//! Finding is separate from proving: [`pairs`] finds byte pairs without knowing what they are, a
//! [`Survey`] says what they are as far as the image lets it be proved. Nothing here changes a byte.
//!
//! In the order things happen: `pair` finds, `function` names the function around (from `eh_frame`,
//! `pclntab` or `symbols`), `flow` follows the function's instructions from where `evidence` says
//! that control comes to (`landing_pads`, `jump_table` and others), and `survey` concludes. Where no
//! function is named, `discovery` follows calls from those that are.

mod discovery;
mod eh_frame;
mod evidence;
mod flow;
mod function;
mod jump_table;
mod landing_pads;
mod pair;
mod pclntab;
mod survey;
mod symbols;
mod verdict;

pub use function::{Function, Source};
pub use pair::{Opcode, Pairs, pairs};
pub use survey::{Effort, Survey};
pub use symbols::Name;
pub use verdict::{Finding, Verdict};

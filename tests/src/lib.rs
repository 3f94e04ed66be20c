//! The harness: runs a program natively and under every way in, and tells what differs.
//!
//! In the order in which a test goes through them:
//!
//! - [`case`]: what a test states: a program, its arguments, what may differ and why;
//! - [`program`]: a small program of `programs/`, with its expectation and build on top;
//! - [`directory`]: the fresh directory of a test;
//! - [`tool`]: programs of the system, and the Debian package that has them;
//! - [`way`]: the command line and environment of each way into the interpreter;
//! - [`execution`]: one run, with a limit on its time;
//! - [`files`] and [`outcome`]: what a run left behind, and how two of them differ;
//! - [`record`]: the tracer's output;
//! - [`backtrace`]: what gdb says.
//!
//! The harness knows the interpreters only as files: it is not linked with the runtime.

pub mod backtrace;
pub mod built;
pub mod case;
pub mod directory;
pub mod execution;
pub mod files;
pub mod outcome;
pub mod program;
pub mod record;
pub mod tool;
pub mod way;

pub use case::Case;

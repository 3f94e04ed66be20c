//! Calls that the runtime must see itself, since they change what it relies on: threads, signals,
//! programs, descriptors, memory and identity.

pub(crate) mod attention;
mod barrier;
pub(crate) mod calls;
pub(crate) mod descriptor;
pub(crate) mod exec;
pub(crate) mod filter;
pub(crate) mod identity;
pub(crate) mod listing;
pub(crate) mod mapping;
mod others;
pub(crate) mod own_dispatch;
mod region;
mod scratch;
pub(crate) mod segment;
pub(crate) mod signal;
pub(crate) mod spawn;
pub(crate) mod thread;
pub(crate) mod threads;
pub(crate) mod traced;

//! Memory of ours, and the way to the program's.

pub(crate) mod arena;
pub(crate) mod copy;
mod heap;
pub(crate) mod lock;

pub(crate) use heap::{ensure as ensure_heap, first as heap_first, lock_heap, unlock_heap};

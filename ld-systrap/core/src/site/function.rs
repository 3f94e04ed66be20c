//! The function around an address.

use super::eh_frame::EhFrame;
use super::pclntab::Pclntab;
use super::symbols::{Name, Symbols};
use crate::image::Image;
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::ops::Range;

/// Who says where a function is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// A frame description of `.eh_frame`.
    EhFrame,
    /// A symbol of type `STT_FUNC`.
    Symbol,
    /// Go's table of functions.
    Pclntab,
    /// Nobody: other functions call it or jump to it.
    Calls,
}

/// A range of addresses (before relocation) that begins with an instruction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// From its first instruction to past its last.
    pub range: Range<u64>,
    /// Who says so.
    pub source: Source,
    /// The address of its language-specific data, which lists its landing pads.
    pub(crate) exception_table: Option<u64>,
}

/// All that an image says about where functions are, read no earlier than needed.
pub(crate) struct Functions<'a> {
    image: Image<'a>,
    eh_frame: EhFrame<'a>,
    symbols: OnceCell<Symbols<'a>>,
    called: OnceCell<Vec<u64>>,
    pclntab: OnceCell<Option<Pclntab<'a>>>,
}

impl<'a> Functions<'a> {
    pub(crate) fn new(image: Image<'a>) -> Functions<'a> {
        let eh_frame = EhFrame::new(&image);
        Functions {
            image,
            eh_frame,
            symbols: OnceCell::new(),
            called: OnceCell::new(),
            pclntab: OnceCell::new(),
        }
    }

    /// The function that holds `address`, from the cheapest source that knows one.
    pub(crate) fn around(&self, address: u64) -> Option<Function> {
        self.eh_frame
            .around(address)
            .or_else(|| self.symbols().around(address))
            .or_else(|| self.pclntab()?.around(address))
    }

    /// What `around` would say if the function before `address` went on to the next. It may: code
    /// written by hand ends its frame description where unwinding would go wrong, as clone3 does.
    pub(crate) fn before(&self, address: u64) -> Option<Function> {
        let function = self.eh_frame.before(address)?;
        let after = function.range.start.saturating_add(1)..function.range.end;
        let end = self
            .symbols()
            .starts_within(&after)
            .next()
            .unwrap_or(after.end);
        let range = function.range.start..end;
        range
            .contains(&address)
            .then_some(Function { range, ..function })
    }

    /// Whether a function is known to start at `address`.
    pub(crate) fn starts_at(&self, address: u64) -> bool {
        self.eh_frame.starts_at(address)
            || self
                .symbols()
                .starts_within(&(address..address.saturating_add(1)))
                .next()
                .is_some()
            || self.pclntab().is_some_and(|pclntab| {
                pclntab
                    .around(address)
                    .is_some_and(|function| function.range.start == address)
            })
    }

    /// The places inside `range` that have a symbol or that the kernel or a dynamic linker calls.
    pub(crate) fn entries_within(&self, range: &Range<u64>) -> Vec<u64> {
        let called = self.called.get_or_init(|| {
            let mut called = self.image.initialisers();
            called.push(self.image.entry());
            called
        });
        let called = called
            .iter()
            .copied()
            .filter(|address| range.contains(address));
        self.symbols().starts_within(range).chain(called).collect()
    }

    /// Every start of a function that the image names.
    pub(crate) fn for_each_start(&self, mut act: impl FnMut(u64)) {
        self.eh_frame.for_each_start(&mut act);
        self.entries_within(&(0..u64::MAX))
            .into_iter()
            .for_each(&mut act);
        if let Some(pclntab) = self.pclntab() {
            pclntab.for_each_start(&mut act);
        }
    }

    /// The symbol at or before `address`.
    pub(crate) fn name(&self, address: u64) -> Option<Name<'a>> {
        self.symbols().name(address)
    }

    fn symbols(&self) -> &Symbols<'a> {
        self.symbols.get_or_init(|| Symbols::new(&self.image))
    }

    fn pclntab(&self) -> Option<&Pclntab<'a>> {
        self.pclntab
            .get_or_init(|| Pclntab::find(&self.image))
            .as_ref()
    }
}

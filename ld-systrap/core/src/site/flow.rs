//! The instructions of one function that control provably reaches.
//!
//! Follows control instead of sweeping over bytes, so that data between instructions cannot put it
//! out of step: what comes after a jump or a return is looked at only when something leads there.
//! It assumes that what is called comes back, but for calls over data, whose target takes the
//! return address from the stack.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use iced_x86::{
    Code, Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register,
};

/// The first byte of an instruction.
const START: u8 = 1;
/// Another byte of an instruction.
const INSIDE: u8 = 2;
/// Part of a system call instruction that has prefixes.
const PREFIXED: u8 = 4;

/// What control does at a pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reached {
    /// It comes to the pair as an instruction, and to no instruction that holds the pair.
    Start,
    /// It comes to instructions that hold the pair, and never to the pair.
    Inside,
    /// It was not seen to come there, or is seen to come both ways.
    Unknown,
}

/// The instructions of one function, as far as they have been reached.
pub(crate) struct Flow<'a> {
    start: u64,
    code: &'a [u8],
    decoder: Decoder<'a>,
    /// One for each byte of `code`.
    marks: Vec<u8>,
    pending: Vec<u64>,
    /// Where control does not go on after a jump or return.
    pub(crate) ends: Vec<u64>,
    /// Jumps to other functions.
    pub(crate) leaves: Vec<u64>,
    /// Calls of other functions.
    pub(crate) calls: Vec<u64>,
    /// Addresses that the code computes or indexes: where tables of jump targets may be.
    pub(crate) bases: Vec<u64>,
    /// Whether a jump was seen whose target is computed.
    pub(crate) indirect: bool,
    /// Whether control came to bytes that are no instruction, or one of a kernel: then something
    /// that was assumed is wrong.
    pub(crate) astray: bool,
    /// The number of instructions decoded.
    pub(crate) decoded: usize,
}

impl<'a> Flow<'a> {
    /// Nothing reached yet of the function whose bytes `code` are at `start`.
    pub(crate) fn new(start: u64, code: &'a [u8]) -> Flow<'a> {
        Flow {
            start,
            code,
            decoder: Decoder::with_ip(64, code, start, DecoderOptions::NONE),
            marks: vec![0; code.len()],
            pending: Vec::new(),
            ends: Vec::new(),
            leaves: Vec::new(),
            calls: Vec::new(),
            bases: Vec::new(),
            indirect: false,
            astray: false,
            decoded: 0,
        }
    }

    /// The addresses of the function.
    pub(crate) fn range(&self) -> Range<u64> {
        self.start..self.start + self.code.len() as u64
    }

    /// Follows control from `address` on, if it is inside the function and was not reached before.
    pub(crate) fn enter(&mut self, address: u64) {
        self.pending.push(address);
        while let Some(address) = self.pending.pop() {
            self.follow(address);
        }
    }

    /// Whether an instruction at `address` has been reached.
    pub(crate) fn reached(&self, address: u64) -> bool {
        self.index(address)
            .is_some_and(|index| self.marks[index] & START != 0)
    }

    /// What is known about the two bytes at `address`.
    pub(crate) fn pair(&self, address: u64) -> Reached {
        let Some(marks) = self
            .index(address)
            .and_then(|at| self.marks.get(at..at + 2))
        else {
            return Reached::Unknown;
        };
        match (marks[0], marks[1]) {
            _ if self.astray => Reached::Unknown,
            (START, INSIDE) => Reached::Start,
            // The second byte may begin the next instruction.
            (INSIDE, second) if second != 0 && second & PREFIXED == 0 => Reached::Inside,
            _ => Reached::Unknown,
        }
    }

    /// The addresses from `address` on that padding (instructions that do nothing, or `int3`) leads
    /// to, `address` first: a jump may go to any of them.
    pub(crate) fn past_padding(&mut self, address: u64) -> Vec<u64> {
        let mut found = Vec::new();
        let mut instruction = Instruction::default();
        let mut at = address;
        while self.index(at).is_some() && !self.reached(at) {
            found.push(at);
            self.decode(at, &mut instruction);
            let padding = matches!(instruction.mnemonic(), Mnemonic::Nop | Mnemonic::Int3)
                // `xchg %ax,%ax` and the like decode as themselves.
                || (instruction.mnemonic() == Mnemonic::Xchg
                    && instruction.op0_register() == instruction.op1_register());
            if !padding {
                break;
            }
            at = instruction.next_ip();
        }
        found
    }

    /// The first instruction from `address` on, before control ends, that is `endbr64`, or that by a
    /// 32-bit displacement jumps to or calls a place for which `known` holds or one that was reached.
    /// Data looks like that once in thousands of millions of cases: there is code from there on. `ud2`
    /// does not end the search: compilers put it between the unlikely parts of a function.
    pub(crate) fn confirmed(&mut self, address: u64, known: impl Fn(u64) -> bool) -> Option<u64> {
        let mut instruction = Instruction::default();
        let mut at = address;
        while self.index(at).is_some() && !self.reached(at) {
            self.decode(at, &mut instruction);
            if instruction.is_invalid() || is_for_kernels(&instruction) {
                return None;
            }
            if instruction.mnemonic() == Mnemonic::Endbr64 {
                return Some(at);
            }
            if has_wide_target(&instruction) {
                let target = instruction.near_branch_target();
                if self.reached(target) || self.index(target).is_none() && known(target) {
                    return Some(at);
                }
            }
            let ends = matches!(
                instruction.flow_control(),
                FlowControl::UnconditionalBranch
                    | FlowControl::IndirectBranch
                    | FlowControl::Return
            );
            if ends {
                return None;
            }
            at = instruction.next_ip();
        }
        None
    }

    fn index(&self, address: u64) -> Option<usize> {
        let index = usize::try_from(address.checked_sub(self.start)?).ok()?;
        (index < self.code.len()).then_some(index)
    }

    fn decode(&mut self, address: u64, instruction: &mut Instruction) {
        self.decoded += 1;
        let index = self.index(address).unwrap_or(self.code.len());
        if self.decoder.set_position(index).is_ok() {
            self.decoder.set_ip(address);
        }
        self.decoder.decode_out(instruction);
    }

    /// Follows one line of control to its end.
    fn follow(&mut self, address: u64) {
        let mut instruction = Instruction::default();
        let mut at = address;
        while let Some(index) = self.index(at) {
            if self.marks[index] & START != 0 {
                return;
            }
            self.decode(at, &mut instruction);
            if instruction.is_invalid() || is_for_kernels(&instruction) {
                self.astray = true;
                return;
            }
            self.mark(index, &instruction);
            self.note_base(&instruction);
            if !self.goes_on(&instruction) {
                self.ends.push(instruction.next_ip());
                return;
            }
            at = instruction.next_ip();
        }
    }

    fn mark(&mut self, index: usize, instruction: &Instruction) {
        let end = (index + instruction.len()).min(self.marks.len());
        let prefixed = match is_system_call(instruction) && instruction.len() > 2 {
            true => PREFIXED,
            false => 0,
        };
        self.marks[index] |= START | prefixed;
        for mark in &mut self.marks[index + 1..end] {
            *mark |= INSIDE | prefixed;
        }
    }

    /// Takes note of where else control goes, and says whether it also goes on to what follows.
    fn goes_on(&mut self, instruction: &Instruction) -> bool {
        match instruction.flow_control() {
            FlowControl::Next => instruction.mnemonic() != Mnemonic::Hlt,
            FlowControl::ConditionalBranch | FlowControl::XbeginXabortXend => {
                self.branch(instruction);
                true
            }
            FlowControl::UnconditionalBranch => {
                self.branch(instruction);
                false
            }
            FlowControl::Call => self.call(instruction),
            FlowControl::IndirectCall => true,
            FlowControl::IndirectBranch => {
                self.indirect = true;
                false
            }
            FlowControl::Interrupt => {
                !matches!(instruction.mnemonic(), Mnemonic::Int3 | Mnemonic::Int1)
            }
            FlowControl::Return | FlowControl::Exception => false,
        }
    }

    fn branch(&mut self, instruction: &Instruction) {
        if !matches!(instruction.op0_kind(), OpKind::NearBranch64) {
            return;
        }
        let target = instruction.near_branch_target();
        match self.index(target) {
            Some(_) => self.pending.push(target),
            None => self.leaves.push(target),
        }
    }

    /// As [`Flow::goes_on`], for calls and for system calls.
    fn call(&mut self, instruction: &Instruction) -> bool {
        if instruction.code() != Code::Call_rel32_64 {
            return instruction.mnemonic() != Mnemonic::Sysenter;
        }
        let target = instruction.near_branch_target();
        if self.index(target).is_none() {
            self.calls.push(target);
            return true;
        }
        self.pending.push(target);
        let mut first = Instruction::default();
        self.decode(target, &mut first);
        first.mnemonic() != Mnemonic::Pop
    }

    /// Remembers what may be the address of a table: `lea table(%rip),%reg`, or the displacement of
    /// an indexed operand.
    fn note_base(&mut self, instruction: &Instruction) {
        let indexed = instruction.memory_index() != Register::None
            && instruction.memory_base() == Register::None;
        let computed =
            instruction.mnemonic() == Mnemonic::Lea && instruction.is_ip_rel_memory_operand();
        if computed || indexed {
            self.bases.push(instruction.memory_displacement64());
        }
    }
}

/// `syscall`, `int $0x80` or `sysenter`.
fn is_system_call(instruction: &Instruction) -> bool {
    match instruction.mnemonic() {
        Mnemonic::Syscall | Mnemonic::Sysenter => true,
        Mnemonic::Int => instruction.immediate8() == 0x80,
        _ => false,
    }
}

/// Whether an instruction jumps to or calls a place by a 32-bit displacement.
fn has_wide_target(instruction: &Instruction) -> bool {
    let short = 2;
    instruction.op0_kind() == OpKind::NearBranch64
        && instruction.len() > short
        && (instruction.is_call_near() || instruction.is_jmp_near() || instruction.is_jcc_near())
}

/// Whether an instruction makes no sense in a program. `hlt` does: it ends what must not return.
fn is_for_kernels(instruction: &Instruction) -> bool {
    instruction.is_privileged() && instruction.mnemonic() != Mnemonic::Hlt
}

//! One system call in flight, as a handler sees it.

use crate::memory::copy::ProgramMemory;
use core::ops::{Deref, DerefMut};
pub use ld_systrap_core::syscall::Abi;

/// A system call: what the program asked for, and what it will get. It cannot be copied, as it also keeps
/// registers that the program will find again.
#[repr(C)]
#[derive(Debug)]
pub struct Call {
    /// Its arguments, in order.
    pub arguments: Arguments,
    pub(crate) abi: Abi,
    /// Its number, in the table of its [`Abi`], as the program had it in eax.
    pub number: u64,
    /// What the program finds in rax, once the call has been made or answered.
    pub result: u64,
    /// The address after the site, as the program will know it.
    pub(crate) after: u64,
    /// The program's rsp.
    pub(crate) stack: u64,
    pub(crate) thread: i32,
    pub(crate) process: i32,
}

/// The arguments of a [`Call`]: six words to read and to write, as in `call.arguments[0]` or
/// `let [first, second, ..] = *call.arguments`. What a handler writes is for the kernel; the program finds its
/// registers as they were.
#[repr(C)]
#[derive(Debug)]
pub struct Arguments {
    /// What the kernel gets instead of `registers`, if they `are_altered`.
    altered: [u64; 6],
    /// The program's rdi, rsi, rdx, r10, r8 and r9.
    pub(crate) registers: [u64; 6],
    pub(crate) are_altered: bool,
}

impl Deref for Arguments {
    type Target = [u64; 6];

    fn deref(&self) -> &[u64; 6] {
        match self.are_altered {
            false => &self.registers,
            true => &self.altered,
        }
    }
}

impl DerefMut for Arguments {
    fn deref_mut(&mut self) -> &mut [u64; 6] {
        if !self.are_altered {
            self.are_altered = true;
            self.altered = self.registers;
        }
        &mut self.altered
    }
}

impl Call {
    pub(crate) const fn none() -> Call {
        Call {
            arguments: Arguments {
                altered: [0; 6],
                registers: [0; 6],
                are_altered: false,
            },
            abi: Abi::Syscall,
            number: 0,
            result: 0,
            after: 0,
            stack: 0,
            thread: 0,
            process: 0,
        }
    }

    /// How the program entered.
    #[must_use]
    pub fn abi(&self) -> Abi {
        self.abi
    }

    /// The address of the system call instruction.
    #[must_use]
    pub fn site(&self) -> u64 {
        self.after.wrapping_sub(2)
    }

    /// The program's rsp at the site, where rt_sigreturn(2) finds its frame.
    #[must_use]
    pub fn stack_pointer(&self) -> u64 {
        self.stack
    }

    /// The number of the thread that makes it, without asking the kernel.
    #[must_use]
    pub fn thread(&self) -> i32 {
        self.thread
    }

    /// The number of the process that makes it, without asking the kernel.
    #[must_use]
    pub fn process(&self) -> i32 {
        self.process
    }

    /// Its name, if the kernel has a call of this number.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        ld_systrap_core::syscall::name(self.abi, self.number)
    }

    /// The program's memory.
    #[must_use]
    pub fn memory(&self) -> &'static ProgramMemory {
        &ProgramMemory
    }
}

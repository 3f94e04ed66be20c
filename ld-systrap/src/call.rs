//! One system call in flight, as a handler sees it.

use crate::memory::copy::ProgramMemory;
pub use ld_systrap_core::syscall::Abi;

/// A system call: what the program asked for, and what it will get.
#[repr(C)]
#[derive(Clone, Debug)]
pub struct Call {
    /// Its number, in the table of its [`Abi`], as the program had it in eax.
    pub number: u64,
    /// Its arguments, in order.
    pub arguments: [u64; 6],
    /// What the program finds in rax, once the call has been made or answered.
    pub result: u64,
    pub(crate) abi: Abi,
    /// The address after the site.
    pub(crate) after: u64,
    pub(crate) stack: u64,
    pub(crate) thread: i32,
    pub(crate) process: i32,
}

impl Call {
    pub(crate) const fn none() -> Call {
        Call {
            number: 0,
            arguments: [0; 6],
            result: 0,
            abi: Abi::Syscall,
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

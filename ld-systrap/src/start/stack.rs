//! The program's first stack, as execve(2) leaves it.
#![expect(unsafe_code, reason = "reads what the kernel put on the stack")]

use crate::auxiliary::*;
use crate::load::Loaded;
use crate::memory::copy;
use crate::options::Refusal;
use alloc::ffi::CString;
use alloc::vec::Vec;
use core::ffi::CStr;
use ld_systrap_core::stack::{self, Words};

/// Builds the program's stack where the kernel's is, from its top.
pub(super) fn lay_out(
    given: Given,
    path: &CString,
    arguments: &[CString],
    program: &Loaded,
    interpreter: Option<&Loaded>,
) -> Result<stack::Stack, Refusal> {
    let mut vector = given.vector();
    for [kind, value] in &mut vector {
        match *kind as u32 {
            AT_PHDR => *value = program.headers,
            AT_PHNUM => *value = program.header_count,
            AT_BASE => *value = interpreter.map_or(0, |loaded| loaded.bias),
            AT_ENTRY => *value = program.entry,
            _ => {}
        }
    }
    // SAFETY: strings and bytes that the kernel put on the stack, copied before it is overwritten.
    let (called, platform, random) = unsafe {
        let called = given.value(AT_EXECFN).map_or(0, |at| at + strlen(at) + 1);
        let platform = given
            .value(AT_PLATFORM)
            .map_or(&b""[..], |at| CStr::from_ptr(at as *const _).to_bytes());
        let random = given
            .value(AT_RANDOM)
            .map_or([0; 16], |at| *(at as *const [u8; 16]));
        (called, platform.to_vec(), random)
    };
    // The kernel leaves eight bytes above the path's string; the stack's top is a page's end.
    let top = (called + 8).next_multiple_of(4096);
    let environment: Vec<Vec<u8>> = given
        .environment()
        .map(|entry| entry.to_bytes().to_vec())
        .collect();
    let words = Words {
        arguments: arguments.iter().map(|word| word.to_bytes()).collect(),
        environment: environment.iter().map(Vec::as_slice).collect(),
        path: path.to_bytes(),
        platform: &platform,
        random,
        vector,
    };
    let stack = stack::build(&words, top);
    copy::write_bytes(stack.start, &stack.bytes)
        .map_err(|_| Refusal::error(126, format_args!("the stack is too small")))?;
    Ok(stack)
}

/// # Safety
/// A C string is at `at`.
unsafe fn strlen(at: u64) -> u64 {
    // SAFETY: the caller answers for it.
    unsafe { CStr::from_ptr(at as *const _).to_bytes().len() as u64 }
}

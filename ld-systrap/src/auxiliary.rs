//! The stack that the kernel gives a new program: argc, argv, envp, auxiliary vector.
#![expect(unsafe_code, reason = "reads what the kernel laid out")]

use alloc::vec::Vec;
use core::ffi::CStr;
pub(crate) use linux_raw_sys::auxvec::*;

/// Where the kernel put what it tells a new program.
#[derive(Clone, Copy)]
pub(crate) struct Given(*mut u64);

impl Given {
    /// # Safety
    /// `stack` is rsp as the kernel left it at our first instruction.
    pub(crate) unsafe fn new(stack: *mut u64) -> Given {
        Given(stack)
    }

    /// The address of argc, the program's first rsp.
    pub(crate) fn address(self) -> u64 {
        self.0 as u64
    }

    /// argc.
    pub(crate) fn count(self) -> usize {
        // SAFETY: the kernel put it there.
        unsafe { *self.0 as usize }
    }

    /// argv, without the null at its end.
    pub(crate) fn arguments(self) -> impl Iterator<Item = &'static CStr> {
        // SAFETY: argv follows argc, and its strings live as long as the process.
        (0..self.count()).map(move |i| unsafe { CStr::from_ptr(*self.0.add(1 + i) as *const _) })
    }

    fn environment_start(self) -> *mut u64 {
        // SAFETY: behind argv and its null.
        unsafe { self.0.add(self.count() + 2) }
    }

    /// envp, without the null at its end.
    pub(crate) fn environment(self) -> impl Iterator<Item = &'static CStr> {
        let mut at = self.environment_start();
        core::iter::from_fn(move || {
            // SAFETY: envp ends with a null, behind which we do not go.
            unsafe {
                if *at == 0 {
                    return None;
                }
                let string = CStr::from_ptr(*at as *const _);
                at = at.add(1);
                Some(string)
            }
        })
    }

    fn vector_start(self) -> *mut [u64; 2] {
        let mut at = self.environment_start();
        // SAFETY: the auxiliary vector follows envp's null.
        unsafe {
            while *at != 0 {
                at = at.add(1);
            }
            at.add(1).cast()
        }
    }

    /// The auxiliary vector's pairs, without `AT_NULL`.
    pub(crate) fn vector(self) -> Vec<[u64; 2]> {
        let mut pairs = Vec::new();
        let mut at = self.vector_start();
        // SAFETY: ends with AT_NULL.
        unsafe {
            while (*at)[0] != u64::from(AT_NULL) {
                pairs.push(*at);
                at = at.add(1);
            }
        }
        pairs
    }

    /// The value of one entry.
    pub(crate) fn value(self, kind: u32) -> Option<u64> {
        let mut at = self.vector_start();
        // SAFETY: ends with AT_NULL.
        unsafe {
            while (*at)[0] != u64::from(AT_NULL) {
                if (*at)[0] == u64::from(kind) {
                    return Some((*at)[1]);
                }
                at = at.add(1);
            }
        }
        None
    }

    /// The name that the kernel has executed. `None` if somebody with less privilege has, who may have put something
    /// else there.
    pub(crate) fn executed_name(self) -> Option<&'static CStr> {
        if self.value(AT_SECURE) != Some(0) {
            return None;
        }
        let name = self.value(AT_EXECFN)?;
        // SAFETY: the kernel put it behind the environment.
        Some(unsafe { CStr::from_ptr(name as *const _) })
    }

    /// Sets the value of an entry that is there.
    pub(crate) fn set_value(self, kind: u32, value: u64) {
        let mut at = self.vector_start();
        // SAFETY: ends with AT_NULL; the stack is writable.
        unsafe {
            while (*at)[0] != u64::from(AT_NULL) {
                if (*at)[0] == u64::from(kind) {
                    (*at)[1] = value;
                }
                at = at.add(1);
            }
        }
    }

    /// The value of a variable in the environment.
    pub(crate) fn variable(self, name: &str) -> Option<&'static [u8]> {
        self.environment().find_map(|entry| {
            entry
                .to_bytes()
                .strip_prefix(name.as_bytes())?
                .strip_prefix(b"=")
        })
    }
}

//! The program's registers while a call of its own is in the runtime.

/// All that the runtime may change and the program would notice. The gate fills it on the way in and
/// restores from it on the way out; everything else (x87, upper halves of vectors, %fs) is not touched.
/// What says where the call is and what it asks for is in [`Call`](crate::Call) instead.
#[repr(C, align(64))]
#[derive(Clone, Debug)]
pub(crate) struct Context {
    // In one line of the cache, what both ways through the gate touch; then what the long way does.
    pub(crate) rax: u64,
    pub(crate) r14: u64,
    pub(crate) r15: u64,
    /// Where to go on: behind the site, or the displaced equivalent of what is there.
    pub(crate) resume: u64,
    pub(crate) rflags: u64,
    pub(crate) rcx: u64,
    pub(crate) r11: u64,
    pub(crate) rbx: u64,
    pub(crate) rbp: u64,
    pub(crate) r12: u64,
    pub(crate) r13: u64,
    pub(crate) xmm: Vectors,
}

/// xmm0–15, aligned as `movaps` wants it.
#[repr(C, align(16))]
#[derive(Clone, Debug)]
pub(crate) struct Vectors(pub(crate) [[u64; 2]; 16]);

impl Context {
    /// Registers as execve(2) leaves them.
    pub(crate) const fn zeroed() -> Context {
        Context {
            rax: 0,
            rbx: 0,
            rcx: 0,
            rbp: 0,
            r11: 0,
            r12: 0,
            r13: 0,
            r14: 0,
            r15: 0,
            rflags: 0x202,
            resume: 0,
            xmm: Vectors([[0; 2]; 16]),
        }
    }
}

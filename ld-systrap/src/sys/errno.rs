//! Error numbers of the kernel.

/// An error number as errno(3) lists them, positive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Errno(pub i32);

macro_rules! errnos {
    ($($name:ident)*) => {
        #[expect(missing_docs, reason = "errno(3) documents them")]
        impl Errno {
            $(pub const $name: Errno = Errno(linux_raw_sys::errno::$name as i32);)*
        }
    };
}

errnos!(EPERM ENOENT ESRCH EINTR EIO E2BIG ENOEXEC EBADF EAGAIN ENOMEM EACCES EFAULT EEXIST ENOTDIR
    EISDIR EINVAL EMFILE ETXTBSY EFBIG EPIPE ENAMETOOLONG ENOSYS ELOOP ELIBBAD ERANGE);

impl Errno {
    /// The value that a system call returns in rax for this error.
    #[must_use]
    pub const fn returned(self) -> u64 {
        (-(self.0 as i64)) as u64
    }

    /// Splits what a system call returned in rax: the kernel's `IS_ERR_VALUE`, -4095 … -1.
    ///
    /// # Errors
    /// The error that `returned` stands for.
    pub const fn check(returned: u64) -> Result<u64, Errno> {
        if returned > -4096i64 as u64 {
            Err(Errno(-(returned as i64) as i32))
        } else {
            Ok(returned)
        }
    }
}

impl core::fmt::Display for Errno {
    fn fmt(&self, to: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match ld_systrap_core::syscall::errno_name(self.0.unsigned_abs()) {
            Some((_, message)) => to.write_str(message),
            None => write!(to, "error {}", self.0),
        }
    }
}

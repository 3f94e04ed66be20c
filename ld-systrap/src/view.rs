//! Files, and what lies in memory like one, as bytes.
#![expect(unsafe_code, reason = "maps files and reads them as bytes")]

use crate::gate;
use crate::sys::file::Version;
use crate::sys::memory::{self, Content, Place, READ};
use crate::sys::{Errno, file};
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_systrap_core::address::{PAGE, pages};

/// A whole file, as bytes.
///
/// It lies above all libraries, in the gap that the kernel leaves below the stack: perf(1) takes the lowest
/// address at which it has ever seen a file for where that image is.
pub(crate) struct View {
    bytes: &'static [u8],
    version: Version,
    /// Mapped for this view, to be unmapped with it.
    is_mapped: bool,
}

/// How far above our own image, the highest of all as a rule, views begin.
const DISTANCE: u64 = 1 << 20;
/// Where the next view shall lie; 0: at the beginning.
static ABOVE: AtomicU64 = AtomicU64::new(0);

impl View {
    /// Maps what `descriptor` refers to.
    pub(crate) fn of(descriptor: i32) -> Result<View, Errno> {
        View::with_status(descriptor, &file::status(descriptor)?)
    }

    /// Maps what `descriptor` refers to, of which fstat(2) tells `status`.
    pub(crate) fn with_status(descriptor: i32, status: &file::Status) -> Result<View, Errno> {
        if !file::is_regular(status) {
            return Err(Errno::EACCES);
        }
        let length = status.st_size as u64;
        if length == 0 {
            return Ok(View {
                bytes: &[],
                version: Version::of(status),
                is_mapped: false,
            });
        }
        let content = Content::File {
            descriptor,
            offset: 0,
        };
        // SAFETY: new memory, private; only this view refers to it.
        unsafe {
            let place = match ABOVE.load(Ordering::Relaxed) {
                0 => pages(&gate::image()).end + DISTANCE,
                above => above,
            };
            let start = memory::map(Place::Near(place), length, READ, content)?;
            let above = if start == place { start + length } else { 0 };
            ABOVE.store(above.next_multiple_of(PAGE), Ordering::Relaxed);
            Ok(View {
                bytes: core::slice::from_raw_parts(start as *const u8, length as usize),
                version: Version::of(status),
                is_mapped: true,
            })
        }
    }

    /// The vDSO, which lies in memory as in a file.
    pub(crate) fn of_vdso(base: u64) -> View {
        // SAFETY: the kernel maps it whole; its size is at most two pages, and its section headers are
        // at its end.
        let bytes = unsafe { core::slice::from_raw_parts(base as *const u8, vdso_size(base)) };
        View {
            bytes,
            version: Version::default(),
            is_mapped: false,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Which file it was, as far as it is one.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// The pages that were mapped for it.
    pub(crate) fn range(&self) -> Range<u64> {
        if !self.is_mapped {
            return 0..0;
        }
        let start = self.bytes.as_ptr() as u64;
        pages(&(start..start + self.bytes.len() as u64))
    }
}

impl Drop for View {
    fn drop(&mut self) {
        if self.is_mapped {
            // SAFETY: mapped by `of`; nobody can refer to it after the view.
            let _ = unsafe { memory::unmap(self.range()) };
        }
    }
}

/// The size of the vDSO: up to the end of its section headers.
///
/// # Safety
/// `base` is its start.
unsafe fn vdso_size(base: u64) -> usize {
    // SAFETY: e_shoff, e_shentsize and e_shnum of the ELF header.
    unsafe {
        let offset = *((base + 40) as *const u64);
        let size = u64::from(*((base + 58) as *const u16));
        let count = u64::from(*((base + 60) as *const u16));
        (offset + size * count) as usize
    }
}

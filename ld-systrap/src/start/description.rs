//! Where the kernel believes the program's code, data, heap, stack and auxiliary vector to be: /proc shows
//! them, and brk(2) begins there.
#![expect(unsafe_code, reason = "prctl(2)")]

use crate::auxiliary::*;
use crate::load::{self, Loaded};
use crate::sys::{file, process};
use alloc::vec::Vec;
use ld_systrap_core::proc::Stat;
use ld_systrap_core::stack::Stack;
use linux_raw_sys::general::*;
use linux_raw_sys::prctl::*;

/// Tells the kernel where the program's code, data, heap, arguments and environment are
/// (prctl(2), PR_SET_MM_MAP): /proc shows them, and brk(2) begins there.
pub(super) fn set(program: &Loaded, stack: &Stack, moves_heap: bool) {
    let heap = match moves_heap {
        true => program.end.next_multiple_of(4096) + load::random_pages(13),
        false => process::program_break(),
    };
    let vector: Vec<u64> = stack.bytes
        [(stack.vector.start - stack.start) as usize..(stack.vector.end - stack.start) as usize]
        .chunks_exact(8)
        .map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()))
        .collect();
    let map = prctl_mm_map {
        start_code: program.code.start,
        end_code: program.code.end,
        start_data: program.data.start,
        end_data: program.data.end,
        start_brk: heap,
        brk: heap,
        start_stack: stack.start,
        arg_start: stack.arguments.start,
        arg_end: stack.arguments.end,
        env_start: stack.environment.start,
        env_end: stack.environment.end,
        auxv: vector.as_ptr().cast_mut(),
        auxv_size: (vector.len() * 8) as u32,
        exe_fd: u32::MAX,
    };
    set_map(&map);
}

/// Tells the kernel the auxiliary vector that was changed on the stack, with all else as it has it:
/// the numbers of /proc/self/stat (proc(5)).
pub(super) fn set_vector(given: Given) {
    let mut buffer = [0; 1024];
    let Ok(descriptor) = file::open(c"/proc/self/stat", O_RDONLY | O_CLOEXEC) else {
        return;
    };
    let length = file::read_at(descriptor, &mut buffer, 0).unwrap_or(0);
    file::close(descriptor);
    let Some(stat) = Stat::parse(&buffer[..length]) else {
        return;
    };
    let field = |number| stat.field(number);
    let mut vector = given.vector();
    vector.push([0, 0]);
    let map = prctl_mm_map {
        start_code: field(26),
        end_code: field(27),
        start_stack: field(28),
        start_data: field(45),
        end_data: field(46),
        start_brk: field(47),
        brk: process::program_break(),
        arg_start: field(48),
        arg_end: field(49),
        env_start: field(50),
        env_end: field(51),
        auxv: vector.as_ptr() as *mut _,
        auxv_size: (vector.len() * 16) as u32,
        exe_fd: u32::MAX,
    };
    set_map(&map);
}

/// prctl(2), PR_SET_MM_MAP. A kernel without it goes on with what it has.
fn set_map(map: &prctl_mm_map) {
    // SAFETY: the kernel reads `map` and checks it.
    let _ = unsafe {
        process::prctl(
            PR_SET_MM,
            u64::from(PR_SET_MM_MAP),
            core::ptr::from_ref(map) as u64,
            size_of::<prctl_mm_map>() as u64,
            0,
        )
    };
}

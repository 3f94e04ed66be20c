//! From the kernel's jump to our first instruction to ours into the program.
//!
//! `command` and `interpreter` are the two ways in; what they have in common is here.
#![expect(
    unsafe_code,
    reason = "relocates the image and moves to the first thread's stack"
)]

mod command;
mod description;
mod interpreter;
mod lookup;
mod stack;

pub(crate) use lookup::find;

use crate::auxiliary::*;
use crate::handler::Handler;
use crate::load;
use crate::memory::lock::Lock;
use crate::options::{Options, Refusal, Runtime};
use crate::postponed::Patching;
use crate::process::descriptor::{self, Files, IMAGE};
use crate::process::thread::{self, Thread};
use crate::process::threads;
use crate::process::traced::{self, Traced};
use crate::process::{identity, signal};
use crate::sys::memory::{self, READ};
use crate::sys::{Errno, file, process};
use crate::{dispatch, gate, postponed, seal, trap};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::arch::naked_asm;
use core::ffi::CStr;
use core::sync::atomic::{AtomicU64, Ordering};
use linux_raw_sys::general::*;

unsafe extern "C" {
    /// Made by `interpreter!`.
    fn ld_systrap_main(stack: *mut u64) -> !;
    static __relro_start: u8;
    static __relro_end: u8;
}

/// The first instruction. Not relocated: no Rust. Adds the load address to every word that the
/// relocations name (R_X86_64_RELATIVE, the only kind there is), then goes to `ld_systrap_main`.
///
/// # Safety
/// Jumped to by the kernel.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip",              // the outermost frame
        "xor ebp, ebp",
        "lea rax, [rip + __rela_start]",
        "lea rcx, [rip + __rela_end]",
        "lea rdx, [rip + __ehdr_start]",   // linked at 0: this is what has to be added
        "2:",
        "cmp rax, rcx",
        "jae 3f",
        "mov rsi, [rax]",                  // r_offset
        "mov rdi, [rax + 16]",             // r_addend
        "add rdi, rdx",
        "mov [rdx + rsi], rdi",
        "add rax, 24",
        "jmp 2b",
        "3:",
        "mov rdi, rsp",
        "and rsp, -16",
        "call {main}",
        "ud2",
        ".cfi_endproc",
        main = sym ld_systrap_main,
    )
}

static STACK: AtomicU64 = AtomicU64::new(0);

/// The first Rust, on the kernel's stack: makes the first thread and moves to its private stack.
#[doc(hidden)]
pub fn run<H: Handler>(stack: *mut u64) -> ! {
    STACK.store(stack as u64, Ordering::Relaxed);
    // SAFETY: the words between these labels were written by the relocation, and never again.
    unsafe {
        let relro = &raw const __relro_start as u64..&raw const __relro_end as u64;
        let _ = memory::protect(relro, READ);
    }
    gate::link::<H>();
    let files = Arc::new(Lock::new(Files::default()));
    let thread = match threads::create(thread::first_table(), files) {
        Ok(thread) => thread,
        Err(error) => Refusal::error(126, format_args!("no memory to begin with: {error}")).exit(),
    };
    // SAFETY: new; no handler is installed yet, so that no signal needs the block.
    unsafe {
        (*thread).alternate.flags = 0; // as before any sigaltstack(2); a further thread begins with SS_DISABLE
        if let Err(error) = thread::adopt(&mut *thread) {
            Refusal::error(126, format_args!("no signal stack to begin with: {error}")).exit();
        }
        thread::on_private_stack(thread, begin::<H>)
    }
}

extern "C" fn begin<H: Handler>() -> ! {
    // SAFETY: `run` stored what the kernel gave.
    let given = unsafe { Given::new(STACK.load(Ordering::Relaxed) as *mut u64) };
    match prepare::<H>(given) {
        Ok(entry) => {
            let thread = Thread::current();
            thread.call.stack = entry.stack;
            thread.context.resume = entry.address;
            thread.call.after = entry.address;
            // SAFETY: the context is complete.
            unsafe {
                match thread.traced {
                    Traced::Begins => traced::begin(thread),
                    Traced::Yes | Traced::No => gate::leave(thread),
                }
            }
        }
        Err(refusal) => refusal.exit(),
    }
}

/// Where the program's first instruction is, and its first rsp.
struct Entry {
    address: u64,
    stack: u64,
}

fn prepare<H: Handler>(given: Given) -> Result<Entry, Refusal> {
    process::set_capabilities(given.value(AT_HWCAP2).unwrap_or(0));
    let is_program = given.value(AT_ENTRY) == Some(_start as *const () as u64);
    if is_program {
        command::run::<H>(given)
    } else {
        interpreter::run::<H>(given)
    }
}

/// Keeps the descriptor of our image for exec.
fn keep_image(path: &CStr) -> Result<(), Refusal> {
    let kept = file::open(path, O_RDONLY | O_CLOEXEC).and_then(|descriptor| {
        let moved = descriptor::out_of_the_way(descriptor);
        file::close(descriptor);
        moved
    });
    match kept {
        Ok(descriptor) => Thread::current().files.lock().adopt(IMAGE, descriptor),
        // Executed by descriptor, without /proc: the program runs, but can execute nothing.
        Err(Errno::ENOENT) => {}
        Err(error) => {
            return Err(Refusal::error(
                126,
                format_args!("cannot open {}: {error}", path.to_string_lossy()),
            ));
        }
    }
    Ok(())
}

/// Makes the handler from the options, and gives what the options tell the runtime.
fn start_handler<H: Handler>(mut options: Options) -> Result<(Runtime, usize), Refusal> {
    let handler: &'static H = Box::leak(Box::new(H::start(&mut options)?));
    let finished = options.finish()?;
    dispatch::set_handler(handler);
    // SAFETY: one thread, and no program yet.
    unsafe { gate::interest::set(&handler.interest()) };
    trap::set_gate(gate::entry());
    let (runtime, _) = &finished;
    seal::set_mode(runtime.seal.unwrap_or(seal::Mode::Auto));
    // A debugger stops at each signal, those of the seal too.
    postponed::begin(match Thread::current().traced {
        Traced::No => runtime.patching.unwrap_or(postponed::USUAL),
        Traced::Yes | Traced::Begins => Patching::After(0),
    });
    signal::begin(Thread::current(), H::REPORTS_DEATH);
    Ok(finished)
}

/// The last before the program: the stack's protection.
fn finish(executable_stack: bool, stack: u64) {
    if process::personality() & identity::READ_IMPLIES_EXEC != 0 {
        identity::set_read_implies_execute();
    }
    if executable_stack {
        let page = stack & !4095;
        let flags = READ | memory::WRITE | memory::EXECUTE | PROT_GROWSDOWN;
        // SAFETY: the program's stack, which it asks to have like this.
        let _ = unsafe { memory::protect(page..page + 4096, flags) };
        seal::arm();
    }
    descriptor::out_of_reach();
    process::prepare_order();
    dispatch::events().thread_start();
}

fn instrument_vdso(given: Given) {
    if let Some(base) = given.value(AT_SYSINFO_EHDR) {
        load::instrument_vdso(base);
    }
}

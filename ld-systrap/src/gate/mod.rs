//! The fixed code between a site and Rust, and the only way to the kernel for a program's call.
//!
//! The convention on arrival, at [`enter`]: every register as at the site, but rcx = the address after
//! the site, r11 = where to go on; `syscall` clobbers both, so they are free. `int 0x80` keeps them:
//! its way in, [`enter_int80`], is reached from a trap only, which has put the program's rcx and r11
//! into the context.
//!
//! Whether %gs is ours is looked at first: a program may set it (`wrgsbase`, arch_prctl(2)). rcx is given
//! up for that, as the trampoline that r11 leads back to tells what was in it ([`RECOVERS_RCX`]). If
//! %gs is not ours, or leads nowhere, a fault calls [`crate::process::segment`], which swaps it and goes
//! on behind the look, and has the way out end in another fault, `gate_swap_back`. Traps look for
//! themselves and arrive behind the look, with rcx as it should be. What the trampoline tells lies at any
//! address: to a program that has set AC, reading it is a fault as well ([`found`]).
//!
//! Calls that nobody wants to see ([`interest`]) take the *short* way: no register changes but rcx,
//! r11, r14 and r15, flags and stack stay the program's, and a signal is delivered at once, at the site or
//! behind it. The end of such a call does not look for attention, but it can be diverted while the thread
//! waits ([`divert`]), to a trap.
//!
//! On the long way the thread is on its private stack, and %gs leads to its [`Thread`]. Signals may
//! arrive at any instruction. Two windows keep them exact; both change nothing but what they load from
//! the block, so that they can be begun again at any instruction:
//! - *call* (`gate_call` to `gate_called`): looks for `attention`, then enters the kernel. A signal in
//!   here means that the call was not made (or that the kernel has wound it back to make it again).
//! - *exit* (`gate_exit` to `gate_exited`): looks for `attention`, then restores and leaves. A signal
//!   in here sends the thread back to `gate_exit`.
//!
//! Everywhere else a signal is kept until the next window ([`crate::process::signal`]).
//!
//! The long way is *light* first: [`dispatch::before`] and [`dispatch::after`] follow the win64 ABI, which
//! has a function keep rbx, rbp, r12, r13 and xmm6–15. They stay where they are until something needs a
//! *whole* context: the runtime's part of a call, attention, unusual flags, `int 0x80`. rdi and rsi, which
//! such a function keeps as well, are saved for the handler to read, but need not be loaded again: a call
//! whose arguments the handler changes is the runtime's. Light has windows of its own, `gate_light_call` and
//! `gate_light_exit`.
//!
//! Whoever unwinds a thread in here finds the site as the caller of the gate. r14 and r15 are for that:
//! they are the thread's block and the address after the site, and keep it in Rust, too. While the
//! kernel makes the call, rsp is the program's again and rbx, rbp, r12, r13 still are: perf(1) copies
//! registers and the stack from there on, and sees nothing of the block.
#![expect(unsafe_code, reason = "crosses between the program and Rust")]
#![expect(
    named_asm_labels,
    reason = "signals ask where in the gate they found a thread"
)]

#[macro_use]
mod lines;
pub(crate) mod context;
pub(crate) mod interest;
mod place;

use crate::call::{Arguments, Call};
use crate::dispatch;
use crate::handler::Handler;
use crate::legacy;
use crate::process::thread::{self, Thread};
use crate::sys::signal::TF;
use context::Context;
use core::arch::naked_asm;
use core::mem::offset_of;
use ld_systrap_core::patch::RECOVERS_RCX;
pub(crate) use place::*;

/// What the gate shall do once `before` has seen a call.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// Make the call with `syscall`, as the program has it in its registers.
    Forward = 0,
    /// It has a result already.
    Answered = 1,
    /// Make the call with `int 0x80`.
    Int80 = 2,
    /// rt_sigreturn(2) to the frame at `Thread::frame`.
    SignalReturn = 3,
    /// Make the call; a child may come out of it, at `Thread::child` or, without one, as a copy of all.
    Clone = 4,
    /// End the thread without touching its memory again.
    ExitThread = 5,
    /// Leave for the program at once.
    Leave = 6,
    /// Make the call with `syscall`, as the handler or the runtime has it in `Thread::number` and `arguments`.
    Altered = 7,
    /// Ask the runtime, which has to see it.
    Runtime = 8,
}

/// All of rflags but what `sahf` and an addition can set (CF, PF, AF, ZF, SF, OF), what is always set
/// (bit 1), and IF.
const UNUSUAL_FLAGS: u32 = !(0x8d5 | 0x2 | 0x200);

/// What may stay set while Rust runs of the rest: ID, which a program toggles to find out about CPUID and
/// which nothing restores behind a signal's handler. Not DF, AC, TF, NT.
const HARMLESS_FLAGS: u32 = 0x20_0000 | 0x2;

/// TF in rflags. It stays as it is in the processor: all that enters or leaves the gate without popfq
/// leaves it alone. With popfq it is set again if it is known to be the program's.
const TRAP_FLAG: u32 = TF.trailing_zeros();

/// NT in rflags.
const NESTED_TASK: u32 = 1 << 14;

macro_rules! context {
    ($field:ident) => {
        offset_of!(Thread, context) + offset_of!(Context, $field)
    };
}

macro_rules! call {
    ($field:ident) => {
        offset_of!(Thread, call) + offset_of!(Call, $field)
    };
}

/// The place of the register that passes the argument of this index.
macro_rules! register {
    ($index:literal) => {
        call!(arguments) + offset_of!(Arguments, registers) + 8 * $index
    };
}

/// What [`Thread::mark`] holds, so that the gate knows it.
pub(crate) const MARK: u32 = 0x6d61_726b;

/// Where `syscall` sites arrive. rcx: the address after the site; r11: where to go on.
///
/// # Safety
/// Jumped to, never called: see the module's convention.
#[unsafe(naked)]
#[unsafe(link_section = ".text.gate")]
pub(crate) unsafe extern "C" fn enter<H: Handler>() -> ! {
    naked_asm!(
        ".globl gate_call, gate_called, gate_exit, gate_exited, gate_attention_before",
        ".globl gate_light_call, gate_light_called, gate_light_exit, gate_light_exited",
        ".globl gate_light_attention_before, gate_sigreturn, gate_int80_call, gate_int80_called",
        ".globl gate_sigreturn_end, gate_int80",
        ".globl gate_short, gate_short_saved, gate_short_moved, gate_short_call, gate_short_called",
        ".globl gate_short_restored, gate_short_left, gate_diverted",
        ".globl gate_long, gate_long_looked, gate_short_looked, gate_swap, gate_swap_back",
        ".globl gate_short_find, gate_long_find",
        ".cfi_startproc",
        ".cfi_def_cfa rsp, 0",
        after_by_r11!(),
        "gate_short:",              // no flag may change before the call, nor the stack be used
        "mov ecx, gs:[{mark}]",
        "lea rcx, [rcx - {MARK}]",
        "jrcxz 2f",                 // the one conditional jump that leaves flags alone
        "jmp gate_swap",
        "2:",
        "gate_short_find:",
        "movsxd rcx, dword ptr [r11 - {recovers} - 4]",
        "lea rcx, [rcx + r11 - {recovers}]",
        "gate_short_looked:",
        ".cfi_register rip, rcx",
        "mov gs:[{r14}], r14",
        "mov gs:[{r15}], r15",
        "gate_short_saved:",
        "mov gs:[{short_resume}], r11",
        "mov gs:[{rax}], rax",
        "mov r14, gs:[{itself}]",
        saved!("14", "{r14}"),
        saved!("15", "{r15}"),
        "mov r15, rcx",
        after_in_r15!("16"),
        "gate_short_moved:",
        "lea r11, [rip + {interest}]",
        "movzx ecx, ax",
        "movzx r11d, byte ptr [r11 + rcx]",
        "mov ecx, eax",             // the upper half, which x32 calls have
        "bswap ecx",
        "movzx ecx, cx",
        "lea rcx, [rcx + r11]",
        "jrcxz 2f",
        "mov rcx, gs:[{short_resume}]",
        "mov gs:[{resume}], rcx",
        "jmp 3f",
        "2:",
        "gate_short_call:",
        "syscall",                  // leaves rflags in r11 as it would at the site
        "gate_short_called:",
        "mov r14, gs:[{r14}]",
        ".cfi_same_value r14",
        "mov rcx, r15",
        "gate_short_restored:",
        ".cfi_register rip, rcx",
        "mov r15, gs:[{r15}]",
        ".cfi_same_value r15",
        "jmp qword ptr gs:[{short_resume}]",
        "gate_short_left:",

        "gate_diverted:",           // there is something to be done before the program goes on
        "ud2",                      // a trap, as debuggers expect them

        "gate_long:",               // where calls arrive when the handler wants to see all of them
        after_by_r11!(),
        "mov ecx, gs:[{mark}]",
        "lea rcx, [rcx - {MARK}]",
        "jrcxz 2f",
        "gate_swap:",
        "hlt",                      // a fault
        "gate_swap_back:",
        ".cfi_register rip, rcx",
        "hlt",
        after_by_r11!(),
        "2:",
        "gate_long_find:",
        "movsxd rcx, dword ptr [r11 - {recovers} - 4]",
        "lea rcx, [rcx + r11 - {recovers}]",
        "gate_long_looked:",
        ".cfi_register rip, rcx",
        "mov gs:[{r14}], r14",
        "mov gs:[{r15}], r15",
        "mov gs:[{resume}], r11",
        "mov r14, gs:[{itself}]",
        saved!("14", "{r14}"),
        saved!("15", "{r15}"),
        "mov r15, rcx",
        after_in_r15!("16"),
        "3:",
        "mov [r14 + {after}], r15",
        "mov [r14 + {rsp}], rsp",
        saved_stack!("{rsp}"),
        "lea rsp, [r14 + {rflags} + 8]",
        "pushfq",                   // to where they belong
        "mov rsp, [r14 + {stack}]",
        "mov [r14 + {rax}], rax",
        save_arguments!(),
        "mov [r14 + {call_number}], rax",
        "mov dword ptr [r14 + {call_abi}], 0",
        "mov byte ptr [r14 + {are_altered}], 0",
        "movzx edx, ax",
        "lea rcx, [rip + {interest}]",
        "movzx edx, byte ptr [rcx + rdx]",
        "or edx, [r14 + {always}]",
        "cmp eax, 0xffff",
        "ja gate_odd_number",
        "4:",
        saved!("0", "{rax}"),
        saved!("1", "{rdx}"),
        after_in_r15!("2"),         // `syscall` leaves its end in rcx and rflags in r11
        saved!("4", "{rsi}"),
        saved!("5", "{rdi}"),
        saved!("8", "{r8}"),
        saved!("9", "{r9}"),
        saved!("10", "{r10}"),
        saved!("11", "{rflags}"),
        "test dword ptr [r14 + {rflags}], {unusual}",
        "jnz gate_unusual_flags",   // Rust relies on DF = 0, and does not align all it touches (AC)
        "2:",
        save_changing_vectors!(),
        "mov rcx, r14",
        "call {before}",
        "cmp eax, 1",
        "je 5f",
        "ja gate_concerns_runtime",
        "mov rax, [r14 + {call_number}]", // rdi and rsi are kept
        load_changing_arguments!(),
        "gate_light_call:",
        "cmp dword ptr [r14 + {attention}], 0",
        "jne gate_light_attention_before",
        ".cfi_remember_state",
        "mov rsp, [r14 + {rsp}]",
        ".cfi_def_cfa rsp, 0",
        "syscall",
        "gate_light_called:",
        "mov [r14 + {call_result}], rax",
        "mov rsp, [r14 + {stack}]",
        ".cfi_restore_state",
        "5:",                       // answered
        "mov rcx, r14",
        "call {after_}",

        "gate_light_exit:",
        "cmp dword ptr [r14 + {attention}], 0",
        "jne gate_light_attention_after",
        ".cfi_remember_state",
        "mov rsp, [r14 + {rsp}]",   // early: the program is likely to return next, mispredicted
        ".cfi_def_cfa rsp, 0",
        "mov ecx, [r14 + {rflags}]",
        restore_usual_flags!(),
        restore_changing_vectors!(),
        "mov rax, [r14 + {call_result}]",
        load_changing_arguments!(),
        "mov r11, [r14 + {rflags}]",
        "mov rcx, r15",
        ".cfi_register rip, rcx",
        "mov r15, [r14 + {r15}]",
        "mov r14, [r14 + {r14}]",
        ".irp register, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11, r14, r15",
        ".cfi_same_value \\register",
        ".endr",
        "jmp qword ptr gs:[{resume}]",
        ".cfi_restore_state",
        "gate_light_exited:",

        "gate_light_attention_before:",
        "mov rsp, [r14 + {stack}]",
        complete_context!(),
        "mov dword ptr [r14 + {step}], 0",
        "jmp gate_attention_before",

        "gate_light_attention_after:",
        complete_context!(),
        "mov rax, [r14 + {call_result}]",
        "mov [r14 + {rax}], rax",
        "jmp gate_attention_after",

        "gate_concerns_runtime:",
        complete_context!(),
        "jmp gate_concerning_runtime",

        "gate_odd_number:",
        "or edx, {concerns_runtime}",
        "jmp 4b",

        "gate_unusual_flags:",
        "btr dword ptr [r14 + {rflags}], {trap_flag}", // a debugger's single step, not to be restored
        "test dword ptr [r14 + {rflags}], {unusual}",
        "jz 2b",
        set_harmless_flags!(),
        save_changing_vectors!(),
        complete_context!(),
        "jmp gate_whole",

        "gate_int80:",              // the ABI, rcx, r11 and rflags are in place
        "mov [r14 + {rax}], rax",
        save_arguments!(),
        save_changing_vectors!(),
        save_kept_registers!(),
        saved!("2", "{rcx}"), // from here on, the context has them all
        saved!("3", "{rbx}"),
        saved!("6", "{rbp}"),
        saved!("11", "{r11}"),
        saved!("12", "{r12}"),
        saved!("13", "{r13}"),
        set_harmless_flags!(),
        "mov rdi, r14",
        "call {arrived_int80}",
        "mov edx, {both}",

        "gate_whole:",              // the interest in edx, a whole context
        "mov rcx, r14",
        "call {before}",
        "cmp eax, {runtime}",
        "jne 2f",
        "gate_concerning_runtime:",
        "mov rdi, r14",
        "call {concerning_runtime}",
        "2:",
        "mov [r14 + {step}], eax",

        "gate_dispatch:",           // do what `step` says; begun again after attention
        "mov eax, [r14 + {step}]",
        "cmp eax, 1",
        "je 5f",
        "jb 4f",
        "cmp eax, 3",
        "jb 7f",
        "je 8f",
        "cmp eax, 5",
        "jb 9f",
        "je 6f",
        "cmp eax, 7",
        "jne gate_exit",            // Altered is left
        load_altered_call!(),
        "jmp gate_call",

        "4:",                       // Forward
        "mov rax, [r14 + {call_number}]",
        load_arguments!(),
        "gate_call:",
        "cmp dword ptr [r14 + {attention}], 0",
        "jne gate_attention_before",
        ".cfi_remember_state",
        ".cfi_same_value rbx",      // as Rust has left them; who unwinds a copy of the stack needs them
        ".cfi_same_value rbp",
        ".cfi_same_value r12",
        ".cfi_same_value r13",
        "mov rsp, [r14 + {rsp}]",
        ".cfi_def_cfa rsp, 0",
        "syscall",
        "gate_called:",
        "mov [r14 + {result}], rax",
        "mov rsp, [r14 + {stack}]",
        ".cfi_restore_state",
        "5:",                       // Answered
        "mov rdi, r14",
        "call {concluded}",
        "test al, al",
        "jnz gate_dispatch",        // once more

        "gate_exit:",
        "cmp dword ptr [r14 + {attention}], 0",
        "jne gate_attention_after",
        "mov ecx, [r14 + {rflags}]",
        "test ecx, {unusual}",
        "jnz 2f",
        restore_usual_flags!(),     // popfq is far slower
        "jmp 3f",
        "2:",                       // DF, AC, TF, …
        "mov rsp, [r14 + {stack}]",
        "push qword ptr [r14 + {rflags}]",
        "movzx ecx, byte ptr [r14 + {steps_between}]",
        "shl ecx, {trap_flag}",
        "or [rsp], rcx",
        "popfq",
        "3:",                       // no instruction that changes flags from here on
        restore_changing_vectors!(),
        restore_kept_registers!(),
        "mov rax, [r14 + {rax}]",
        "mov rcx, [r14 + {rcx}]",
        load_arguments!(),
        "mov r11, [r14 + {r11}]",
        ".cfi_remember_state",
        "mov r15, [r14 + {r15}]",
        ".cfi_register rip, rcx",   // so it is after `syscall`, the only one that leaves often
        "mov rsp, [r14 + {rsp}]",
        ".cfi_def_cfa rsp, 0",
        "mov r14, [r14 + {r14}]",
        ".irp register, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15",
        ".cfi_same_value \\register",
        ".endr",
        "jmp qword ptr gs:[{resume}]",
        ".cfi_restore_state",
        "gate_exited:",

        "gate_attention_after:",
        "mov rsp, [r14 + {stack}]",
        "test dword ptr [r14 + {rflags}], {unusual}",
        "jz 2f",                    // popfq under a debugger's single step leaves TF set in Linux
        set_harmless_flags!(),      // the program's may be restored already
        "2:",
        "mov rdi, r14",
        "call {attention_after}",
        "jmp gate_exit",

        "gate_attention_before:",
        "mov rsp, [r14 + {stack}]",
        "mov rdi, r14",
        "call {attention_before}",
        "jmp gate_dispatch",

        "6:",                       // ExitThread
        "mov rdi, r14",
        "call {quiesce}",
        "test eax, eax",
        "jz gate_attention_before",
        "mov edi, [r14 + {a0}]",
        "mov dword ptr [r14 + {used}], 0", // this memory may be another thread's from here on
        "mov eax, 60",
        "syscall",
        "ud2",

        "7:",                       // Int80
        "mov eax, [r14 + {number}]",
        "mov ebx, [r14 + {a0}]",
        "mov ecx, [r14 + {a1}]",
        "mov edx, [r14 + {a2}]",
        "mov esi, [r14 + {a3}]",
        "mov edi, [r14 + {a4}]",
        "mov ebp, [r14 + {a5}]",
        "gate_int80_call:",
        "cmp dword ptr [r14 + {attention}], 0",
        "jne gate_attention_before",
        "int 0x80",
        "gate_int80_called:",
        "mov [r14 + {result}], rax",
        "jmp 5b",

        "8:",                       // SignalReturn
        "mov rdi, [r14 + {frame}]",
        "test dword ptr [r14 + {rflags}], {nested_task}",
        "jz 2f",
        set_nested_task!(),
        "2:",
        "gate_sigreturn:",
        "cmp dword ptr [r14 + {attention}], 0",
        "jne gate_attention_before",
        "mov rsp, rdi",
        "mov eax, 15",
        "syscall",
        "gate_sigreturn_end:",      // a filter of the program's has refused it
        "mov [r14 + {result}], rax",
        "mov rsp, [r14 + {stack}]",
        "jmp 5b",

        "9:",                       // Clone
        "mov rdi, r14",
        "call {quiesce}",
        "test eax, eax",
        "jz gate_attention_before",
        "mov r12, [r14 + {child}]",
        load_altered_call!(),
        "syscall",
        "test rax, rax",
        "jz 2f",
        "mov [r14 + {result}], rax",
        "jmp 5b",
        "2:",                       // the child: on its private stack, %gs still the parent's
        "mov rdi, r12",
        "test r12, r12",
        "cmovnz r14, r12",
        "and rsp, -16",
        "call {child_start}",
        "jmp gate_exit",
        ".cfi_endproc",

        rsp = const call!(stack),
        rcx = const context!(rcx),
        after = const call!(after),
        resume = const context!(resume),
        short_resume = const offset_of!(Thread, short_resume),
        r11 = const context!(r11),
        rflags = const context!(rflags),
        rax = const context!(rax),
        rbx = const context!(rbx),
        rdi = const register!(0),
        rsi = const register!(1),
        rdx = const register!(2),
        r10 = const register!(3),
        r8 = const register!(4),
        r9 = const register!(5),
        rbp = const context!(rbp),
        r12 = const context!(r12),
        r13 = const context!(r13),
        r14 = const context!(r14),
        r15 = const context!(r15),
        xmm = const context!(xmm),
        mark = const offset_of!(Thread, mark),
        MARK = const MARK,
        recovers = const RECOVERS_RCX,
        stack = const offset_of!(Thread, stack),
        itself = const offset_of!(Thread, itself),
        step = const offset_of!(Thread, step),
        attention = const offset_of!(Thread, attention),
        used = const offset_of!(Thread, used),
        unusual = const UNUSUAL_FLAGS,
        harmless = const HARMLESS_FLAGS,
        trap_flag = const TRAP_FLAG,
        nested_task = const NESTED_TASK,
        steps_between = const offset_of!(Thread, steps_between),
        interest = sym interest::TABLE,
        always = const offset_of!(Thread, always),
        both = const interest::ALWAYS,
        concerns_runtime = const interest::RUNTIME,
        frame = const offset_of!(Thread, frame),
        child = const offset_of!(Thread, child),
        number = const offset_of!(Thread, number),
        call_number = const call!(number),
        are_altered = const call!(arguments) + offset_of!(Arguments, are_altered),
        call_result = const call!(result),
        call_abi = const call!(abi),
        a0 = const offset_of!(Thread, arguments),
        a1 = const offset_of!(Thread, arguments) + 8,
        a2 = const offset_of!(Thread, arguments) + 16,
        a3 = const offset_of!(Thread, arguments) + 24,
        a4 = const offset_of!(Thread, arguments) + 32,
        a5 = const offset_of!(Thread, arguments) + 40,
        result = const offset_of!(Thread, result),
        runtime = const Step::Runtime as u32,
        before = sym dispatch::before::<H>,
        after_ = sym dispatch::after::<H>,
        arrived_int80 = sym legacy::arrived,
        concerning_runtime = sym dispatch::concerning_runtime,
        concluded = sym dispatch::concluded::<H>,
        attention_before = sym dispatch::attention_before,
        attention_after = sym dispatch::attention_after,
        child_start = sym thread::child_start,
        quiesce = sym thread::quiesce,
    )
}

/// Where `int 0x80` and `sysenter` sites arrive, from a trap that has put rcx, r11, `after`, `resume`
/// and the ABI into place.
///
/// # Safety
/// Jumped to, never called: see the module's convention.
#[unsafe(naked)]
#[unsafe(link_section = ".text.gate")]
pub(crate) unsafe extern "C" fn enter_int80() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_def_cfa rsp, 0",
        ".cfi_undefined rip",       // there is no register for it yet
        "mov gs:[{r14}], r14",
        "mov gs:[{r15}], r15",
        "mov r14, gs:[{itself}]",
        saved!("14", "{r14}"),
        saved!("15", "{r15}"),
        "mov r15, gs:[{after}]",
        after_in_r15!("16"),
        "mov gs:[{rsp}], rsp",
        saved_stack!("{rsp}"),
        "mov rsp, gs:[{stack}]",
        "pushfq",
        "btr qword ptr [rsp], {trap_flag}",
        "pop qword ptr gs:[{rflags}]",
        "jmp gate_int80",
        ".cfi_endproc",
        trap_flag = const TRAP_FLAG,
        r14 = const context!(r14),
        r15 = const context!(r15),
        itself = const offset_of!(Thread, itself),
        after = const call!(after),
        rsp = const call!(stack),
        stack = const offset_of!(Thread, stack),
        rflags = const context!(rflags),
    )
}

/// Goes to the program with the registers in `thread`'s context.
///
/// # Safety
/// `thread` is the current one, its context complete, and %gs leads to it.
pub(crate) unsafe fn leave(thread: &mut Thread) -> ! {
    let after = thread.call.after;
    // SAFETY: the exit window takes all it needs from %gs; r14 and r15 are for whoever unwinds it.
    unsafe {
        core::arch::asm!("jmp gate_exit", in("r14") thread, in("r15") after, options(noreturn))
    }
}

/// rt_sigreturn(2) to the frame whose `ucontext` lies at `frame`, which must say where to go on. `rflags` are
/// those in the frame.
///
/// # Safety
/// The frame is complete and restores all that matters.
#[unsafe(naked)]
#[unsafe(link_section = ".text.gate")]
pub(crate) unsafe extern "C" fn signal_return(frame: u64, rflags: u64) -> ! {
    naked_asm!(
        "test esi, {nested_task}",
        "jz 2f",
        set_nested_task!(),
        "2:",
        "mov rsp, rdi",
        "mov eax, 15",
        "syscall",
        ".globl gate_returned",
        "gate_returned:",
        "ud2",
        nested_task = const NESTED_TASK,
    )
}

/// What the kernel lets a signal handler of ours return to. libgcc knows a signal's frame by these very
/// bytes, `48 c7 c0 0f 00 00 00 0f 05`, gdb by the name as well. Neither does if there is call frame
/// information for the byte before, so that [`signal_return`] has none.
///
/// # Safety
/// Returned to by signal handlers only.
#[unsafe(export_name = "__restore_rt")]
#[unsafe(naked)]
#[unsafe(link_section = ".text.gate")]
pub(crate) unsafe extern "C" fn restorer() -> ! {
    naked_asm!(
        ".byte 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00",
        "syscall",
        ".globl gate_restored",
        "gate_restored:",
        "ud2"
    )
}

/// Makes the gate for `H` a part of the program: it is reached by its labels only.
pub(crate) fn link<H: Handler>() {
    core::hint::black_box(enter::<H> as *const ());
}

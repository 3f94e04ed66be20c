//! Lines of the gate's assembly that occur more than once. Their operands are those of the gate; r14 is
//! the thread's block, r15 the address after the site.

/// Lines of assembly as one.
macro_rules! lines {
    ($first:literal $(, $line:literal)* $(,)?) => {
        concat!($first $(, "\n", $line)*)
    };
}

/// Saves the vectors that a function of the win64 ABI may change.
macro_rules! save_changing_vectors {
    () => {
        lines!(
            "movaps [r14 + {xmm} + 0x00], xmm0",
            "movaps [r14 + {xmm} + 0x10], xmm1",
            "movaps [r14 + {xmm} + 0x20], xmm2",
            "movaps [r14 + {xmm} + 0x30], xmm3",
            "movaps [r14 + {xmm} + 0x40], xmm4",
            "movaps [r14 + {xmm} + 0x50], xmm5",
        )
    };
}

macro_rules! restore_changing_vectors {
    () => {
        lines!(
            "movaps xmm0, [r14 + {xmm} + 0x00]",
            "movaps xmm1, [r14 + {xmm} + 0x10]",
            "movaps xmm2, [r14 + {xmm} + 0x20]",
            "movaps xmm3, [r14 + {xmm} + 0x30]",
            "movaps xmm4, [r14 + {xmm} + 0x40]",
            "movaps xmm5, [r14 + {xmm} + 0x50]",
        )
    };
}

/// Saves what such a function keeps, and what the light way has left in its place.
macro_rules! save_kept_registers {
    () => {
        lines!(
            "mov [r14 + {rbx}], rbx",
            "mov [r14 + {rbp}], rbp",
            "mov [r14 + {r12}], r12",
            "mov [r14 + {r13}], r13",
            "movaps [r14 + {xmm} + 0x60], xmm6",
            "movaps [r14 + {xmm} + 0x70], xmm7",
            "movaps [r14 + {xmm} + 0x80], xmm8",
            "movaps [r14 + {xmm} + 0x90], xmm9",
            "movaps [r14 + {xmm} + 0xa0], xmm10",
            "movaps [r14 + {xmm} + 0xb0], xmm11",
            "movaps [r14 + {xmm} + 0xc0], xmm12",
            "movaps [r14 + {xmm} + 0xd0], xmm13",
            "movaps [r14 + {xmm} + 0xe0], xmm14",
            "movaps [r14 + {xmm} + 0xf0], xmm15",
        )
    };
}

macro_rules! restore_kept_registers {
    () => {
        lines!(
            "mov rbx, [r14 + {rbx}]",
            "mov rbp, [r14 + {rbp}]",
            "mov r12, [r14 + {r12}]",
            "mov r13, [r14 + {r13}]",
            "movaps xmm6, [r14 + {xmm} + 0x60]",
            "movaps xmm7, [r14 + {xmm} + 0x70]",
            "movaps xmm8, [r14 + {xmm} + 0x80]",
            "movaps xmm9, [r14 + {xmm} + 0x90]",
            "movaps xmm10, [r14 + {xmm} + 0xa0]",
            "movaps xmm11, [r14 + {xmm} + 0xb0]",
            "movaps xmm12, [r14 + {xmm} + 0xc0]",
            "movaps xmm13, [r14 + {xmm} + 0xd0]",
            "movaps xmm14, [r14 + {xmm} + 0xe0]",
            "movaps xmm15, [r14 + {xmm} + 0xf0]",
        )
    };
}

/// Makes the context whole: puts into it what the light way keeps in registers. Changes rcx.
macro_rules! complete_context {
    () => {
        concat!(
            lines!(
                "mov [r14 + {rcx}], r15",
                "mov rcx, [r14 + {rflags}]",
                "mov [r14 + {r11}], rcx",
            ),
            "\n",
            save_kept_registers!()
        )
    };
}

/// Saves the registers that pass arguments to the kernel.
macro_rules! save_arguments {
    () => {
        lines!(
            "mov [r14 + {rdi}], rdi",
            "mov [r14 + {rsi}], rsi",
            "mov [r14 + {rdx}], rdx",
            "mov [r14 + {r10}], r10",
            "mov [r14 + {r8}], r8",
            "mov [r14 + {r9}], r9",
        )
    };
}

macro_rules! load_arguments {
    () => {
        concat!(
            lines!("mov rdi, [r14 + {rdi}]", "mov rsi, [r14 + {rsi}]"),
            "\n",
            load_changing_arguments!()
        )
    };
}

/// Those that a function of the win64 ABI may change.
macro_rules! load_changing_arguments {
    () => {
        lines!(
            "mov rdx, [r14 + {rdx}]",
            "mov r10, [r14 + {r10}]",
            "mov r8, [r14 + {r8}]",
            "mov r9, [r14 + {r9}]",
        )
    };
}

/// Loads the call as the handler or the runtime has it.
macro_rules! load_altered_call {
    () => {
        lines!(
            "mov rax, [r14 + {number}]",
            "mov rdi, [r14 + {a0}]",
            "mov rsi, [r14 + {a1}]",
            "mov rdx, [r14 + {a2}]",
            "mov r10, [r14 + {a3}]",
            "mov r8, [r14 + {a4}]",
            "mov r9, [r14 + {a5}]",
        )
    };
}

/// Sets CF, PF, AF, ZF, SF and OF as they are in ecx. Changes rax.
macro_rules! restore_usual_flags {
    () => {
        lines!(
            "mov al, ch",
            "and al, 8",    // OF is bit 3 of the second byte
            "add al, 0x78", // overflows if it was set
            "mov ah, cl",
            "sahf",
        )
    };
}

/// Clears all flags that Rust may not run with. Needs a stack.
macro_rules! set_harmless_flags {
    () => {
        lines!("pushfq", "and dword ptr [rsp], {harmless}", "popfq")
    };
}

/// Sets NT, which rt_sigreturn(2) leaves as it is. Needs a stack.
macro_rules! set_nested_task {
    () => {
        lines!("pushfq", "or dword ptr [rsp], {nested_task}", "popfq")
    };
}

/// A rule of call frame information (DWARF 5, 6.4.2): the register with this number was saved in the
/// context, which r14 leads to. `DW_CFA_expression`: `DW_OP_breg14` with an offset in two bytes.
macro_rules! saved {
    ($register:literal, $offset:literal) => {
        concat!(
            ".cfi_escape 0x10, ",
            $register,
            ", 3, 0x7e, (",
            $offset,
            " & 0x7f) | 0x80, ",
            $offset,
            " >> 7"
        )
    };
}

/// The same for rsp: `DW_CFA_def_cfa_expression`, with `DW_OP_deref` behind.
macro_rules! saved_stack {
    ($offset:literal) => {
        concat!(
            ".cfi_escape 0x0f, 4, 0x7e, (",
            $offset,
            " & 0x7f) | 0x80, ",
            $offset,
            " >> 7, 0x06"
        )
    };
}

/// The site's own place is in r15: `DW_CFA_val_expression` with `DW_OP_breg15`. `.cfi_register` would
/// say the same, but libunwind looks such a register up when it has already replaced it.
macro_rules! after_in_r15 {
    ($register:literal) => {
        concat!(".cfi_escape 0x16, ", $register, ", 2, 0x7f, 0")
    };
}

/// The same before the gate has looked at %gs: what [`RECOVERS_RCX`] says, as `DW_CFA_val_expression`.
///
/// [`RECOVERS_RCX`]: ld_systrap_core::patch::RECOVERS_RCX
macro_rules! after_by_r11 {
    () => {
        concat!(
            ".cfi_escape 0x16, 16, 13, 0x7b, -({recovers} + 4) & 0x7f, 0x94, 4, 0x08, 32, 0x24, ",
            "0x08, 32, 0x26, 0x7b, -{recovers} & 0x7f, 0x22"
        )
    };
}

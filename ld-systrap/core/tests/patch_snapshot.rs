//! What patches of typical sites look like: code before, after, and the trampoline.
//!
//! `|` marks an instruction that a patch has changed, `!` a boundary that traps and where it goes on.

mod common;
mod patch_common;

use ld_systrap_core::patch::{Code, Located, Patch, Zone, plan};
use ld_systrap_core::site::{Opcode, pairs};
use patch_common::{Planned, decode};

const CODE: u64 = 0x40_1000;
const ZONE: u64 = 0x50_0000;

/// The patches of `bytes`, all of which are one function, for a person to read.
fn snapshot(bytes: &[u8]) -> String {
    let code = Code {
        bytes,
        address: CODE,
    };
    let end = CODE + bytes.len() as u64;
    let locate = |(at, opcode): (usize, Opcode)| Located {
        address: CODE + at as u64,
        opcode,
        function: CODE..end,
    };
    let sites: Vec<_> = pairs(bytes).map(locate).collect();
    let mut zone = Zone::new(ZONE..ZONE + 0x40_0000, 0x7000_0000_0000);
    let planned = Planned {
        code,
        patches: plan(&code, &sites, Some(&mut zone)),
        sites,
        zone,
    };
    planned.check();
    let mut text = String::new();
    for patch in &planned.patches {
        text += &format!("{}\n", patch.tactic);
    }
    let patched = planned.patched();
    let mut at = CODE;
    while at < end {
        text += &line(&patched, bytes, &planned.patches, at);
        // Boundaries are those of the original.
        at = decode(bytes, CODE, at).next_ip();
    }
    for trampoline in planned
        .patches
        .iter()
        .filter_map(|patch| patch.trampoline.as_ref())
    {
        let mut at = trampoline.address;
        while at < trampoline.address + trampoline.bytes.len() as u64 {
            let origin = trampoline.origins.iter().find(|piece| piece.0 == at);
            let origin = origin.map_or(String::new(), |piece| format!(" = {:x}", piece.1));
            let instruction = decode(&trampoline.bytes, trampoline.address, at);
            text += &format!("{at:x}{origin}: {instruction}\n");
            at = instruction.next_ip();
        }
    }
    text
}

/// The instruction that was at `at`.
fn line(patched: &[u8], original: &[u8], patches: &[Patch], at: u64) -> String {
    let resumption = patches
        .iter()
        .filter_map(|patch| patch.trampoline.as_ref())
        .find_map(|trampoline| trampoline.resumptions.iter().find(|one| one.0 == at));
    let before = decode(original, CODE, at);
    let after = decode(patched, CODE, at);
    match resumption {
        Some((_, to)) => format!("{at:x}! {before} -> {to:x}\n"),
        None if before == after => format!("{at:x}  {before}\n"),
        None => format!("{at:x}| {before} -> {after}\n"),
    }
}

/// Compares line by line, without the indentation of `expected`.
fn assert_snapshot(bytes: &[u8], expected: &str) {
    let found = snapshot(bytes);
    let expected: Vec<_> = expected.trim().lines().map(str::trim).collect();
    let lines: Vec<_> = found.lines().map(str::trim).collect();
    assert_eq!(lines, expected, "\n{found}");
}

#[test]
fn glibc_sets_a_number_and_compares() {
    // mov $1, %eax; syscall; cmp $-4096, %rax; ja …; ret
    let bytes = [
        0xb8, 1, 0, 0, 0, 0x0f, 0x05, 0x48, 0x3d, 0, 0xf0, 0xff, 0xff, 0x77, 0x01, 0xc3, 0xc3,
    ];
    assert_snapshot(
        &bytes,
        "
            backward
            401000| mov eax,1h -> jmp 500008h
            401005! syscall -> 50000d
            401007  cmp rax,0FFFFFFFFFFFFF000h
            40100d  ja 401010h
            40100f  ret
            401010  ret
            500008 = 401000: mov eax,1h
            50000d = 401005: lea rcx,[401007h]
            500014: lea r11,[500021h]
            50001b: jmp qword ptr [500000h]
            500021 = 401007: jmp 401007h
        ",
    );
}

#[test]
fn glibc_has_the_number_already() {
    // xor %edi, %edi; syscall; cmp $-4096, %rax; ja …; ret
    let bytes = [
        0xe8, 0, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05, 0x48, 0x3d, 0, 0xf0, 0xff, 0xff, 0x77, 0x01,
        0xc3, 0xc3,
    ];
    assert_snapshot(
        &bytes,
        "
            forward
            401000  call 401005h
            401005  xor edi,edi
            401007| syscall -> jmp 50160Ch
            401009! cmp rax,0FFFFFFFFFFFFF000h -> 501620
            40100f  ja 401012h
            401011  ret
            401012  ret
            50160c = 401007: lea rcx,[401009h]
            501613: lea r11,[501620h]
            50161a: jmp qword ptr [500000h]
            501620 = 401009: cmp rax,0FFFFFFFFFFFFF000h
            501626 = 40100f: jmp 40100Fh
        ",
    );
}

#[test]
fn musl_moves_arguments_first() {
    // mov %rdx, %rsi; mov 8(%rsp), %r8; syscall; ret
    let bytes = [
        0x48, 0x89, 0xd6, 0x4c, 0x8b, 0x44, 0x24, 0x08, 0x0f, 0x05, 0xc3,
    ];
    assert_snapshot(
        &bytes,
        "
            backward
            401000  mov rsi,rdx
            401003| mov r8,[rsp+8h] -> jmp 500008h
            401008! syscall -> 50000d
            40100a  ret
            500008 = 401003: mov r8,[rsp+8h]
            50000d = 401008: lea rcx,[40100Ah]
            500014: lea r11,[500021h]
            50001b: jmp qword ptr [500000h]
            500021 = 40100a: jmp 40100Ah
        ",
    );
}

#[test]
fn go_calls_and_looks_at_the_result() {
    // Syscall6 of internal/runtime/syscall: mov %rdx, %r10; … syscall; cmp $-4095, %rax; jbe …
    let bytes = [
        0x48, 0x89, 0xda, 0x49, 0x89, 0xc8, 0x48, 0x8b, 0x74, 0x24, 0x10, 0x0f, 0x05, 0x48, 0x3d,
        0x01, 0xf0, 0xff, 0xff, 0x76, 0x01, 0xc3, 0xc3,
    ];
    assert_snapshot(
        &bytes,
        "
            backward
            401000  mov rdx,rbx
            401003  mov r8,rcx
            401006| mov rsi,[rsp+10h] -> jmp 500008h
            40100b! syscall -> 50000d
            40100d  cmp rax,0FFFFFFFFFFFFF001h
            401013  jbe 401016h
            401015  ret
            401016  ret
            500008 = 401006: mov rsi,[rsp+10h]
            50000d = 40100b: lea rcx,[40100Dh]
            500014: lea r11,[500021h]
            50001b: jmp qword ptr [500000h]
            500021 = 40100d: jmp 40100Dh
        ",
    );
}

#[test]
fn code_by_hand_exits_before_its_data() {
    // call …; mov $60, %al; syscall; "hello"
    let bytes = [
        0xe8, 0, 0, 0, 0, 0xb0, 60, 0x0f, 0x05, b'h', b'e', b'l', b'l', b'o',
    ];
    assert_snapshot(
        &bytes,
        "
            trap
            401000  call 401005h
            401005  mov al,3Ch
            401007| syscall -> ud2
            401009  push 6F6C6C65h
        ",
    );
}

#[test]
fn a_loop_comes_back_to_a_site_without_room() {
    // jmp …; nopl; syscall; mov %eax, %edx; cmp $-38, %eax; jne …; je the syscall; nopw; ret
    let bytes = [
        0xeb, 0x03, 0x0f, 0x1f, 0x00, 0x0f, 0x05, 0x89, 0xc2, 0x83, 0xf8, 0xda, 0x75, 0xf7, 0xc3,
        0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0xc3,
    ];
    assert_snapshot(
        &bytes,
        "
            short
            401000  jmp 401005h
            401002  nop dword ptr [rax]
            401005| syscall -> jmp 401014h
            401007  mov edx,eax
            401009  cmp eax,0FFFFFFDAh
            40100c  jne 401005h
            40100e  ret
            40100f| nop word ptr cs:[rax+rax] -> nop word ptr cs:[rcx+rbp*8+0FEFEFh]
            401019  ret
            500008 = 401005: lea rcx,[401007h]
            50000f: lea r11,[50001Ch]
            500016: jmp qword ptr [500000h]
            50001c = 401007: jmp 401007h
        ",
    );
}

#[test]
fn references_to_data_are_kept() {
    // mov …(%rip), %edi; je …; syscall
    let bytes = [
        0x8b, 0x3d, 0x00, 0x01, 0, 0, 0x74, 0x02, 0x0f, 0x05, 0x31, 0xc0, 0xc3,
    ];
    assert_snapshot(
        &bytes,
        "
            backward
            401000| mov edi,[401106h] -> jmp 500008h
            401006! je 40100Ah -> 50000e
            401008! syscall -> 500014
            40100a  xor eax,eax
            40100c  ret
            500008 = 401000: mov edi,[401106h]
            50000e = 401006: je 40100Ah
            500014 = 401008: lea rcx,[40100Ah]
            50001b: lea r11,[500028h]
            500022: jmp qword ptr [500000h]
            500028 = 40100a: jmp 40100Ah
        ",
    );
}

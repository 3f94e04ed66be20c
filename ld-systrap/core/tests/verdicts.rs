//! Pairs in code made to mislead: what is proved is true, and what is not proved stays unproved.

mod common;

use common::{assembled, findings};
use ld_systrap_core::image::Image;
use ld_systrap_core::site::Verdict::{self, Data, Site, Unproved};

/// The verdicts on the pairs of a shared object made of `assembly`, in order.
fn verdicts(name: &str, assembly: &str) -> Vec<Verdict> {
    let bytes = assembled(name, assembly);
    let image = Image::parse(&bytes).expect("an image");
    findings(&image)
        .iter()
        .map(|finding| finding.verdict)
        .collect()
}

/// As [`verdicts`], for the body of one function with a frame description.
fn within_function(name: &str, body: &str) -> Vec<Verdict> {
    let assembly = format!(
        ".text\n.globl f\n.type f,@function\nf:\n.cfi_startproc\n{body}\n.cfi_endproc\n.size f,.-f\n"
    );
    verdicts(name, &assembly)
}

#[test]
fn instructions_are_sites() {
    let body = "mov $39,%eax\nsyscall\nint $0x80\ntest %eax,%eax\njs 1f\nret\n1: sysenter";
    assert_eq!(within_function("plain", body), [Site, Site, Site]);
}

#[test]
fn constants_and_displacements_are_data() {
    let body = "mov $0x050f,%eax\nlea 0x050f(%rax),%eax\ncall .+5+0x50f\nret\n.skip 0x600, 0x90";
    assert_eq!(within_function("constants", body), [Data, Data, Data]);
}

#[test]
fn a_pair_made_of_two_instructions_is_data() {
    // movb $0x0f,(%rax) ends with 0f; add $imm32,%eax begins with 05.
    let body = "movb $0x0f,(%rax)\nadd $0x11223344,%eax\nret";
    assert_eq!(within_function("two", body), [Data]);
}

#[test]
fn a_table_behind_a_return_stays_unproved() {
    let body = "lea table(%rip),%rax\nret\ntable: .byte 0x0f,0x05,0xc3\n.quad 0x80cd, 0x340f";
    assert_eq!(
        within_function("table", body),
        [Unproved, Unproved, Unproved]
    );
}

#[test]
fn a_table_between_functions_stays_unproved() {
    let assembly = "
        .text
        .globl f
        .type f,@function
        f: .cfi_startproc
        lea table(%rip),%rdi
        call g
        ret
        .cfi_endproc
        .size f,.-f
        table: .byte 0x0f,0x05,0x90,0x0f,0x05
        .globl g
        .type g,@function
        g: .cfi_startproc
        mov $1,%eax
        syscall
        ret
        .cfi_endproc
        .size g,.-g";
    assert_eq!(verdicts("between", assembly), [Unproved, Unproved, Site]);
}

#[test]
fn a_table_that_a_call_jumps_over_stays_unproved() {
    let body = "call 1f\n.byte 0x0f,0x05,0x90,0x90\n1: pop %rsi\nsyscall\nret";
    assert_eq!(within_function("over", body), [Unproved, Site]);
}

#[test]
fn a_constant_that_is_entered_in_the_middle_stays_unproved() {
    let body = "f1: mov $0x050f,%eax\nret\n.byte 0xeb, f1 + 1 - . - 1";
    // Nothing seen here leads to the jump, so the constant is a constant.
    assert_eq!(within_function("middle", body), [Data]);
    let body = "je f2 + 1\nf2: mov $0x050f,%eax\nret";
    assert_eq!(within_function("overlap", body), [Unproved]);
}

#[test]
fn a_system_call_with_a_prefix_stays_unproved() {
    // The site begins with the prefix: a patch of the pair would be another instruction.
    assert_eq!(
        within_function("prefix", ".byte 0x48\nsyscall\nret"),
        [Unproved]
    );
}

#[test]
fn control_that_runs_into_no_instruction_proves_nothing() {
    let body = "syscall\ncall f\n.byte 0x06\n.byte 0x0f,0x05";
    assert_eq!(within_function("astray", body), [Unproved, Unproved]);
}

#[test]
fn cases_of_a_switch_are_reached_through_their_table() {
    let body = "
        cmp $1,%edi
        ja 9f
        lea 8f(%rip),%rdx
        movslq (%rdx,%rdi,4),%rax
        add %rdx,%rax
        jmp *%rax
        1: mov $1,%eax
        syscall
        ret
        .balign 8
        2: mov $2,%eax
        syscall
        ret
        9: ret
        .section .rodata
        8: .long 1b-8b, 2b-8b
        .text";
    assert_eq!(within_function("switch", body), [Site, Site]);
}

#[test]
fn code_after_the_end_of_its_frame_description_is_reached_from_before() {
    let assembly = "
        .text
        .globl f
        .type f,@function
        f: .cfi_startproc
        mov $435,%eax
        .cfi_endproc
        syscall
        ret
        .size f,.-f
        .byte 0x0f,0x05";
    assert_eq!(verdicts("early", assembly), [Site, Unproved]);
}

#[test]
fn code_without_any_name_is_reached_through_calls() {
    let assembly = "
        .text
        .globl f
        .type f,@function
        f: call g
        jmp h
        .size f,.-f
        .byte 0x0f,0x05,0xc3
        g: mov $1,%eax
        syscall
        ret
        h: mov $2,%eax
        syscall
        ret";
    assert_eq!(verdicts("nameless", assembly), [Unproved, Site, Site]);
}

#[test]
fn unlikely_code_behind_a_deliberate_fault_is_known_by_what_it_calls() {
    let assembly = "
        .text
        .globl f
        .type f,@function
        f: .cfi_startproc
        jmp g
        movslq %esi,%rax
        mov %rax,8(%rdi)
        ud2
        mov $7,%edx
        call g
        mov $0x050f,%esi
        call g
        .cfi_endproc
        .size f,.-f
        .type g,@function
        g: .cfi_startproc
        ret
        .cfi_endproc
        .size g,.-g";
    assert_eq!(verdicts("unlikely", assembly), [Data]);
}

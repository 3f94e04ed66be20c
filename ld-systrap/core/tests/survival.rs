//! Damaged and invented files are refused or described, and never make the parsers panic.

mod common;

use common::{Random, assembled, installed, run, scratch};
use ld_systrap_core::audit;
use ld_systrap_core::image::{Image, ImageError};
use ld_systrap_core::site::Survey;
use std::hint::black_box;
use std::process::Command;

/// Asks everything that can be asked about a file.
fn exercise(bytes: &[u8]) -> bool {
    let image = match Image::parse(bytes) {
        Ok(image) => image,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            black_box(error.native_errno());
            return false;
        }
    };
    black_box((image.kind(), image.entry(), image.span(), image.alignment()));
    black_box((
        image.interpreter(),
        image.stack_executable(),
        image.program_headers_address(),
    ));
    black_box((
        image.program_header_count(),
        image.has_dynamic(),
        image.build_id(),
    ));
    black_box((
        image.soname(),
        image.needed().count(),
        image.segments().count(),
    ));
    for at in [0, 64, image.entry(), image.span().end, u64::MAX] {
        black_box((image.address_of_offset(at), image.offset_of_address(at)));
    }
    let survey = Survey::new(&image);
    black_box(survey.findings(0..u64::MAX));
    black_box(survey.findings(u64::MAX - 1..u64::MAX));
    let mut text = String::new();
    audit::report(&image, &mut text).expect("a String takes everything");
    true
}

/// Numbers at which sums overflow, sizes end and signs change.
const EDGES: [u64; 12] = [
    0,
    1,
    2,
    0xfff,
    0x1000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    i64::MAX as u64,
    1 << 63,
    u64::MAX - 0xfff,
    u64::MAX,
];

/// Changes a few places of `bytes`, most of them where structures are.
fn damage(bytes: &mut Vec<u8>, interesting: &[usize], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = match random.below(3) {
            0 => random.below(bytes.len()),
            _ => interesting[random.below(interesting.len())] + random.below(64),
        };
        let Some(place) = bytes.get_mut(at..) else {
            continue;
        };
        let width = [1, 2, 4, 8][random.below(4)].min(place.len());
        let value = match random.below(3) {
            0 => random.next(),
            1 => EDGES[random.below(EDGES.len())],
            _ => bytes_at(place)
                .wrapping_add(random.next() % 17)
                .wrapping_sub(8),
        };
        place[..width].copy_from_slice(&value.to_le_bytes()[..width]);
    }
    for _ in 0..random.below(3) {
        let at = random.below(bytes.len() - 1);
        let pair = [[0x0f, 0x05], [0xcd, 0x80], [0x0f, 0x34]][random.below(3)];
        bytes[at..at + 2].copy_from_slice(&pair);
    }
    if random.below(8) == 0 {
        bytes.truncate(random.below(bytes.len()));
    }
}

fn bytes_at(place: &[u8]) -> u64 {
    place
        .first_chunk()
        .map_or(0, |word| u64::from_le_bytes(*word))
}

/// Where the structures of a file begin: headers, sections and what the sections hold.
fn structures(bytes: &[u8]) -> Vec<usize> {
    let word = |at: usize, width: usize| {
        let mut word = [0; 8];
        if let Some(found) = bytes.get(at..at + width) {
            word[..width].copy_from_slice(found);
        }
        u64::from_le_bytes(word) as usize
    };
    let sections = word(40, 8);
    let mut found = vec![
        0, 0, 64, 64, 120, 176, 232, 288, 344, 400, 456, 512, 568, 624,
    ];
    for index in 0..word(60, 2) {
        found.extend([sections + index * 64, word(sections + index * 64 + 24, 8)]);
    }
    found
}

fn damaged_files(seed: &[u8], cases: u64, number: u64) {
    let interesting = structures(seed);
    assert!(exercise(seed));
    let mut accepted = 0;
    for case in 0..cases {
        let mut bytes = seed.to_vec();
        damage(
            &mut bytes,
            &interesting,
            &mut Random::new(number << 32 | case),
        );
        accepted += u64::from(exercise(&bytes));
    }
    assert!(
        accepted > cases / 10,
        "only {accepted} of {cases} got past the headers"
    );
}

#[test]
fn damaged_programs_never_panic() {
    damaged_files(&installed("/usr/bin/true", "coreutils"), 30000, 1);
}

#[test]
fn damaged_handwritten_objects_never_panic() {
    let assembly = "
        .text
        .globl f
        .type f,@function
        f: .cfi_startproc
        lea 8f(%rip),%rdx
        movslq (%rdx,%rdi,4),%rax
        add %rdx,%rax
        jmp *%rax
        1: syscall
        call g
        .byte 0x0f,0x05
        .cfi_endproc
        .size f,.-f
        g: mov $1,%eax
        syscall
        jmp f
        .section .rodata
        8: .long 1b-8b, 1b-8b
        .quad 1b";
    damaged_files(&assembled("seed", assembly), 40000, 2);
}

#[test]
fn damaged_musl_programs_never_panic() {
    let directory = scratch("survival");
    let (source, program) = (directory.join("main.c"), directory.join("musl"));
    std::fs::write(&source, "int main(void) { return 0; }\n").expect("the source");
    run(
        Command::new("musl-gcc")
            .args(["-static", "-o"])
            .arg(&program)
            .arg(&source),
        "musl-tools",
    );
    damaged_files(&std::fs::read(program).expect("what gcc made"), 10000, 3);
}

#[test]
fn damaged_cpp_programs_never_panic() {
    let directory = scratch("survival");
    let (source, program) = (directory.join("main.cc"), directory.join("cpp"));
    let text = "
        #include <string>
        struct Guard { ~Guard(); };
        Guard::~Guard() { asm volatile(\"syscall\" ::: \"rax\", \"rcx\", \"r11\"); }
        void g(std::string &);
        int main(int argc, char **) {
            try { Guard guard; std::string s(argc, 'x'); if (argc > 3) throw s; return s.size(); }
            catch (std::string &) { asm volatile(\"int $0x80\" ::: \"rax\"); return 1; }
        }";
    std::fs::write(&source, text).expect("the source");
    run(
        Command::new("g++")
            .args(["-O2", "-o"])
            .arg(&program)
            .arg(&source),
        "g++",
    );
    damaged_files(&std::fs::read(program).expect("what gcc made"), 20000, 4);
}

#[test]
fn damaged_go_tables_never_panic() {
    // The header of a pclntab of each format, with two functions, in an otherwise bare image.
    let assembly = "
        .text
        .globl f
        f: syscall
        ret
        g: syscall
        ret
        .section .gopclntab,\"a\"
        .long 0xfffffff1
        .byte 0,0,1,8
        .quad 2, 0, 0, 0, 0, 0, 0, 72
        .long 0x1000,0,0x1003,0,0x1006
        .long 0xfffffffa
        .byte 0,0,1,8
        .quad 2, 0, 0, 0, 0, 0, 64
        .quad 0x1000,0,0x1003,0,0x1006,0";
    damaged_files(&assembled("pclntab", assembly), 30000, 5);
}

#[test]
fn invented_files_never_panic() {
    let header = &installed("/usr/bin/true", "coreutils")[..1024];
    for case in 0..100_000 {
        let mut random = Random::new(6 << 32 | case);
        let mut bytes: Vec<u8> = (0..random.below(2048))
            .map(|_| random.next() as u8)
            .collect();
        let kept = random.below(header.len()).min(bytes.len());
        bytes[..kept].copy_from_slice(&header[..kept]);
        exercise(&bytes);
    }
}

#[test]
fn headers_at_any_alignment_are_read() {
    let bytes = installed("/usr/bin/true", "coreutils");
    for shift in 0..8 {
        let mut shifted = vec![0; shift];
        shifted.extend_from_slice(&bytes);
        assert!(exercise(&shifted[shift..]));
    }
}

#[test]
fn files_that_are_no_programs_are_refused_in_words() {
    let good = installed("/usr/bin/true", "coreutils");
    let with = |changes: &[(usize, u8)]| {
        let mut bytes = good.clone();
        changes.iter().for_each(|(at, value)| bytes[*at] = *value);
        bytes
    };
    let cases: [(Vec<u8>, &str); 9] = [
        (Vec::new(), "is empty"),
        (b"#!/bin/sh\n".to_vec(), "is not an ELF file"),
        (
            good[..40].to_vec(),
            "is truncated: its ELF header is cut off",
        ),
        (
            good[..100].to_vec(),
            "is truncated: its program headers lie outside the file",
        ),
        (
            with(&[(18, 3)]),
            "is a 32-bit program; only x86-64 programs can run",
        ),
        (
            with(&[(18, 183)]),
            "is made for another architecture (AArch64)",
        ),
        (with(&[(16, 1)]), "is an object file, not a program"),
        (with(&[(16, 4)]), "is a core file, not a program"),
        (with(&[(56, 0), (57, 0)]), "has no loadable segment"),
    ];
    for (bytes, words) in cases {
        let error: Option<ImageError> = Image::parse(&bytes).err();
        assert_eq!(error.map(|error| error.to_string()).as_deref(), Some(words));
    }
}

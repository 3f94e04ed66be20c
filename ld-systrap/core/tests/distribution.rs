//! The pairs of real files are proved to be what they are.

mod common;

use common::{counts, findings, installed, run, scratch};
use ld_systrap_core::image::{Image, Kind};
use ld_systrap_core::site::{Survey, Verdict};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Instant;

const LIBC: &str = "/lib/x86_64-linux-gnu/libc.so.6";

#[test]
fn every_system_call_of_glibc_is_proved_and_nothing_else_is() {
    let (sites, data, unproved) = counts(&installed(LIBC, "libc6"));
    assert!(sites > 400, "{sites} sites, {data} data");
    assert_eq!(unproved, 0);
    let (sites, data, unproved) = counts(&installed("/lib64/ld-linux-x86-64.so.2", "libc6"));
    assert!(sites > 30, "{sites} sites, {data} data");
    assert_eq!(unproved, 0);
}

#[test]
fn verdicts_on_glibc_agree_with_the_boundaries_that_objdump_prints() {
    let bytes = installed(LIBC, "libc6");
    let image = Image::parse(&bytes).expect("an image");
    let text = run(
        Command::new("objdump").args(["-d", "--no-show-raw-insn", LIBC]),
        "binutils",
    );
    let mut calls = BTreeSet::new();
    for line in text.lines() {
        let Some((address, instruction)) = line.split_once(":\t") else {
            continue;
        };
        let Ok(address) = u64::from_str_radix(address.trim(), 16) else {
            continue;
        };
        if ["syscall", "sysenter", "int    $0x80"].contains(&instruction.trim()) {
            calls.insert(address);
        }
    }
    let sites: BTreeSet<u64> = findings(&image)
        .into_iter()
        .filter(|finding| finding.verdict == Verdict::Site)
        .map(|finding| finding.address)
        .collect();
    let difference: Vec<_> = calls.symmetric_difference(&sites).collect();
    assert!(
        difference.is_empty(),
        "objdump sees it differently at {difference:x?}"
    );
}

#[test]
fn system_calls_are_named_after_the_functions_that_make_them() {
    let bytes = installed(LIBC, "libc6");
    let image = Image::parse(&bytes).expect("an image");
    let survey = Survey::new(&image);
    let named: BTreeSet<_> = findings(&image)
        .iter()
        .filter(|finding| finding.verdict == Verdict::Site)
        .filter_map(|finding| survey.name(finding.address))
        .filter(|name| name.distance < name.size)
        .map(|name| name.name)
        .collect();
    for name in ["clone", "getpid", "rename", "syscall"] {
        assert!(named.contains(name.as_bytes()), "{name}");
    }
}

#[test]
fn pairs_in_node_are_displacements_and_constants() {
    let Ok(bytes) = std::fs::read("/usr/bin/node") else {
        panic!("/usr/bin/node is missing: apt-get install nodejs");
    };
    let (sites, data, _) = counts(&bytes);
    assert_eq!(sites, 0);
    assert!(data > 0 || bytes.len() < 1 << 20);
}

#[test]
fn musl_is_proved_without_frame_descriptions() {
    let (sites, data, unproved) = counts(&installed("/lib/ld-musl-x86_64.so.1", "musl"));
    assert!(
        sites > 20 * unproved,
        "{sites} sites, {data} data, {unproved} unproved"
    );
}

#[test]
fn go_programs_are_proved_stripped_or_not() {
    let directory = scratch("go");
    let source = directory.join("main.go");
    std::fs::write(
        &source,
        "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(0) }\n",
    )
    .expect("the source");
    for (name, flags) in [
        ("plain", &["-ldflags="][..]),
        ("stripped", &["-ldflags=-s -w"]),
        ("pie", &["-buildmode=pie", "-ldflags=-s -w"]),
    ] {
        let program = directory.join(name);
        let mut go = Command::new("go");
        go.arg("build")
            .args(flags)
            .arg("-o")
            .arg(&program)
            .arg(&source);
        go.env("GOCACHE", directory.join("cache"))
            .env("CGO_ENABLED", "0")
            .env("GO111MODULE", "off");
        run(&mut go, "golang-go");
        let (sites, data, unproved) = counts(&std::fs::read(&program).expect("what go made"));
        assert!(
            sites > 20 && unproved == 0,
            "{name}: {sites}, {data} data, {unproved} unproved"
        );
    }
}

#[test]
fn static_programs_are_proved_stripped_or_not() {
    let directory = scratch("static");
    let source = directory.join("main.c");
    std::fs::write(
        &source,
        "#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n",
    )
    .expect("the source");
    for (name, flags) in [
        ("static", &["-static"][..]),
        ("static-stripped", &["-static", "-s"]),
        ("static-pie", &["-static-pie", "-s"]),
    ] {
        let program = directory.join(name);
        run(
            Command::new("gcc")
                .args(flags)
                .arg("-o")
                .arg(&program)
                .arg(&source),
            "gcc",
        );
        let (sites, data, unproved) = counts(&std::fs::read(&program).expect("what gcc made"));
        assert!(
            sites > 50 && unproved == 0,
            "{name}: {sites}, {data} data, {unproved} unproved"
        );
    }
}

#[test]
fn an_image_tells_what_a_loader_needs() {
    let bytes = installed("/usr/bin/env", "coreutils");
    let image = Image::parse(&bytes).expect("an image");
    assert_eq!(image.kind(), Kind::Dynamic);
    assert_eq!(
        image.interpreter(),
        Some(&b"/lib64/ld-linux-x86-64.so.2"[..])
    );
    assert_eq!(image.needed().collect::<Vec<_>>(), [&b"libc.so.6"[..]]);
    assert_eq!(image.program_headers_address(), Some(64));
    assert_eq!(image.stack_executable(), Some(false));
    assert_eq!(image.build_id().map(<[u8]>::len), Some(20));
    let entry = image.offset_of_address(image.entry()).expect("in the file");
    assert_eq!(image.address_of_offset(entry), Some(image.entry()));
    let span = image.span();
    assert!(span.contains(&image.entry()) && span.start % 4096 == 0 && span.end % 4096 == 0);

    let bytes = installed(LIBC, "libc6");
    let image = Image::parse(&bytes).expect("an image");
    assert_eq!(image.soname(), Some(&b"libc.so.6"[..]));
}

#[test]
fn glibc_is_surveyed_in_a_few_milliseconds() {
    let bytes = installed(LIBC, "libc6");
    let image = Image::parse(&bytes).expect("an image");
    let survey = Survey::new(&image);
    let begun = Instant::now();
    let text = image
        .segments()
        .find(|segment| segment.executable)
        .expect("text");
    let found = survey
        .findings(text.offset..text.offset + text.file_size)
        .len();
    let effort = survey.effort();
    println!("{found} pairs in {:?}: {effort:?}", begun.elapsed());
    // The time depends on the machine; what is decoded does not.
    assert!(effort.instructions < 60_000, "{effort:?}");
}

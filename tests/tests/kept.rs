//! What was found about an image is kept for the next process, and only used for the same image.

use std::fs;
use std::path::Path;
use std::process::Command;

use ld_systrap_tests::built;
use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::tool;
use ld_systrap_tests::way::Interpreter;

/// Makes call 502, and call 503 once its two `nop` are a `syscall`.
const PROGRAM: &str = r#"int main(void) {
    int result;
    __asm__ volatile("mov $502, %%eax\n syscall\n mov $503, %%eax\n nop\n nop\n"
        : "=a"(result) : : "rcx", "r11", "memory");
    return 0;
}
"#;

/// What the program calls besides what is known by a name.
fn calls(program: &Path, record: &Path) -> Vec<String> {
    let status = Command::new(Interpreter::Stock.path())
        .args(["--patch-after=0", "-o"])
        .args([record, program])
        .status();
    assert!(status.is_ok_and(|status| status.success()));
    let record = fs::read_to_string(record).expect("the tracer has written it");
    let unknown = record.lines().filter(|line| line.starts_with("syscall_"));
    unknown
        .map(|line| line.split('(').next().unwrap_or_default().to_owned())
        .collect()
}

/// How many tables a run of the program adds.
fn added(program: &Path, record: &Path) -> usize {
    let status = Command::new(tool::find("strace").expect("strace is there"))
        .args(["-e", "trace=renameat", "-e", "signal=none", "-o"])
        .arg(record)
        .arg(Interpreter::Stock.path())
        .args(["--patch-after=0", "-o", "/dev/null"])
        .arg(program)
        .status();
    assert!(status.is_ok_and(|status| status.success()));
    let record = fs::read_to_string(record).expect("strace has written it");
    record.matches("renameat(").count()
}

fn is_used_for_the_same_image_only(test: &str, flag: &str) {
    let directory = Directory::new(test);
    let program = built::build_text("program.c", PROGRAM, &["-O1", flag], &directory);
    let record = directory.work().join("record");
    assert_ne!(added(&program, &record), 0);
    assert_eq!(added(&program, &record), 0);
    assert_eq!(calls(&program, &record), ["syscall_0x1f6"]);

    let mut bytes = fs::read(&program).expect("it was just built");
    let before = [0xb8, 0xf7, 0x01, 0, 0, 0x90, 0x90];
    let at = bytes.windows(7).position(|window| window == before);
    let at = at.expect("the nops are there") + 5;
    bytes[at..at + 2].copy_from_slice(&[0x0f, 0x05]);
    fs::write(&program, bytes).expect("it can be written to");
    let expected = ["syscall_0x1f6", "syscall_0x1f7"];
    assert_eq!(calls(&program, &record), expected, "the file has changed");
    directory.remove();
}

#[test]
fn a_table_is_used_for_an_image_with_the_same_build_id_until_it_is_edited() {
    is_used_for_the_same_image_only("kept-build-id", "-Wl,--build-id");
}

#[test]
fn a_table_is_used_for_an_image_without_a_build_id_with_the_same_code() {
    is_used_for_the_same_image_only("kept-no-build-id", "-Wl,--build-id=none");
}

//! `ld-systrap --audit` lists every system call instruction of an image, and every byte pair that
//! only looks like one.

use std::path::Path;
use std::process::{Command, Output};

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way::Interpreter;
use ld_systrap_tests::{built, tool};

fn audit(names: &[&str], directory: &Path) -> Output {
    let mut command = Command::new(Interpreter::Stock.path());
    command.arg("--audit").args(names).current_dir(directory);
    command.env("PATH", tool::PATH);
    command.output().expect("the interpreter can be started")
}

/// A line of the report: address, opcode, verdict, tactic, function.
struct Line {
    address: u64,
    opcode: String,
    verdict: String,
    tactic: String,
    function: String,
}

/// The lines of a report on one image, and its totals: sites, data, unproved.
fn read(report: &str) -> (Vec<Line>, [usize; 3]) {
    let mut lines: Vec<&str> = report.lines().collect();
    assert!(lines.remove(0).ends_with(':'), "{report}");
    let totals = lines.pop().expect("there are totals");
    let (counts, _tactics) = totals.split_once(';').expect("tactics are counted");
    let counts: Vec<_> = counts
        .split(", ")
        .zip(["sites", "data", "unproved"])
        .map(|(count, what)| {
            let number = count.strip_suffix(what).map(str::trim);
            number
                .and_then(|it| it.parse().ok())
                .expect("a number, and of what")
        })
        .collect();
    let line = |line: &&str| {
        let line = line.replace("int $0x80", "int80");
        let words: Vec<&str> = line.split_whitespace().collect();
        let address = words[0].strip_prefix("0x").expect("an address comes first");
        Line {
            address: u64::from_str_radix(address, 16).expect("addresses are hexadecimal"),
            opcode: words[1].into(),
            verdict: words[2].into(),
            tactic: words[3].into(),
            function: words[4].into(),
        }
    };
    (
        lines.iter().map(line).collect(),
        counts.try_into().expect("three numbers"),
    )
}

/// The addresses of the instructions that objdump, which sweeps from symbol to symbol, calls
/// `syscall`.
fn objdump(image: &Path) -> Vec<u64> {
    let output = Command::new(tool::find("objdump").expect("binutils are there"))
        .args(["-d", "--no-show-raw-insn"])
        .arg(image)
        .output()
        .expect("objdump can be started");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_once(":\t"))
        .filter(|(_, instruction)| instruction.trim() == "syscall")
        .filter_map(|(address, _)| u64::from_str_radix(address.trim(), 16).ok())
        .collect()
}

#[test]
fn every_system_call_instruction_of_the_c_library_is_a_site() {
    let directory = Directory::new("audit of libc");
    let library = Path::new("/lib/x86_64-linux-gnu/libc.so.6");
    let output = audit(&["/lib/x86_64-linux-gnu/libc.so.6"], directory.root());
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let (lines, [sites, data, unproved]) = read(&String::from_utf8_lossy(&output.stdout));
    let of = |verdict: &str| lines.iter().filter(|line| line.verdict == verdict).count();
    assert_eq!(
        [of("site"), of("data"), of("unproved")],
        [sites, data, unproved]
    );
    assert_eq!(unproved, 0);
    let found: Vec<u64> = lines
        .iter()
        .filter(|line| line.verdict == "site" && line.opcode == "syscall")
        .map(|line| line.address)
        .collect();
    assert_eq!(found, objdump(library));
    assert!(found.len() > 400, "{} sites", found.len());
    // Each site has a tactic, and its function a name or a start.
    for line in lines.iter().filter(|line| line.verdict == "site") {
        assert_ne!(line.tactic, "-", "{:#x}", line.address);
        assert_ne!(line.function, "-", "{:#x}", line.address);
    }
    assert!(lines.iter().any(|line| line.function == "kill+0x5"));
    directory.remove();
}

#[test]
fn what_is_data_and_what_is_not_proved_is_told_apart() {
    const SOURCE: &str = r#"
        .text
        .globl _start
        .type _start, @function
        _start:
          .cfi_startproc
          mov $0x90c3050f, %eax     # data: 0f 05 in an immediate
          mov $39, %eax
          syscall
          mov $20, %eax
          int $0x80
          mov $231, %eax
          syscall
          hlt
          .cfi_endproc
        .size _start, . - _start
        .zero 64
        .byte 0x0f, 0x05            # nobody knows what this is
        .zero 64
    "#;
    let directory = Directory::new("audit of data");
    let work = directory.work();
    let _ = built::build_text("image.S", SOURCE, &["-nostdlib", "-static"], &directory);
    let output = audit(&["./image"], &work);
    let (lines, totals) = read(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(totals, [3, 1, 1], "{output:?}");
    let verdicts: Vec<_> = lines
        .iter()
        .map(|line| format!("{} {}", line.opcode, line.verdict))
        .collect();
    assert_eq!(
        verdicts,
        [
            "syscall data",
            "syscall site",
            "int80 site",
            "syscall site",
            "syscall unproved"
        ],
        "{output:?}"
    );
    directory.remove();
}

#[test]
fn programs_are_looked_up_and_several_reported_in_order() {
    let directory = Directory::new("audit of programs");
    let output = audit(&["true", "ls"], directory.root());
    let report = String::from_utf8_lossy(&output.stdout);
    let heads: Vec<_> = report.lines().filter(|line| line.ends_with(':')).collect();
    assert_eq!(heads.len(), 2, "{report}");
    assert!(
        heads[0].ends_with("/true:") && heads[1].ends_with("/ls:"),
        "{report}"
    );
    directory.remove();
}

#[test]
fn several_images_have_totals_and_one_that_is_none_is_passed_over() {
    let directory = Directory::new("audit of several");
    let libraries = [
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/lib64/ld-linux-x86-64.so.2",
    ];
    let names = [libraries[0], "/etc/passwd", "/nonexistent", libraries[1]];
    let output = audit(&names, directory.root());
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    let one = |library| {
        let output = audit(&[library], directory.root());
        read(&String::from_utf8_lossy(&output.stdout)).1
    };
    let (c, ld) = (one(libraries[0]), one(libraries[1]));
    let [sites, data, unproved] = [0, 1, 2].map(|kind| c[kind] + ld[kind]);
    let totals =
        format!("2 images: {sites} sites, {data} data, {unproved} unproved; by backward: ");
    let last = report.lines().last().unwrap_or_default();
    assert!(last.starts_with(&totals), "{totals}, not {last}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let wrong: Vec<_> = stderr.lines().collect();
    assert_eq!(wrong.len(), 2, "{stderr}");
    assert!(wrong[0].starts_with("ld-systrap: /etc/passwd"), "{stderr}");
    assert!(wrong[1].starts_with("ld-systrap: /nonexistent"), "{stderr}");
    assert_eq!(output.status.code(), Some(127), "{output:?}");
    directory.remove();
}

#[test]
fn what_is_no_image_is_refused_in_one_line() {
    let directory = Directory::new("audit refused");
    std::fs::write(directory.work().join("text"), "hello\n").expect("a directory takes files");
    for (names, status) in [
        (&["./text"][..], 126),
        (&["/nonexistent/image"], 127),
        (&["no-such-program"], 127),
        (&["/etc"], 126),
        (&[], 127),
    ] {
        let output = audit(names, &directory.work());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{names:?}: {output:?}");
        assert!(
            stderr.starts_with("ld-systrap: ") && stderr.lines().count() == 1,
            "{names:?}: {output:?}"
        );
    }
    directory.remove();
}

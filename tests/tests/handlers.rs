//! Handlers may look, change, answer, and are told of threads, processes, images and signals.
//!
//! The handlers are in `handlers/`, each a binary of this package; the programs they are tried on
//! are in `programs/handled/`.

use std::path::Path;
use std::process::{Command, Output};

use ld_systrap_tests::built;
use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way;

/// Builds a program and runs it under a handler, in a directory of its own.
fn run(handler: &str, options: &[&str], program: &str, directory: &Directory) -> Output {
    let _ = built::build(&format!("handled/{program}"), directory);
    let output = Command::new(way::binary(handler))
        .args(options)
        .arg("--")
        .arg(format!("./{program}"))
        .current_dir(directory.work())
        .output();
    output.expect("the interpreter can be started")
}

#[test]
fn a_handler_changes_numbers_arguments_results_and_memory() {
    let directory = Directory::new("change");
    let output = run("change", &[], "changed", &directory);
    let expected = "getppid 12345\ncall 500 is getpid 1\ncall 501 is dup 1\n\
        and keeps its arguments 1 1\ncall 504 gives 97 and keeps its arguments 1\ngetuid 1000\n\
        node elsewhere\nbad uname -14\nopen -1 Permission denied\nbad open -14\n\
        made 0, again -17\nseen 0, then 1\n";
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        expected,
        "{output:?}"
    );
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    directory.remove();
}

#[test]
fn a_handler_is_told_of_threads_processes_images_and_signals() {
    let directory = Directory::new("count");
    // Of images it is told when they are patched.
    let output = run("count", &["--patch-after=0"], "counted", &directory);
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let counts = std::fs::read_to_string(directory.work().join("counts")).unwrap_or_default();
    let expected = "exit 4, threads 0 0, calls 2 2, signals 0, images true, child true\n\
        exit 9, threads 1 0, calls 1 1, signals 0, images true, child false\n\
        exit 5, threads 4 3, calls 3 3, signals 2, images true, child false\n";
    assert_eq!(counts, expected, "{output:?}");
    directory.remove();
}

/// Also where no handler wants to see the calls by which a program looks for them.
#[test]
fn descriptors_of_the_interpreter_are_not_there() {
    let directory = Directory::new("descriptors");
    for handler in ["null", "uninterested"] {
        let output = run(handler, &[], "descriptors", &directory);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            said, "0 found; executed again: yes\n",
            "{handler}: {output:?}"
        );
    }
    directory.remove();
}

#[test]
fn a_handler_that_refuses_to_start_ends_the_process() {
    let output = Command::new(way::binary("change"))
        .args(["--what", "true"])
        .output();
    let output = output.expect("the interpreter can be started");
    assert_eq!(output.status.code(), Some(127), "{output:?}");
    assert!(output.stderr.starts_with(b"ld-systrap: "), "{output:?}");
}

#[test]
fn every_handler_has_the_options_of_the_interpreter() {
    let output = |handler, option| {
        let output = Command::new(way::binary(handler)).arg(option).output();
        let output = output.expect("the interpreter can be started");
        assert!(output.status.success() && output.stderr.is_empty());
        String::from_utf8(output.stdout).expect("it is text")
    };
    for handler in ["deny-network", "change"] {
        assert_eq!(output(handler, "--version"), output(handler, "-V"));
        let help = output(handler, "-h");
        assert_eq!(output(handler, "--help"), help);
        let binary = way::binary(handler);
        let name = binary.file_name().unwrap_or_default().to_string_lossy();
        for part in [
            &format!("usage: {name} "),
            "\n  --seal=",
            "\n  --patch-after=",
        ] {
            assert!(help.contains(part), "{part}: {help}");
        }
    }
    assert!(output("deny-network", "-h").contains("\n\nRuns PROGRAM without the network.\n\n"));
}

#[test]
fn the_example_denies_the_network_and_nothing_else() {
    let script = "import socket, errno\n\
        for family in socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK:\n    \
            try: socket.socket(family, socket.SOCK_DGRAM); print(family.name, 'is there')\n    \
            except OSError as error: print(family.name, errno.errorcode[error.errno])\n\
        socket.socketpair(); print(socket.socket(socket.AF_UNIX).family.name)\n";
    let run = |interpreter: &[&str]| {
        let mut command = Command::new(way::binary("deny-network"));
        command.args(interpreter).args(["python3", "-c", script]);
        command.output().expect("the interpreter can be started")
    };
    for output in [run(&["--"]), run(&["--", "bash", "-c", "\"$@\"", "-"])] {
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "AF_INET EACCES\nAF_INET6 EACCES\nAF_NETLINK EACCES\nAF_UNIX\n",
            "{output:?}"
        );
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
    }
}

#[test]
fn the_readme_shows_the_example_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("it is there");
    let shown = read("README.md");
    let shown = shown
        .split("```rust\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    assert_eq!(
        shown,
        Some(read("handlers/deny-network/src/main.rs").as_str())
    );
}

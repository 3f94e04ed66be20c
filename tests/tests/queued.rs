//! Realtime signals between processes: none is lost and none overtakes another, however many there are.

use std::process::Command;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::{tool, way};

/// What is recorded of each is too much for the stock interpreter, whose turn it is in `programs/` with
/// some thousands.
#[test]
fn a_million_queued_signals_come_in_order() {
    let directory = Directory::new("queued");
    let program = directory.work().join("queued");
    let source = "programs/signal_between_processes.c";
    let built = Command::new(tool::find("gcc").expect("a compiler is there"))
        .args(["-O1", "-o"])
        .arg(&program)
        .arg(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(source))
        .status();
    assert!(built.is_ok_and(|status| status.success()));
    for handler in ["null", "uninterested"] {
        let mut command = Command::new(way::binary(handler));
        let output = command.arg("--").arg(&program).arg("1000000").output();
        let output = output.expect("the program can be started");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said, "in order: 1000000\n", "{handler}: {output:?}");
    }
    directory.remove();
}

//! Forks amid calls that the runtime handles, as many as it takes for a rare order of things to occur.

use std::process::Command;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::{built, way};

/// A minute's worth; `programs/` has some hundreds for all ways and handlers.
#[test]
fn ten_thousand_forks_in_a_process_with_fifty_threads_in_the_handler_go_well() {
    let directory = Directory::new("forks");
    let program = built::build("fork_with_fifty_threads", &directory);
    let mut command = Command::new(way::binary("null"));
    let output = command.arg("--").arg(&program).arg("10000").output();
    let output = output.expect("the program can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "children that ended well: 10000\n", "{output:?}");
    directory.remove();
}

//! The record goes into a pipe that is full most of the time.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way::Interpreter;
use ld_systrap_tests::{built, record};

/// Neither signals nor a pipe that takes nothing just now, and says so, cost a line, or the program anything but
/// time.
#[test]
fn a_slow_reader_gets_every_line_whole() {
    let directory = Directory::new("slow reader");
    let program = built::build("recorded/interrupted", &directory);
    let mut child = Command::new(Interpreter::Stock.path())
        .arg("--")
        .arg(program)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the interpreter can be started");
    let mut pipe = child.stderr.take().expect("it is a pipe");
    thread::sleep(Duration::from_millis(200)); // the pipe fills
    let (mut kept, mut piece) = (Vec::new(), [0; 3000]);
    loop {
        match pipe.read(&mut piece).expect("a pipe can be read") {
            0 => break,
            size => kept.extend_from_slice(&piece[..size]),
        }
        thread::sleep(Duration::from_millis(1));
    }
    let output = child.wait_with_output().expect("it is waited for once");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "well 5000, interrupted 1\n", "{output:?}");
    let record = String::from_utf8_lossy(&kept);
    assert_eq!(record::torn_line(&record), None);
    // One that a signal came before has a line that says so, and is then made.
    let is_made =
        |line: &&str| line.starts_with("syscall_0x1f6(") && line.contains(" = -1 ENOSYS ");
    assert_eq!(record.lines().filter(is_made).count(), 5000);
    directory.remove();
}

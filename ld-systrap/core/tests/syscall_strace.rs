//! The text of calls is that of strace(1): programs run under both, and their lines are compared.
//!
//! Needs strace, permission to trace, and a C compiler.

use ld_systrap_core::address::{Address, Fault, Memory};
use ld_systrap_core::syscall::{
    Abi, CallView, LONGEST, Returned, write_entry, write_exit, write_signal, write_signal_name,
};
use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

unsafe extern "C" {
    fn ptrace(request: c_long, pid: c_int, address: *mut c_void, data: *mut c_void) -> c_long;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn personality(persona: c_ulong) -> c_int;
}

const PTRACE_TRACEME: c_long = 0;
const PTRACE_GETREGS: c_long = 12;
const PTRACE_SYSCALL: c_long = 24;
const PTRACE_SETOPTIONS: c_long = 0x4200;
const PTRACE_GETSIGINFO: c_long = 0x4202;
const PTRACE_O_TRACESYSGOOD: usize = 1;
const PTRACE_O_TRACEEXEC: usize = 0x10;
const PTRACE_EVENT_EXEC: i32 = 4;
const ADDR_NO_RANDOMIZE: c_ulong = 0x0004_0000;
const SIGTRAP: i32 = 5;

/// Indexes of `struct user_regs_struct`.
const R10: usize = 7;
const R9: usize = 8;
const R8: usize = 9;
const RAX: usize = 10;
const RDX: usize = 12;
const RSI: usize = 13;
const RDI: usize = 14;
const ORIG_RAX: usize = 15;

struct Program(File);

impl Memory for Program {
    fn read(&self, from: Address, into: &mut [u8]) -> Result<(), Fault> {
        self.0.read_exact_at(into, from.0).map_err(|_| Fault)
    }
}

fn request(number: c_long, pid: c_int, data: *mut c_void) -> c_long {
    // SAFETY: `data` is what each request below asks for, and outlives the call.
    unsafe { ptrace(number, pid, std::ptr::null_mut(), data) }
}

/// Runs a program of one thread and returns its number and a line for each call and signal.
#[expect(clippy::zombie_processes, reason = "waitpid sees the end of it")]
fn trace(program: &Path, arguments: &[&str], directory: &Path) -> (c_int, Vec<String>) {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.current_dir(directory);
    // SAFETY: both are plain system calls.
    let start = || unsafe {
        personality(ADDR_NO_RANDOMIZE);
        ptrace(
            PTRACE_TRACEME,
            0,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        );
        Ok(())
    };
    // SAFETY: `start` allocates nothing and takes no lock.
    unsafe { command.pre_exec(start) };
    let child = command.spawn().expect("the program starts");
    let pid = child.id() as c_int;
    let mut lines = Vec::new();
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    unsafe { waitpid(pid, &mut status, 0) };
    let options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
    request(PTRACE_SETOPTIONS, pid, options as *mut c_void);
    // Opened only now: before exec it would be the memory of the test itself.
    let mut memory = Program(File::open(format!("/proc/{pid}/mem")).expect("memory opens"));
    let mut current: Option<(CallView, String, ld_systrap_core::syscall::Pending)> = None;
    let mut deliver = 0;
    loop {
        request(PTRACE_SYSCALL, pid, deliver as *mut c_void);
        deliver = 0;
        // SAFETY: `status` outlives the call.
        if unsafe { waitpid(pid, &mut status, 0) } != pid || status & 0x7f != 0x7f {
            break;
        }
        let signal = status >> 8 & 0xff;
        if status >> 16 == PTRACE_EVENT_EXEC {
            memory = Program(File::open(format!("/proc/{pid}/mem")).expect("memory opens"));
            continue;
        }
        if signal != SIGTRAP | 0x80 {
            let mut siginfo = [0u8; 128];
            request(PTRACE_GETSIGINFO, pid, siginfo.as_mut_ptr().cast());
            let mut line = String::new();
            write_signal(&mut line, &siginfo).expect("a string takes everything");
            lines.push(format!("--- {line} ---"));
            deliver = signal as usize;
            continue;
        }
        let mut registers = [0u64; 27];
        request(PTRACE_GETREGS, pid, registers.as_mut_ptr().cast());
        match current.take() {
            None => {
                let arguments = [RDI, RSI, RDX, R10, R8, R9].map(|index| registers[index]);
                let call = CallView {
                    abi: Abi::Syscall,
                    number: registers[ORIG_RAX],
                    arguments,
                };
                let mut line = String::new();
                let pending = write_entry(&mut line, &call, &memory, LONGEST).expect("a string");
                current = Some((call, line, pending));
            }
            Some((call, mut line, pending)) => {
                let returned = Returned::Value(registers[RAX]);
                write_exit(&mut line, &call, &pending, returned, &memory).expect("a string");
                lines.push(line);
            }
        }
    }
    if let Some((call, mut line, pending)) = current {
        write_exit(&mut line, &call, &pending, Returned::Never, &memory).expect("a string");
        lines.push(line);
    }
    match status & 0x7f {
        0 => lines.push(format!("+++ exited with {} +++", status >> 8 & 0xff)),
        signal => {
            let mut line = String::from("+++ killed by ");
            write_signal_name(&mut line, signal as u64).expect("a string takes everything");
            line += if status & 0x80 != 0 {
                " (core dumped) +++"
            } else {
                " +++"
            };
            lines.push(line);
        }
    }
    (pid, lines)
}

/// Runs the same program under strace.
fn strace(program: &Path, arguments: &[&str], directory: &Path) -> Option<(c_int, Vec<String>)> {
    let log = directory.with_extension("log");
    let mut command = Command::new("strace");
    command
        .arg("-o")
        .arg(&log)
        .arg("-D")
        .arg("--")
        .arg(program)
        .args(arguments);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.current_dir(directory);
    // SAFETY: a plain system call.
    let start = || unsafe {
        personality(ADDR_NO_RANDOMIZE);
        Ok(())
    };
    // SAFETY: `start` allocates nothing and takes no lock.
    unsafe { command.pre_exec(start) };
    let mut child = command.spawn().ok()?;
    let pid = child.id() as c_int;
    child.wait().ok()?;
    // The tracer is a process of its own here, and may write its last line after the program's end.
    let text = (0..100).find_map(|_| {
        let text = std::fs::read_to_string(&log).ok()?;
        if text
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("+++"))
        {
            return Some(text);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        None
    })?;
    let _ = std::fs::remove_file(&log);
    // The first line is the exec that started it.
    Some((pid, text.lines().skip(1).map(String::from).collect()))
}

/// The numbers of a run's processes: the first one's, and of those that it made.
fn processes(first: c_int, lines: &[String]) -> Vec<c_int> {
    let made = lines.iter().filter(|line| {
        let makes = ["fork(", "vfork(", "clone(", "clone3("];
        makes.iter().any(|call| line.starts_with(call))
    });
    let result = |line: &String| line.rsplit(' ').next()?.parse().ok();
    made.filter_map(result).chain([first]).collect()
}

/// Replaces the numbers of processes, which differ from run to run.
///
/// Those of both runs, in the lines of both: a size may happen to be the number of a process.
fn without_pids(line: &str, pids: &[c_int]) -> String {
    let name = |word: &str| match word.parse() {
        Ok(number) if pids.contains(&number) => String::from("PROCESS"),
        _ => word.to_owned(),
    };
    let inside = |character: char| character.is_ascii_alphanumeric();
    let mut result = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(inside) {
        let (before, word) = rest.split_at(start);
        let (word, after) = word.split_at(word.find(|c| !inside(c)).unwrap_or(word.len()));
        result += before;
        result += &name(word);
        rest = after;
    }
    result + rest
}

/// Runs a program under both and lists where the lines differ.
fn differences(program: &Path, arguments: &[&str], allowed: &[&str]) -> String {
    let directory = std::env::temp_dir().join(format!(
        "syscall-strace-{}-{}",
        std::process::id(),
        program
            .file_name()
            .expect("a program has a name")
            .to_string_lossy()
    ));
    std::fs::create_dir_all(&directory).expect("a directory for the test");
    let (strace_pid, expected) = strace(program, arguments, &directory).expect(
        "strace is needed, which comes with Debian's package strace, and has to be able to trace",
    );
    // Both begin with an empty directory of the same name.
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).expect("a directory for the test");
    let (own_pid, found) = trace(program, arguments, &directory);
    let mut pids = processes(strace_pid, &expected);
    pids.extend(processes(own_pid, &found));
    let alike = |lines: Vec<String>| -> Vec<String> {
        let line = |line: &String| without_pids(line, &pids);
        lines.iter().map(line).collect()
    };
    let (expected, found) = (alike(expected), alike(found));
    let mut report = String::new();
    let mut shorter = 0;
    for (expected, found) in expected.iter().zip(&found) {
        shorter += 1;
        if expected != found && !allowed.iter().any(|part| expected.contains(part)) {
            let _ = writeln!(report, "strace: {expected}\n here:  {found}");
        }
    }
    for line in expected.iter().skip(shorter) {
        let _ = writeln!(report, "strace only: {line}");
    }
    for line in found.iter().skip(shorter) {
        let _ = writeln!(report, "here only: {line}");
    }
    let _ = std::fs::remove_dir_all(&directory);
    report
}

/// Compiles a test program that lies next to this file.
fn compiled(name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/syscall_strace")
        .join(name);
    let output = std::env::temp_dir().join(format!("syscall-{}-{}", std::process::id(), name));
    let output = output.with_extension("");
    let mut compiler = Command::new("cc");
    compiler
        .arg("-O1")
        .arg("-w")
        .arg("-o")
        .arg(&output)
        .arg(source);
    let status = compiler
        .status()
        .expect("a C compiler is needed: it comes with Debian's package gcc");
    assert!(status.success(), "{name} does not compile");
    output
}

#[test]
fn everyday_programs_read_as_under_strace() {
    // What these return changes from run to run.
    let allowed = ["getrandom(", "sysinfo(", "statfs(", "clock_gettime("];
    let mut all = String::new();
    for (program, arguments) in [
        ("/bin/true", &[][..]),
        ("/bin/ls", &["-l", "/usr"]),
        ("/bin/cat", &["/etc/passwd", "/does-not-exist"]),
        ("/usr/bin/env", &["-i", "/bin/echo", "some \t text"]),
        ("/usr/bin/sort", &["/etc/services"]),
        ("/usr/bin/id", &[]),
        ("/bin/uname", &["-a"]),
        ("/bin/date", &["-d", "@1000000000"]),
    ] {
        let report = differences(Path::new(program), arguments, &allowed);
        all += &report;
    }
    assert!(all.is_empty(), "{all}");
}

#[test]
fn a_program_of_many_calls_reads_as_under_strace() {
    let program = compiled("calls.c");
    let allowed = [
        // Requests that other drivers give other names, which strace 6.1 lists all.
        "SNDCTL_TMR_",
        // Has commands that strace 6.1 does not know.
        "membarrier(MEMBARRIER_CMD_QUERY",
        // The mask lies on the stack, which is not part of a call.
        "rt_sigreturn(",
    ];
    let report = differences(&program, &[], &allowed);
    let _ = std::fs::remove_file(program);
    assert!(report.is_empty(), "{report}");
}

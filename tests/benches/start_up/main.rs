//! What a start consists of: /bin/true natively and under ld-systrap-null, by phase, by system call and
//! by where pages are touched first.
//!
//! `cargo bench --bench start_up`. perf(1) records the kernel's tracepoints, which takes root; each costs
//! some tenths of a microsecond, so that the sums are above what `speed` measures. Shown is the fastest
//! of many runs of each kind.
//!
//! [`event`] reads what perf writes, [`run`] makes one start of it, [`symbols`] names addresses in the
//! interpreter, and [`report`] prints.

mod event;
mod report;
mod run;
mod symbols;

use std::path::Path;
use std::process::Command;

use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::tool;
use ld_systrap_tests::way::binary;

use run::Run;

const EVENTS: &str = "sched:sched_process_exec,raw_syscalls:sys_enter,raw_syscalls:sys_exit,\
    exceptions:page_fault_user,signal:signal_deliver,sched:sched_process_exit";

fn main() {
    let directory = Directory::new("start_up");
    if let Err(error) = measure(&directory) {
        eprintln!("start-up cannot be taken apart here: {error}");
    }
    directory.remove();
}

fn measure(directory: &Directory) -> Result<(), String> {
    let perf = tool::find("perf")?;
    let launch = directory.root().join("launch");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/programs/launch.c");
    let mut gcc = Command::new(tool::find("gcc")?);
    output(gcc.arg("-O2").arg("-o").arg(&launch).arg(source))?;

    let (null, data) = (binary("null"), directory.root().join("data"));
    let mut record = Command::new(&perf);
    record
        .args(["record", "-q", "-m", "8192", "-e", EVENTS, "-o"])
        .arg(&data);
    // What cargo adds to the environment makes ld.so search.
    record.env_clear();
    record
        .arg("--")
        .arg(&launch)
        .args(["0", "0", "100", "+1", "/bin/true", "+1"]);
    output(record.arg(&null).args(["--", "/bin/true"]))?;
    let mut script = Command::new(&perf);
    script
        .args(["script", "--ns", "-F", "comm,tid,time,event,trace", "-i"])
        .arg(&data);
    let text = output(&mut script)?;

    let runs = Run::all(text.lines().filter_map(event::read));
    let fastest = |file: &Path| {
        let of_file = runs.iter().filter(|run| Path::new(&run.file) == file);
        let fastest = of_file.min_by_key(|run| run.duration());
        fastest.ok_or_else(|| format!("no run of {} was recorded", file.display()))
    };
    let (native, interposed) = (fastest(Path::new("/bin/true"))?, fastest(&null)?);
    report::phases(native, interposed);
    report::calls(native, interposed);
    report::faults(
        native,
        interposed,
        &symbols::Symbols::of(&null, interposed)?,
    );
    Ok(())
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(format!("{command:?}: {}", text(&output.stderr))),
    }
}

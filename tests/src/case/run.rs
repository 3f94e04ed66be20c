//! One run of a case's program, put in its place for one way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Case, Subject};
use crate::directory::Directory;
use crate::execution;
use crate::files::Files;
use crate::outcome::Outcome;
use crate::tool;
use crate::way::{self, Way};

impl Case {
    /// One run; nothing if the program cannot be started this way.
    pub(super) fn run(&self, way: Way, directory: &Directory) -> Result<Option<Outcome>, String> {
        directory.renew_work();
        let (work, record) = (directory.work(), directory.root().join("record"));
        let temporary = directory.root().join("tmp");
        for stale in [&temporary, &record] {
            let _ = fs::remove_dir_all(stale).or_else(|_| fs::remove_file(stale));
        }
        fs::create_dir(&temporary).map_err(|error| error.to_string())?;
        for preparation in &self.preparations {
            preparation(&work);
        }
        let Some((program, name)) = self.install(way, directory)? else {
            return Ok(None);
        };
        let mut command = way.command(&program, &name, &self.options, &self.arguments, &record)?;
        command
            .current_dir(&work)
            .env("PATH", tool::PATH)
            .env("LANG", "C");
        command.env("HOME", &work).env("TMPDIR", &temporary);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let mut outcome = execution::run(&mut command, directory.root(), self.limit)?;
        if way == Way::Strace {
            // It complains there about what it cannot read of the program's memory.
            outcome.stderr.clear();
        }
        let ignored: Vec<&str> = self
            .ignored
            .iter()
            .copied()
            .chain(name.strip_prefix("./"))
            .collect();
        outcome.files = Files::read(&work, &ignored);
        for change in &self.changes {
            outcome.stdout = change(&outcome.stdout);
            outcome.stderr = change(&outcome.stderr);
            outcome.files.normalise(change);
        }
        Ok(Some(outcome))
    }

    /// Puts the program in its place for one way: the file to start, and its argument 0.
    fn install(
        &self,
        way: Way,
        directory: &Directory,
    ) -> Result<Option<(PathBuf, String)>, String> {
        let (source, installed, name) = match &self.subject {
            Subject::Found(name) => {
                let copies = directory.root().join("programs");
                fs::create_dir_all(&copies).map_err(|error| error.to_string())?;
                (tool::find(name)?, copies.join(name), name.clone())
            }
            Subject::Built { file, .. } => {
                let name = file
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                (
                    file.clone(),
                    directory.work().join(&name),
                    format!("./{name}"),
                )
            }
        };
        let built = matches!(self.subject, Subject::Built { .. });
        let program = match way {
            Way::Requested(interpreter) => {
                if !way::has_interpreter(&source) {
                    return Ok(None);
                }
                way::request(&source, &installed, &interpreter.path())?;
                installed
            }
            _ if built => {
                copy(&source, &installed)?;
                installed
            }
            _ => source,
        };
        if let Subject::Built {
            without_section_headers: true,
            ..
        } = self.subject
        {
            drop_section_headers(&program)?;
        }
        // The kernel shows a program the path it was started by: the same relative one each way.
        Ok(Some((
            if built { PathBuf::from(&name) } else { program },
            name,
        )))
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    // Through a child: a descriptor open for writing, inherited by a child of another thread's
    // test, would make the program "text file busy".
    let status = Command::new("cp").arg("-p").arg(from).arg(to).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("cannot copy {}", from.display())),
    }
}

/// Takes the section header table away, as some packers do; programs run without one.
fn drop_section_headers(program: &Path) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", program.display());
    let mut bytes = fs::read(program).map_err(fail)?;
    // e_shoff; e_shentsize, e_shnum and e_shstrndx.
    for range in [40..48, 58..64] {
        bytes.get_mut(range).ok_or("not an ELF file")?.fill(0);
    }
    let changed = program.with_extension("headless");
    fs::write(&changed, bytes).map_err(fail)?;
    let _ = fs::remove_file(program);
    copy(&changed, program)?;
    let set = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(program, set).map_err(fail)?;
    fs::remove_file(changed).map_err(fail)
}

//! `ld-systrap [options] [--] PROGRAM [ARGS]`: we load the program.
#![expect(unsafe_code, reason = "asks the kernel about the process")]

use super::lookup::{find, resolve_script};
use super::{Entry, description, finish, instrument_vdso, keep_image, stack, start_handler};
use crate::auxiliary::*;
use crate::debugger::{self, Listed};
use crate::handler::Handler;
use crate::load::{self, Base};
use crate::options::{Options, Refusal, Runtime};
use crate::postponed;
use crate::process::thread::Thread;
use crate::process::{exec, identity, signal, spawn, traced};
use crate::sys::{file, process};
use crate::view::View;
use alloc::boxed::Box;
use alloc::ffi::CString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ffi::CStr;
use ld_systrap_core::image::{Image, Kind};
use linux_raw_sys::general::*;
use linux_raw_sys::prctl::*;

/// `ld-systrap [options] [--] PROGRAM [ARGS]`.
pub(super) fn run<H: Handler>(given: Given) -> Result<Entry, Refusal> {
    let words: Vec<&'static CStr> = given.arguments().skip(1).collect();
    if words
        .first()
        .is_some_and(|word| word.to_bytes() == b"--audit")
    {
        crate::audit::run(&words[1..], given)?;
        return Err(Refusal::Done);
    }
    let mut options = Options::new(words.iter().map(|word| text(word)).collect(), H::HELP);
    let inherited = options.take_inherited()?;
    let mut program = None;
    match inherited {
        Some(hand_over) => {
            program = adopt(hand_over.descriptors);
            exec::set_own_path(CString::new(hand_over.image).unwrap_or_default());
        }
        None => {
            let own = c"/proc/self/exe";
            if let Ok(path) = file::read_long_link(own) {
                keep_image(own)?;
                exec::set_own_path(CString::new(path).unwrap_or_default());
            } else if let Some(name) = given.executed_name() {
                keep_image(name)?; // without /proc
                exec::set_own_path(name.into());
            }
        }
    }
    let first_option = if inherited.is_some() { 3 } else { 0 };
    let (runtime, used) = start_handler::<H>(options)?;
    let own = words.get(first_option..used).unwrap_or(&[]);
    exec::set_options(
        own.iter()
            .filter(|word| **word != c"--")
            .map(|w| (*w).into())
            .collect(),
    );

    let arguments: Vec<&'static CStr> = words.get(used..).unwrap_or(&[]).to_vec();
    let (descriptor, path, arguments) = match (program, inherited) {
        (Some(descriptor), Some(inherited)) => {
            let path = CString::new(inherited.path).unwrap_or_default();
            (
                descriptor,
                path,
                arguments.iter().map(|word| (*word).into()).collect(),
            )
        }
        _ => {
            let Some(name) = arguments.first() else {
                return Err(Refusal::error(
                    127,
                    format_args!("no program is named; try -h"),
                ));
            };
            let path = find(name, given)?;
            let (descriptor, arguments) = resolve_script(&path, &arguments)?;
            (descriptor, path, arguments)
        }
    };
    let loaded = load_program(given, descriptor, &path, &arguments, &runtime);
    match loaded {
        // There is nothing to begin with: it dies of a SIGSEGV, as in the middle of execve(2).
        Err(Refusal::Unloadable(_)) if inherited.is_some() => Ok(Entry {
            address: 0,
            stack: given.address(),
        }),
        loaded => loaded,
    }
}

/// Text of an option; what is not UTF-8 cannot be one.
fn text(word: &'static CStr) -> &'static str {
    word.to_str().unwrap_or("\u{fffd}")
}

/// Takes the descriptors of an exec over; gives the program's.
fn adopt(descriptors: &'static str) -> Option<i32> {
    let mut program = None;
    for entry in descriptors.split(',') {
        let Some((name, number)) = entry.split_once(':') else {
            continue;
        };
        let Ok(number) = number.parse::<i32>() else {
            continue;
        };
        match name {
            "program" => program = Some(number),
            "several" => spawn::set_several(),
            "ignored" => Thread::current().signals.set_ignored(number as u64),
            "signalfd" => signal::signalfd::report(number as u64),
            "trap" => traced::executed(Thread::current(), number != 0),
            _ => Thread::current().files.lock().adopt(name, number),
        }
    }
    program
}

/// Maps the program and its interpreter, and lays out its stack.
fn load_program(
    given: Given,
    descriptor: i32,
    path: &CString,
    arguments: &[CString],
    runtime: &Runtime,
) -> Result<Entry, Refusal> {
    let name = path.to_string_lossy().into_owned();
    let view = View::of(descriptor)
        .map_err(|error| Refusal::error(126, format_args!("{name}: {error}")))?;
    let view = Arc::new(view);
    let image = load::parse(&view, &name)?;
    let interpreter_path = match (runtime.ld_so, image.interpreter()) {
        (_, None) => None,
        (Some(path), Some(_)) => CString::new(path).ok(),
        (None, Some(path)) => match CString::new(path) {
            Ok(path) if exec::is_own_image(&path) => load::usual_interpreter(&image),
            path => path.ok(),
        },
    };
    // A program without an interpreter goes where interpreters go, as in the kernel.
    let base = if interpreter_path.is_some() {
        Base::Program
    } else {
        Base::Anywhere
    };
    instrument_vdso(given);
    remember_executable(descriptor);
    let program = load::map(&view, &image, descriptor, &name, base, postponed::mapped)?;
    let interpreter = match &interpreter_path {
        Some(path) => Some(load::interpreter(path, &name)?),
        None => None,
    };
    let executable_stack = image.stack_executable() == Some(true);
    let moves_heap = image.kind() == Kind::Executable || interpreter.is_some();
    if has_privilege(given, descriptor) {
        given.set_value(AT_SECURE, 1);
    }
    list_program(&image, program.bias, path);
    identity::keep_program(descriptor);

    let command = command_name(path.to_bytes());
    // SAFETY: a C string.
    let _ = unsafe { process::prctl(PR_SET_NAME, command.as_ptr() as u64, 0, 0, 0) };
    let stack = stack::lay_out(given, path, arguments, &program, interpreter.as_ref())?;
    description::set(&program, &stack, moves_heap);
    finish(executable_stack, stack.start);
    Ok(Entry {
        address: interpreter.map_or(program.entry, |it| it.entry),
        stack: stack.start,
    })
}

/// Whether execve(2) would have given the program more privilege than its caller has. It does not get it,
/// but is told to beware of its environment, as under ptrace(2) (`cap_bprm_creds_from_file` in
/// security/commoncap.c).
fn has_privilege(given: Given, descriptor: i32) -> bool {
    let Ok(status) = file::status(descriptor) else {
        return false;
    };
    let other = |kind: u32, owner: u32| given.value(kind) != Some(u64::from(owner));
    let set_group = S_ISGID | S_IXGRP;
    let set = (status.st_mode & S_ISUID != 0 && other(AT_UID, status.st_uid))
        || (status.st_mode & set_group == set_group && other(AT_GID, status.st_gid));
    // SAFETY: asks only.
    set && unsafe { process::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) } == Ok(0)
}

/// Lists the program for debuggers, which take us for it.
fn list_program(image: &Image<'_>, bias: u64, path: &CString) {
    let name = identity::executable().and_then(|path| CString::new(path).ok());
    let program = Listed {
        bias,
        name: Box::leak(name.unwrap_or_else(|| path.clone()).into_boxed_c_str()),
        dynamic: image
            .dynamic_address()
            .map_or(0, |at| at.wrapping_add(bias)),
    };
    let slot = image.debug_slot().map(|at| at.wrapping_add(bias));
    debugger::begin(Some(&program), slot, exec::own_path());
}

/// The process's name, as `begin_new_exec` in fs/exec.c makes it: the last part of the path, or of the
/// file's own name where it was executed by descriptor alone.
fn command_name(path: &[u8]) -> CString {
    let last = |path: &[u8]| -> Vec<u8> {
        path.rsplit(|&byte| byte == b'/')
            .next()
            .unwrap_or_default()
            .to_vec()
    };
    let by_descriptor = path
        .strip_prefix(b"/dev/fd/")
        .is_some_and(|rest| !rest.contains(&b'/'));
    let mut name = match identity::executable() {
        Some(file) if by_descriptor => last(file.strip_suffix(b" (deleted)").unwrap_or(file)),
        _ => last(path),
    };
    name.truncate(15);
    CString::new(name).unwrap_or_default()
}

/// Where /proc/self/exe leads as far as the program is concerned.
fn remember_executable(descriptor: i32) {
    if let Ok(path) = file::read_long_link(&file::link_in_first(descriptor)) {
        identity::set_executable(path);
    }
}

//! From the kernel's jump to our first instruction to ours into the program.
#![expect(
    unsafe_code,
    reason = "relocates the image and builds the program's first stack"
)]

use crate::auxiliary::*;
use crate::debugger::{self, Listed};
use crate::handler::Handler;
use crate::load::{self, Base, Loaded, View};
use crate::memory::copy;
use crate::memory::lock::Lock;
use crate::options::{Options, Refusal, Runtime};
use crate::process::descriptor::{self, Files, IMAGE};
use crate::process::thread::{self, Thread};
use crate::process::traced::{self, Traced};
use crate::process::{exec, identity, signal, spawn};
use crate::sys::memory::{self, READ};
use crate::sys::{Errno, file, process};
use crate::{dispatch, gate, postponed, seal, trap};
use alloc::boxed::Box;
use alloc::ffi::CString;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::arch::naked_asm;
use core::ffi::CStr;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_systrap_core::image::{Image, Kind};
use ld_systrap_core::stack::{self, Words};
use linux_raw_sys::general::*;
use linux_raw_sys::prctl::*;

unsafe extern "C" {
    /// Made by `interpreter!`.
    fn ld_systrap_main(stack: *mut u64) -> !;
    static __relro_start: u8;
    static __relro_end: u8;
}

/// The first instruction. Not relocated: no Rust. Adds the load address to every word that the
/// relocations name (R_X86_64_RELATIVE, the only kind there is), then goes to `ld_systrap_main`.
///
/// # Safety
/// Jumped to by the kernel.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip",              // the outermost frame
        "xor ebp, ebp",
        "lea rax, [rip + __rela_start]",
        "lea rcx, [rip + __rela_end]",
        "lea rdx, [rip + __ehdr_start]",   // linked at 0: this is what has to be added
        "2:",
        "cmp rax, rcx",
        "jae 3f",
        "mov rsi, [rax]",                  // r_offset
        "mov rdi, [rax + 16]",             // r_addend
        "add rdi, rdx",
        "mov [rdx + rsi], rdi",
        "add rax, 24",
        "jmp 2b",
        "3:",
        "mov rdi, rsp",
        "and rsp, -16",
        "call {main}",
        "ud2",
        ".cfi_endproc",
        main = sym ld_systrap_main,
    )
}

static STACK: AtomicU64 = AtomicU64::new(0);

/// The first Rust, on the kernel's stack: makes the first thread and moves to its private stack.
#[doc(hidden)]
pub fn run<H: Handler>(stack: *mut u64) -> ! {
    STACK.store(stack as u64, Ordering::Relaxed);
    // SAFETY: the words between these labels were written by the relocation, and never again.
    unsafe {
        let relro = &raw const __relro_start as u64..&raw const __relro_end as u64;
        let _ = memory::protect(relro, READ);
    }
    gate::link::<H>();
    let files = Arc::new(Lock::new(Files::default()));
    let thread = match thread::create(thread::first_table(), files) {
        Ok(thread) => thread,
        Err(error) => Refusal::error(126, format_args!("no memory to begin with: {error}")).exit(),
    };
    // SAFETY: new; no handler is installed yet, so that no signal needs the block.
    unsafe {
        thread::adopt(&mut *thread);
        thread::on_private_stack(thread, begin::<H>)
    }
}

extern "C" fn begin<H: Handler>() -> ! {
    // SAFETY: `run` stored what the kernel gave.
    let given = unsafe { Given::new(STACK.load(Ordering::Relaxed) as *mut u64) };
    match prepare::<H>(given) {
        Ok(entry) => {
            let thread = Thread::current();
            thread.context.rsp = entry.stack;
            thread.context.resume = entry.address;
            thread.context.after = entry.address;
            // SAFETY: the context is complete.
            unsafe {
                match thread.traced {
                    Traced::Begins => traced::begin(thread),
                    Traced::Yes | Traced::No => gate::leave(thread),
                }
            }
        }
        Err(refusal) => refusal.exit(),
    }
}

/// Where the program's first instruction is, and its first rsp.
struct Entry {
    address: u64,
    stack: u64,
}

fn prepare<H: Handler>(given: Given) -> Result<Entry, Refusal> {
    process::set_capabilities(given.value(AT_HWCAP2).unwrap_or(0));
    let is_program = given.value(AT_ENTRY) == Some(_start as *const () as u64);
    if is_program {
        run_command::<H>(given)
    } else {
        run_as_interpreter::<H>(given)
    }
}

/// Text of an option; what is not UTF-8 cannot be one.
fn text(word: &'static CStr) -> &'static str {
    word.to_str().unwrap_or("\u{fffd}")
}

/// `ld-systrap [options] [--] PROGRAM [ARGS]`.
fn run_command<H: Handler>(given: Given) -> Result<Entry, Refusal> {
    let words: Vec<&'static CStr> = given.arguments().skip(1).collect();
    if words
        .first()
        .is_some_and(|word| word.to_bytes() == b"--audit")
    {
        crate::audit::run(&words[1..], given)?;
        return Err(Refusal::Done);
    }
    let mut options = Options::new(words.iter().map(|word| text(word)).collect());
    let inherited = options.take_inherited()?;
    let mut program = None;
    match inherited {
        Some(hand_over) => {
            program = adopt(hand_over.descriptors);
            exec::set_own_path(CString::new(hand_over.image).unwrap_or_default());
        }
        None => {
            keep_image(c"/proc/self/exe")?;
            let mut buffer = [0; 4096];
            if let Ok(path) = file::read_link(c"/proc/self/exe", &mut buffer) {
                exec::set_own_path(CString::new(path).unwrap_or_default());
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
    load_program(given, descriptor, &path, &arguments, &runtime)
}

/// Keeps the descriptor of our image for exec.
fn keep_image(path: &CStr) -> Result<(), Refusal> {
    let kept = file::open(path, O_RDONLY | O_CLOEXEC).and_then(|descriptor| {
        let moved = descriptor::out_of_the_way(descriptor);
        file::close(descriptor);
        moved
    });
    match kept {
        Ok(descriptor) => Thread::current().files.lock().adopt(IMAGE, descriptor),
        // Without /proc the program runs, but can execute nothing.
        Err(Errno::ENOENT) => {}
        Err(error) => {
            return Err(Refusal::error(
                126,
                format_args!("cannot open {}: {error}", path.to_string_lossy()),
            ));
        }
    }
    Ok(())
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
            "mask" => Thread::current().hidden_mask = number as u64,
            "trap" => traced::executed(Thread::current(), number != 0),
            _ => Thread::current().files.lock().adopt(name, number),
        }
    }
    program
}

/// Makes the handler from the options, and gives what the options tell the runtime.
fn start_handler<H: Handler>(mut options: Options) -> Result<(Runtime, usize), Refusal> {
    let handler: &'static H = Box::leak(Box::new(H::start(&mut options)?));
    let finished = options.finish()?;
    dispatch::set_handler(handler);
    // SAFETY: one thread, and no program yet.
    unsafe { gate::interest::set(&handler.interest()) };
    trap::set_gate(gate::entry());
    let (runtime, _) = &finished;
    seal::set_mode(runtime.seal.unwrap_or(seal::Mode::Auto));
    // A debugger stops at each signal, those of the seal too.
    postponed::begin(match Thread::current().traced {
        Traced::No => runtime.patch_after.unwrap_or(postponed::USUAL),
        Traced::Yes | Traced::Begins => 0,
    });
    signal::begin(&Thread::current().signals, H::REPORTS_DEATH);
    Ok(finished)
}

/// Looks a program up as strace(1) does: in PATH, unless its name has a slash.
pub(crate) fn find(name: &'static CStr, given: Given) -> Result<CString, Refusal> {
    let bytes = name.to_bytes();
    if bytes.contains(&b'/') {
        return Ok(name.into());
    }
    let path = given.variable("PATH").unwrap_or(b"/bin:/usr/bin");
    let mut denied = None;
    for directory in path.split(|&byte| byte == b':') {
        let mut candidate = if directory.is_empty() {
            b".".to_vec()
        } else {
            directory.to_vec()
        };
        candidate.push(b'/');
        candidate.extend_from_slice(bytes);
        let Ok(candidate) = CString::new(candidate) else {
            continue;
        };
        let Ok(descriptor) = file::open(&candidate, O_PATH | O_CLOEXEC) else {
            continue;
        };
        let regular = file::status(descriptor).is_ok_and(|status| file::is_regular(&status));
        let allowed = file::may_execute(descriptor);
        file::close(descriptor);
        match allowed {
            Ok(()) if regular => return Ok(candidate),
            Err(error) if regular && denied.is_none() => denied = Some((candidate, error)),
            _ => {}
        }
    }
    if let Some((candidate, error)) = denied {
        let candidate = candidate.to_string_lossy();
        return Err(Refusal::error(
            126,
            format_args!("{candidate}: cannot be executed: {error}"),
        ));
    }
    Err(Refusal::error(
        127,
        format_args!("{}: not found in PATH", name.to_string_lossy()),
    ))
}

/// Opens the program of a command line, through `#!` lines to an ELF file.
fn resolve_script(path: &CStr, words: &[&'static CStr]) -> Result<(i32, Vec<CString>), Refusal> {
    let arguments: Vec<CString> = words.iter().map(|word| (*word).into()).collect();
    exec::resolve(path, arguments).map_err(|failure| {
        let error = failure.error;
        let status = if matches!(error, Errno::ENOENT | Errno::ENOTDIR) {
            127
        } else {
            126
        };
        let name = path.to_string_lossy();
        if let Some(interpreter) = failure.interpreter {
            let interpreter = interpreter.to_string_lossy();
            return Refusal::error(
                status,
                format_args!("{name}: its interpreter {interpreter}: {error}"),
            );
        }
        match error {
            Errno::EACCES if is_directory(path) => {
                Refusal::error(126, format_args!("{name}: is a directory"))
            }
            Errno::EACCES => {
                Refusal::error(126, format_args!("{name}: cannot be executed: {error}"))
            }
            _ => Refusal::error(status, format_args!("{name}: {error}")),
        }
    })
}

fn is_directory(path: &CStr) -> bool {
    let Ok(descriptor) = file::open(path, O_PATH | O_CLOEXEC) else {
        return false;
    };
    let status = file::status(descriptor);
    file::close(descriptor);
    status.is_ok_and(|status| status.st_mode & S_IFMT == S_IFDIR)
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
    let program = load::map(&view, &image, descriptor, &name, base)?;
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
    file::close(descriptor);

    let command = command_name(path.to_bytes());
    // SAFETY: a C string.
    let _ = unsafe { process::prctl(PR_SET_NAME, command.as_ptr() as u64, 0, 0, 0) };
    let stack = lay_out(given, path, arguments, &program, interpreter.as_ref())?;
    describe(&program, &stack, moves_heap);
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

/// The last before the program: the stack's protection.
fn finish(executable_stack: bool, stack: u64) {
    if process::personality() & 0x0040_0000 != 0 {
        identity::set_read_implies_execute();
    }
    if executable_stack {
        let page = stack & !4095;
        let flags = READ | memory::WRITE | memory::EXECUTE | PROT_GROWSDOWN;
        // SAFETY: the program's stack, which it asks to have like this.
        let _ = unsafe { memory::protect(page..page + 4096, flags) };
        seal::arm();
    }
    process::prepare_order();
    dispatch::events().thread_start();
}

fn instrument_vdso(given: Given) {
    if let Some(base) = given.value(AT_SYSINFO_EHDR) {
        load::instrument_vdso(base);
    }
}

/// Where /proc/self/exe leads as far as the program is concerned.
fn remember_executable(descriptor: i32) {
    let Ok(link) = CString::new(format!("/proc/self/fd/{descriptor}")) else {
        return;
    };
    let mut buffer = [0; 4096];
    if let Ok(path) = file::read_link(&link, &mut buffer) {
        identity::set_executable(path.to_vec());
    }
}

/// Builds the program's stack where the kernel's is, from its top.
fn lay_out(
    given: Given,
    path: &CString,
    arguments: &[CString],
    program: &Loaded,
    interpreter: Option<&Loaded>,
) -> Result<stack::Stack, Refusal> {
    let mut vector = given.vector();
    for [kind, value] in &mut vector {
        match *kind as u32 {
            AT_PHDR => *value = program.headers,
            AT_PHNUM => *value = program.header_count,
            AT_BASE => *value = interpreter.map_or(0, |loaded| loaded.bias),
            AT_ENTRY => *value = program.entry,
            _ => {}
        }
    }
    // SAFETY: strings and bytes that the kernel put on the stack, copied before it is overwritten.
    let (called, platform, random) = unsafe {
        let called = given.value(AT_EXECFN).map_or(0, |at| at + strlen(at) + 1);
        let platform = given
            .value(AT_PLATFORM)
            .map_or(&b""[..], |at| CStr::from_ptr(at as *const _).to_bytes());
        let random = given
            .value(AT_RANDOM)
            .map_or([0; 16], |at| *(at as *const [u8; 16]));
        (called, platform.to_vec(), random)
    };
    // The kernel leaves eight bytes above the path's string; the stack's top is a page's end.
    let top = (called + 8).next_multiple_of(4096);
    let environment: Vec<Vec<u8>> = given
        .environment()
        .map(|entry| entry.to_bytes().to_vec())
        .collect();
    let words = Words {
        arguments: arguments.iter().map(|word| word.to_bytes()).collect(),
        environment: environment.iter().map(Vec::as_slice).collect(),
        path: path.to_bytes(),
        platform: &platform,
        random,
        vector,
    };
    let stack = stack::build(&words, top);
    copy::write_bytes(stack.start, &stack.bytes)
        .map_err(|_| Refusal::error(126, format_args!("the stack is too small")))?;
    Ok(stack)
}

/// # Safety
/// A C string is at `at`.
unsafe fn strlen(at: u64) -> u64 {
    // SAFETY: the caller answers for it.
    unsafe { CStr::from_ptr(at as *const _).to_bytes().len() as u64 }
}

/// Tells the kernel where the program's code, data, heap, arguments and environment are
/// (prctl(2), PR_SET_MM_MAP): /proc shows them, and brk(2) begins there.
fn describe(program: &Loaded, stack: &stack::Stack, moves_heap: bool) {
    let heap = match moves_heap {
        true => program.end.next_multiple_of(4096) + load::random_pages(13),
        false => process::program_break(),
    };
    let vector: Vec<u64> = stack.bytes
        [(stack.vector.start - stack.start) as usize..(stack.vector.end - stack.start) as usize]
        .chunks_exact(8)
        .map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()))
        .collect();
    let map = prctl_mm_map {
        start_code: program.code.start,
        end_code: program.code.end,
        start_data: program.data.start,
        end_data: program.data.end,
        start_brk: heap,
        brk: heap,
        start_stack: stack.start,
        arg_start: stack.arguments.start,
        arg_end: stack.arguments.end,
        env_start: stack.environment.start,
        env_end: stack.environment.end,
        auxv: vector.as_ptr().cast_mut(),
        auxv_size: (vector.len() * 8) as u32,
        exe_fd: u32::MAX,
    };
    set_map(&map);
}

/// Tells the kernel the auxiliary vector that was changed on the stack, with all else as it has it:
/// the numbers of /proc/self/stat (proc(5)).
fn describe_vector(given: Given) {
    let mut buffer = [0; 1024];
    let Ok(descriptor) = file::open(c"/proc/self/stat", O_RDONLY | O_CLOEXEC) else {
        return;
    };
    let length = file::read_at(descriptor, &mut buffer, 0).unwrap_or(0);
    file::close(descriptor);
    let stat = &buffer[..length];
    // The name in parentheses may hold anything; fields count from behind it, from number 3 on.
    let Some(name_end) = stat.iter().rposition(|&byte| byte == b')') else {
        return;
    };
    let fields: Vec<u64> = stat[name_end + 1..]
        .split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty())
        .map(|field| {
            core::str::from_utf8(field)
                .ok()
                .and_then(|it| it.parse().ok())
                .unwrap_or(0)
        })
        .collect();
    let field = |number: usize| fields.get(number - 3).copied().unwrap_or(0);
    let mut vector = given.vector();
    vector.push([0, 0]);
    let map = prctl_mm_map {
        start_code: field(26),
        end_code: field(27),
        start_stack: field(28),
        start_data: field(45),
        end_data: field(46),
        start_brk: field(47),
        brk: process::program_break(),
        arg_start: field(48),
        arg_end: field(49),
        env_start: field(50),
        env_end: field(51),
        auxv: vector.as_ptr() as *mut _,
        auxv_size: (vector.len() * 16) as u32,
        exe_fd: u32::MAX,
    };
    set_map(&map);
}

/// prctl(2), PR_SET_MM_MAP. A kernel without it goes on with what it has.
fn set_map(map: &prctl_mm_map) {
    // SAFETY: the kernel reads `map` and checks it.
    let _ = unsafe {
        process::prctl(
            PR_SET_MM,
            u64::from(PR_SET_MM_MAP),
            core::ptr::from_ref(map) as u64,
            size_of::<prctl_mm_map>() as u64,
            0,
        )
    };
}

/// The kernel has mapped the program, and us as its interpreter.
fn run_as_interpreter<H: Handler>(given: Given) -> Result<Entry, Refusal> {
    // Whoever starts a program with more privilege than his own has no say in how it runs (ld.so(8)).
    let secure = given.value(AT_SECURE).unwrap_or(0) != 0;
    let words = match secure {
        true => None,
        false => given.variable("LD_SYSTRAP"),
    };
    let words = words.unwrap_or_default();
    let words: Vec<&'static str> = core::str::from_utf8(words)
        .map_err(|_| Refusal::error(127, format_args!("LD_SYSTRAP is not text")))?
        .split_ascii_whitespace()
        .collect();
    let name = given
        .arguments()
        .next()
        .map_or(String::new(), |name| name.to_string_lossy().into());
    let (view, bias) = program_in_memory(given, &name)?;
    let image = load::parse(&view, &name)?;
    if let Some(path) = image.interpreter().and_then(|path| CString::new(path).ok()) {
        keep_image(&path)?;
        exec::set_own_path(path);
    }
    exec::set_options(
        words
            .iter()
            .filter_map(|word| CString::new(*word).ok())
            .collect(),
    );
    let (runtime, used) = start_handler::<H>(Options::new(words.clone()))?;
    if let Some(word) = words.get(used) {
        return Err(Refusal::error(
            127,
            format_args!("LD_SYSTRAP: '{word}' is not an option"),
        ));
    }

    instrument_vdso(given);
    for segment in image.segments().filter(|segment| segment.executable) {
        load::instrument_segment(&view, &segment, bias).map_err(|error| {
            Refusal::error(126, format_args!("{name}: cannot be instrumented: {error}"))
        })?;
    }
    let path = match runtime.ld_so {
        Some(path) => CString::new(path).ok(),
        None => load::usual_interpreter(&image),
    };
    let interpreter = match path {
        Some(path) => {
            let loaded = load::interpreter(&path, &name)?;
            debugger::name_ld_so(loaded.bias, path);
            Some(loaded)
        }
        None => None,
    };
    let slot = image.debug_slot().map(|at| at.wrapping_add(bias));
    debugger::begin(None, slot, exec::own_path());
    given.set_value(
        AT_BASE,
        interpreter.as_ref().map_or(0, |loaded| loaded.bias),
    );
    // The kernel has seen to the stack's protection; what it allows, the seal watches.
    if image.stack_executable() == Some(true) {
        seal::arm();
    }
    finish(false, given.address());
    describe_vector(given);
    let entry = given.value(AT_ENTRY).unwrap_or(0);
    Ok(Entry {
        address: interpreter.map_or(entry, |loaded| loaded.entry),
        stack: given.address(),
    })
}

/// The file that the kernel has mapped as the program, and its bias.
fn program_in_memory(given: Given, name: &str) -> Result<(Arc<View>, u64), Refusal> {
    let descriptor = load::open(c"/proc/self/exe")?;
    let view = View::of(descriptor);
    file::close(descriptor);
    let view = view.map_err(|error| Refusal::error(126, format_args!("{name}: {error}")))?;
    let view = Arc::new(view);
    let bias = {
        let image: Image<'_> = load::parse(&view, name)?;
        given
            .value(AT_ENTRY)
            .unwrap_or(0)
            .wrapping_sub(image.entry())
    };
    Ok((view, bias))
}

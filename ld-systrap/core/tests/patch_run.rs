//! Patched code does to every register, to flags and to memory what the original does: both are run,
//! from every instruction boundary, at once and step by step.
//!
//! Runs in a child process, which maps code at fixed addresses and takes signals as they come.

mod common;
mod patch_common;

use common::Random;
use ld_systrap_core::patch::{Code, Located, Patch, TRAP, TRAPPING, Tactic, Zone, plan};
use ld_systrap_core::site::{Opcode, pairs};
use patch_common::{Planned, counts, decode};
use std::arch::global_asm;
use std::collections::BTreeMap;
use std::ffi::{c_int, c_long, c_void};
use std::process::Command;

/// Code, then a page of data.
const CODE: u64 = 0x10_0000_0000;
const DATA: u64 = CODE + 0x1000;
const STACK: u64 = CODE + 0x8000;
const STACK_SIZE: u64 = 0x400;
const DATA_SIZE: u64 = 0x80;
const ZONES: [u64; 2] = [CODE + 0x10_0000, CODE - 0x1580_0000];
const ZONE_SIZE: u64 = 4 << 20;

/// The general registers in the order of [`REGISTERS`], and rflags.
type State = [u64; 17];

/// Where each of [`State`] is in a signal frame: `gregs` of sys/ucontext.h.
const REGISTERS: [(&str, usize); 17] = [
    ("rax", 13),
    ("rbx", 11),
    ("rcx", 14),
    ("rdx", 12),
    ("rsi", 9),
    ("rdi", 8),
    ("rbp", 10),
    ("rsp", 15),
    ("r8", 0),
    ("r9", 1),
    ("r10", 2),
    ("r11", 3),
    ("r12", 4),
    ("r13", 5),
    ("r14", 6),
    ("r15", 7),
    ("rflags", 17),
];
const RCX: usize = 2;
const RSP: usize = 7;
const R11: usize = 11;
const RFLAGS: usize = 16;
const RIP: usize = 16;
const TRAP_FLAG: u64 = 0x100;

global_asm!(
    ".globl patch_run, patch_run_done, patch_run_gate, patch_run_gate_end",
    // Runs the code at patch_run_target with the registers in patch_run_state until it jumps to
    // patch_run_done.
    "patch_run:",
    "push rbx",
    "push rbp",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "mov [rip + patch_run_host], rsp",
    "push qword ptr [rip + patch_run_state + 128]",
    "popfq",
    "mov rax, [rip + patch_run_state]",
    "mov rbx, [rip + patch_run_state + 8]",
    "mov rcx, [rip + patch_run_state + 16]",
    "mov rdx, [rip + patch_run_state + 24]",
    "mov rsi, [rip + patch_run_state + 32]",
    "mov rdi, [rip + patch_run_state + 40]",
    "mov rbp, [rip + patch_run_state + 48]",
    "mov rsp, [rip + patch_run_state + 56]",
    "mov r8, [rip + patch_run_state + 64]",
    "mov r9, [rip + patch_run_state + 72]",
    "mov r10, [rip + patch_run_state + 80]",
    "mov r11, [rip + patch_run_state + 88]",
    "mov r12, [rip + patch_run_state + 96]",
    "mov r13, [rip + patch_run_state + 104]",
    "mov r14, [rip + patch_run_state + 112]",
    "mov r15, [rip + patch_run_state + 120]",
    "jmp qword ptr [rip + patch_run_target]",
    "patch_run_done:",
    "mov [rip + patch_run_state], rax",
    "mov [rip + patch_run_state + 8], rbx",
    "mov [rip + patch_run_state + 16], rcx",
    "mov [rip + patch_run_state + 24], rdx",
    "mov [rip + patch_run_state + 32], rsi",
    "mov [rip + patch_run_state + 40], rdi",
    "mov [rip + patch_run_state + 48], rbp",
    "mov [rip + patch_run_state + 56], rsp",
    "mov [rip + patch_run_state + 64], r8",
    "mov [rip + patch_run_state + 72], r9",
    "mov [rip + patch_run_state + 80], r10",
    "mov [rip + patch_run_state + 88], r11",
    "mov [rip + patch_run_state + 96], r12",
    "mov [rip + patch_run_state + 104], r13",
    "mov [rip + patch_run_state + 112], r14",
    "mov [rip + patch_run_state + 120], r15",
    "mov rsp, [rip + patch_run_host]",
    "pushfq",
    "pop qword ptr [rip + patch_run_state + 128]",
    "push 0x202",
    "popfq",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbp",
    "pop rbx",
    "ret",
    // The gate's convention, and nothing else.
    "patch_run_gate:",
    "mov [rip + patch_run_after], rcx",
    "mov [rip + patch_run_resume], r11",
    "syscall",
    "mov rcx, [rip + patch_run_after]",
    "jmp qword ptr [rip + patch_run_resume]",
    "patch_run_gate_end:",
    ".bss",
    ".balign 8",
    ".globl patch_run_state, patch_run_target",
    "patch_run_state: .skip 136",
    "patch_run_target: .skip 8",
    "patch_run_host: .skip 8",
    "patch_run_after: .skip 8",
    "patch_run_resume: .skip 8",
    ".text",
);

unsafe extern "C" {
    fn patch_run();
    fn patch_run_done();
    fn patch_run_gate();
    static mut patch_run_state: State;
    static mut patch_run_target: u64;

    // sys/mman.h, signal.h
    fn mmap(
        address: *mut c_void,
        length: usize,
        protection: c_int,
        flags: c_int,
        descriptor: c_int,
        offset: c_long,
    ) -> *mut c_void;
    fn sigaction(number: c_int, action: *const Action, old: *mut Action) -> c_int;
    fn sigaltstack(stack: *const AlternateStack, old: *mut AlternateStack) -> c_int;
}

/// `struct sigaction` of glibc.
#[repr(C)]
struct Action {
    handler: usize,
    mask: [u64; 16],
    flags: c_int,
    restorer: usize,
}

/// `stack_t`.
#[repr(C)]
struct AlternateStack {
    address: *mut c_void,
    flags: c_int,
    size: usize,
}

const SIGILL: c_int = 4;
const SIGTRAP: c_int = 5;
const SIGINFO_ONSTACK: c_int = 4 | 0x0800_0000;

/// What the signal handlers know and find out. The process has one thread that matters.
struct Watch {
    /// Where to go on from an illegal instruction.
    resumptions: BTreeMap<u64, u64>,
    /// Addresses of illegal instructions, in the order they were met.
    illegal: Vec<u64>,
    /// Where the processor was and what it held, step by step.
    steps: Vec<(u64, State)>,
}

static mut WATCH: Watch = Watch {
    resumptions: BTreeMap::new(),
    illegal: Vec::new(),
    steps: Vec::new(),
};

fn watch() -> &'static mut Watch {
    // SAFETY: one thread uses it, and its handlers interrupt generated code only.
    unsafe { &mut *std::ptr::addr_of_mut!(WATCH) }
}

extern "C" fn on_signal(number: c_int, _info: *const c_void, context: *mut u64) {
    const GREGS: usize = 5;
    // SAFETY: the kernel's frame: 23 registers after flags, link and the stack.
    let registers = unsafe { std::slice::from_raw_parts_mut(context.add(GREGS), 23) };
    let watch = watch();
    let rip = registers[RIP];
    if number == SIGTRAP {
        if (CODE - 0x2000_0000..CODE + 0x2000_0000).contains(&rip) {
            watch
                .steps
                .push((rip, REGISTERS.map(|(_, index)| registers[index])));
        }
        return;
    }
    watch.illegal.push(rip);
    match watch.resumptions.get(&rip) {
        Some(to) => registers[RIP] = *to,
        None => {
            // A site that traps: as if it had jumped to the gate.
            registers[14] = rip + 2;
            registers[3] = rip + 2;
            registers[RIP] = patch_run_gate as *const () as u64;
        }
    }
}

fn prepare() {
    let map = |address: u64, length: u64| {
        const PRIVATE_FIXED_ANONYMOUS_NORESERVE: c_int = 0x2 | 0x10 | 0x20 | 0x4000;
        // SAFETY: nothing else is there in this process.
        let mapped = unsafe {
            mmap(
                address as _,
                length as _,
                7,
                PRIVATE_FIXED_ANONYMOUS_NORESERVE,
                -1,
                0,
            )
        };
        assert_eq!(mapped as u64, address);
    };
    map(CODE, STACK + STACK_SIZE - CODE);
    ZONES.iter().for_each(|zone| map(*zone, ZONE_SIZE));
    let stack = AlternateStack {
        address: Box::leak(vec![0u8; 0x2_0000].into_boxed_slice())
            .as_mut_ptr()
            .cast(),
        flags: 0,
        size: 0x2_0000,
    };
    // SAFETY: the memory is leaked.
    let taken = unsafe { sigaltstack(&raw const stack, std::ptr::null_mut()) };
    assert_eq!(taken, 0);
    for number in [SIGILL, SIGTRAP] {
        let action = Action {
            handler: on_signal as *const () as usize,
            mask: [0; 16],
            flags: SIGINFO_ONSTACK,
            restorer: 0,
        };
        // SAFETY: the handler has the signature that SA_SIGINFO asks for.
        let taken = unsafe { sigaction(number, &raw const action, std::ptr::null_mut()) };
        assert_eq!(taken, 0);
    }
}

fn write(address: u64, bytes: &[u8]) {
    // SAFETY: in what `prepare` has mapped, which no Rust value lives in.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len()) };
}

fn read(address: u64, length: u64) -> Vec<u8> {
    // SAFETY: as for `write`.
    unsafe { std::slice::from_raw_parts(address as *const u8, length as usize) }.to_vec()
}

/// Registers, flags, data and stack after a run.
#[derive(PartialEq, Eq)]
struct Outcome {
    state: State,
    data: Vec<u8>,
    stack: Vec<u8>,
}

/// Runs what is at `from` with registers, data and stack that depend on `seed`.
fn run(from: u64, seed: u64, stepping: bool) -> Outcome {
    let mut random = Random::new(seed);
    let mut state: State = std::array::from_fn(|_| random.next());
    state[0] = 39; // getpid
    state[RSP] = STACK + STACK_SIZE / 2;
    state[RFLAGS] = 0x202 | (random.next() & 0x8d5) | (u64::from(stepping) * TRAP_FLAG);
    let mut fill = |size: u64| -> Vec<u8> {
        (0..size / 8)
            .flat_map(|_| random.next().to_le_bytes())
            .collect()
    };
    write(DATA, &fill(DATA_SIZE));
    write(STACK, &fill(STACK_SIZE));
    let done = (patch_run_done as *const () as u64).to_le_bytes();
    write(state[RSP], &done);
    watch().illegal.clear();
    watch().steps.clear();
    // SAFETY: the code that runs leaves callee-saved registers to `patch_run`, and ends.
    unsafe {
        patch_run_state = state;
        patch_run_target = from;
        patch_run();
        state = patch_run_state;
    }
    Outcome {
        state,
        data: read(DATA, DATA_SIZE),
        stack: read(STACK, STACK_SIZE),
    }
}

/// Code around a system call, that ends.
fn generate(random: &mut Random) -> (Vec<u8>, Vec<u64>) {
    let mut bytes = Vec::new();
    let mut boundaries = Vec::new();
    let before = random.below(6);
    let after = 1 + random.below(5);
    let mut pushed = 0;
    for index in 0..before + 1 + after {
        boundaries.push(CODE + bytes.len() as u64);
        if index == before {
            bytes.extend_from_slice(&[0x0f, 0x05]);
            continue;
        }
        let to_data = |bytes: &Vec<u8>, length: u64, offset: u64| {
            let distance = DATA + offset - (CODE + bytes.len() as u64 + length);
            (distance as u32).to_le_bytes()
        };
        match random.below(22) {
            0 => bytes.push(0x90),
            1 => bytes.extend([0x53]),
            2 => bytes.extend([0x31, 0xff]),
            3 => bytes.extend([0x85, 0xd2]),
            4 => bytes.extend([0x89, 0xca]),       // mov edx, ecx
            5 => bytes.extend([0x48, 0x11, 0xd3]), // adc rbx, rdx
            6 => bytes.extend([0x4d, 0x01, 0xd9]), // add r9, r11
            7 => bytes.extend([0x0f, 0x92, 0xc2]), // setb dl
            8 => bytes.extend([0xb8, 39, 0, 0, 0]),
            9 => bytes.extend([0xbf, 1, 2, 3, 4]),
            10 => bytes.extend([0x48, 0x3d, 0x00, 0xf0, 0xff, 0xff]),
            11 => bytes.extend([0x48, 0x89, 0x5c, 0x24, 0xf0]), // mov [rsp - 16], rbx
            12 => bytes.extend([0x48, 0x8b, 0x6c, 0x24, 0x10]), // mov rbp, [rsp + 16]
            13 => {
                let data = to_data(&bytes, 7, 0x10);
                bytes.extend([0x48, 0x8d, 0x35]); // lea rsi, [rip + …]
                bytes.extend(data);
            }
            14 => {
                let data = to_data(&bytes, 7, 0x20);
                bytes.extend([0x4c, 0x8b, 0x05]); // mov r8, [rip + …]
                bytes.extend(data);
            }
            15 => {
                let data = to_data(&bytes, 8, 0x30);
                bytes.extend([0xf0, 0x48, 0x01, 0x1d]); // lock add [rip + …], rbx
                bytes.extend(data);
            }
            16 => {
                let data = to_data(&bytes, 10, 0x40);
                bytes.extend([0xc7, 0x05]); // mov dword [rip + …], imm32
                bytes.extend(data);
                bytes.extend([1, 2, 3, 4]);
            }
            17 => bytes.extend([0x70 | random.below(16) as u8, 0]), // jcc to what follows
            // Over the `inc r12`.
            18 => bytes.extend([0x70 | random.below(16) as u8, 3, 0x49, 0xff, 0xc4]),
            19 => {
                bytes.extend([0x0f, 0x80 | random.below(16) as u8, 2, 0, 0, 0]);
                bytes.extend([0xf7, 0xdb]); // neg ebx
            }
            20 => bytes.extend([0xeb, 2, 0x0f, 0x0b]),
            _ if pushed == 0 && index > before => bytes.push(0xc3),
            _ => bytes.extend([0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0]),
        }
        pushed += i32::from(bytes.last() == Some(&0x53));
    }
    boundaries.push(CODE + bytes.len() as u64);
    // The end: not part of the function.
    let done = patch_run_done as *const () as u64;
    bytes.extend([0xff, 0x25, 0, 0, 0, 0]);
    bytes.extend(done.to_le_bytes());
    (bytes, boundaries)
}

fn describe(bytes: &[u8], patch: &Patch, from: u64) -> String {
    let mut text = format!("from {from:#x}, {patch:x?}\n");
    let mut at = CODE;
    while at < CODE + bytes.len() as u64 - 8 {
        let instruction = decode(bytes, CODE, at);
        text += &format!("{at:x}: {instruction}\n");
        at = instruction.next_ip();
    }
    text
}

/// Everything that differs, named.
fn assert_equal(one: &Outcome, other: &Outcome, describe: impl Fn() -> String) {
    if one == other {
        return;
    }
    for ((name, _), (one, other)) in REGISTERS.iter().zip(one.state.iter().zip(&other.state)) {
        assert!(
            one == other,
            "{name}: {one:#x} is now {other:#x}\n{}",
            describe()
        );
    }
    assert!(one.data == other.data, "data differ\n{}", describe());
    assert!(one.stack == other.stack, "stacks differ\n{}", describe());
}

/// At each start of a piece of the trampoline, all is as it was at the piece's origin.
fn assert_origins(
    patch: &Patch,
    original: &[(u64, State)],
    patched: &[(u64, State)],
    describe: impl Fn() -> String,
) {
    let Some(trampoline) = &patch.trampoline else {
        return;
    };
    let end = trampoline.address + trampoline.bytes.len() as u64;
    for (rip, state) in patched {
        if !(trampoline.address..end).contains(rip) {
            continue;
        }
        let piece = trampoline
            .origins
            .iter()
            .rfind(|piece| piece.0 <= *rip)
            .expect("a piece");
        let Some((_, there)) = original.iter().find(|step| step.0 == piece.1) else {
            // The processor does not stop behind a system call, but one instruction later.
            assert_eq!(piece.1, patch.site + 2, "{}", describe());
            continue;
        };
        for (index, (name, _)) in REGISTERS.iter().enumerate() {
            let clobbered = (index == RCX || index == R11) && *rip > trampoline.entry;
            let clobbered = clobbered && piece.1 == patch.site;
            assert!(
                clobbered || there[index] == state[index],
                "{name} at {rip:#x}: {:#x} is now {:#x}\n{}",
                there[index],
                state[index],
                describe()
            );
        }
    }
}

#[test]
#[ignore = "is the child of the test below"]
fn child() {
    prepare();
    let mut tactics = BTreeMap::new();
    let mut trapped = 0;
    for seed in 0..800 {
        let mut random = Random::new(seed);
        let (bytes, boundaries) = generate(&mut random);
        let end = *boundaries.last().expect("an end");
        let found: Vec<_> = pairs(&bytes).collect();
        let site = found.iter().map(|(at, _)| CODE + *at as u64);
        let Some(site) = site.into_iter().find(|site| boundaries.contains(site)) else {
            continue;
        };
        let sites = vec![Located {
            address: site,
            opcode: Opcode::Syscall,
            function: CODE..end,
        }];
        let code = Code {
            bytes: &bytes,
            address: CODE,
        };
        let zone = ZONES[random.below(2)];
        let mut zone = Zone::new(zone..zone + ZONE_SIZE, patch_run_gate as *const () as u64);
        let patches = plan(&code, &sites, Some(&mut zone));
        for (tactic, count) in counts(&patches) {
            *tactics.entry(tactic).or_insert(0) += count;
        }
        let planned = Planned {
            code,
            sites,
            patches,
            zone,
        };
        planned.check();
        let patch = &planned.patches[0];
        for (address, page) in planned.zone.pages() {
            write(address, page);
        }
        watch().resumptions = match &patch.trampoline {
            Some(trampoline) => trampoline.resumptions.iter().copied().collect(),
            None => BTreeMap::new(),
        };
        let patched = planned.patched();
        for from in &boundaries {
            for stepping in [false, true] {
                write(CODE, &bytes);
                let original = run(*from, seed, stepping);
                let original_steps = std::mem::take(&mut watch().steps);
                assert!(watch().illegal.is_empty());
                write(CODE, &patched);
                let new = run(*from, seed, stepping);
                let patched_steps = std::mem::take(&mut watch().steps);
                let describe = || format!("seed {seed}, {}", describe(&bytes, patch, *from));
                assert_equal(&original, &new, describe);
                if stepping {
                    assert_origins(patch, &original_steps, &patched_steps, describe);
                }
                trapped += watch().illegal.len();
            }
        }
    }
    assert!(trapped > 500, "{trapped}");
    assert!(
        tactics[&Tactic::Backward] > 100 && tactics[&Tactic::Forward] > 100,
        "{tactics:?}"
    );
    println!("{tactics:?}, {trapped} traps");

    // Whatever follows it, a trapping byte traps.
    let done = patch_run_done as *const () as u64;
    for (seed, byte) in TRAPPING.iter().enumerate() {
        for times in 0..200 {
            let mut random = Random::new((seed * 1000 + times) as u64);
            let mut bytes: Vec<u8> = (0..16).map(|_| random.next() as u8).collect();
            bytes[0] = *byte;
            write(CODE, &bytes);
            watch().resumptions = BTreeMap::from([(CODE, done)]);
            run(CODE, 1, false);
            assert_eq!(watch().illegal, [CODE], "{bytes:x?}");
        }
    }
    write(CODE, &TRAP);
    run(CODE, 1, false);
    assert_eq!(watch().illegal, [CODE]);
}

#[test]
fn patched_code_does_what_the_original_does() {
    let test = std::env::current_exe().expect("this test");
    let arguments = [
        "--exact",
        "child",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ];
    let child = Command::new(test)
        .args(arguments)
        .output()
        .expect("a child");
    let text = String::from_utf8_lossy(&child.stdout);
    let errors = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{}\n{text}\n{errors}", child.status);
    assert!(text.contains("1 passed"), "{text}");
}

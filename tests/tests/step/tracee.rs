//! A process under ptrace(2): its stops, registers and memory.
//!
//! Single-stepping sets the trap flag, and two instructions show it to the program: `pushfq`, and
//! `syscall` in r11. [`Tracee::step`] takes it out again behind both, as the code that is stepped
//! through would otherwise carry it to `popfq` and behave as it never does. Behind `popfq` itself the
//! kernel takes the flag for the program's own: it is taken out there, too, and out of the frame of a
//! signal that comes soon after.
#![expect(unsafe_code, reason = "calls ptrace")]

use std::ffi::c_void;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

unsafe extern "C" {
    fn ptrace(request: i32, pid: i32, address: *mut c_void, data: *mut c_void) -> i64;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
    fn syscall(number: i64, ...) -> i64;
    fn personality(persona: u64) -> i32;
    // Any integers will do, an error is a return value.
    safe fn kill(pid: i32, signal: i32) -> i32;
}

const TRACEME: i32 = 0;
const GETREGS: i32 = 12;
const SETREGS: i32 = 13;
const SETOPTIONS: i32 = 0x4200;
const OPTION_TRACESYSGOOD: u64 = 1;
const OPTION_EXITKILL: u64 = 0x0010_0000;
/// Places are the same in each process.
const ADDR_NO_RANDOMIZE: u64 = 0x0004_0000;
const WNOHANG: i32 = 1;
const WALL: i32 = 0x4000_0000;
const SYS_RT_TGSIGQUEUEINFO: i64 = 297;
const SYS_TGKILL: i64 = 234;
const SI_QUEUE: i32 = -1;

pub(crate) const SIGKILL: i32 = 9;
pub(crate) const SIGTRAP: i32 = 5;
const TRAP_FLAG: u64 = 0x100;
/// Where the kernel's `struct rt_sigframe` has the flags: a return address, 40 bytes of `struct ucontext`, and 17
/// registers come before.
const FLAGS_IN_FRAME: u64 = 8 + 40 + 17 * 8;
const BREAKPOINT: u8 = 0xcc;

/// The kernel's `struct user_regs_struct`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Registers {
    pub(crate) r15: u64,
    pub(crate) r14: u64,
    pub(crate) r13: u64,
    pub(crate) r12: u64,
    pub(crate) rbp: u64,
    pub(crate) rbx: u64,
    pub(crate) r11: u64,
    pub(crate) r10: u64,
    pub(crate) r9: u64,
    pub(crate) r8: u64,
    pub(crate) rax: u64,
    pub(crate) rcx: u64,
    pub(crate) rdx: u64,
    pub(crate) rsi: u64,
    pub(crate) rdi: u64,
    pub(crate) orig_rax: u64,
    pub(crate) rip: u64,
    pub(crate) cs: u64,
    pub(crate) eflags: u64,
    pub(crate) rsp: u64,
    pub(crate) ss: u64,
    pub(crate) fs_base: u64,
    pub(crate) gs_base: u64,
    pub(crate) ds: u64,
    pub(crate) es: u64,
    pub(crate) fs: u64,
    pub(crate) gs: u64,
}

/// How a stopped tracee goes on: requests of ptrace(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Go {
    On = 7,
    ByOneInstruction = 9,
    ToTheNextEdgeOfTheKernel = 24,
}

/// Why a tracee does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A signal is about to be delivered; SIGTRAP also tells of steps and breakpoints.
    Signal(i32),
    /// It is about to enter the kernel, or to leave it.
    Kernel,
    Exited(i32),
    Killed(i32),
    /// It sleeps in a call. Only [`Tracee::wait_or_sleep`] says so.
    Asleep,
}

/// A signal to be sent to the tracee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signal {
    pub(crate) number: i32,
    /// The value of a queued signal; others are sent as by tgkill(2).
    pub(crate) value: Option<i32>,
}

pub(crate) struct Tracee {
    pid: i32,
    memory: File,
    alive: bool,
    /// Stops so far, for the guard that ends a tracee that hangs.
    stops: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

/// No stop comes later than this unless the tracee hangs.
const PATIENCE: Duration = Duration::from_secs(5);

impl Tracee {
    /// Starts a command, which is stopped once it has been executed.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        // SAFETY: both only mark the child, which has one thread.
        unsafe {
            command.pre_exec(|| {
                personality(ADDR_NO_RANDOMIZE);
                match ptrace(TRACEME, 0, std::ptr::null_mut(), std::ptr::null_mut()) {
                    0 => Ok(()),
                    _ => Err(io::Error::last_os_error()),
                }
            });
        }
        let pid = command.spawn()?.id().cast_signed();
        let memory = File::open("/dev/null")?;
        let stops = Arc::new(AtomicU64::new(0));
        let over = Arc::new(AtomicBool::new(false));
        let (seen, ended) = (Arc::clone(&stops), Arc::clone(&over));
        std::thread::spawn(move || {
            let mut last = u64::MAX;
            let mut waited = Duration::ZERO;
            let pause = Duration::from_millis(200);
            while !ended.load(Ordering::Relaxed) {
                let now = seen.load(Ordering::Relaxed);
                waited = if now == last {
                    waited + pause
                } else {
                    Duration::ZERO
                };
                last = now;
                if waited > PATIENCE {
                    kill(pid, SIGKILL);
                    return;
                }
                std::thread::sleep(pause);
            }
        });
        let mut tracee = Self {
            pid,
            memory,
            alive: true,
            stops,
            over,
        };
        let stop = tracee.wait();
        assert_eq!(stop, Stop::Signal(SIGTRAP), "stops after execve");
        // Opened earlier, it would show the memory before execve.
        let memory = OpenOptions::new()
            .read(true)
            .write(true)
            .open(format!("/proc/{pid}/mem"));
        tracee.memory = memory?;
        tracee.request(SETOPTIONS, 0, OPTION_TRACESYSGOOD | OPTION_EXITKILL)?;
        Ok(tracee)
    }

    fn request(&self, request: i32, address: u64, data: u64) -> io::Result<i64> {
        // SAFETY: the requests of this module touch no memory of ours but what `data` points to in
        // `registers` and `set_registers`.
        let result = unsafe {
            ptrace(
                request,
                self.pid,
                address as *mut c_void,
                data as *mut c_void,
            )
        };
        match result {
            -1 => Err(io::Error::last_os_error()),
            value => Ok(value),
        }
    }

    pub(crate) fn registers(&self) -> Registers {
        let mut registers = Registers::default();
        let _ = self.request(GETREGS, 0, &raw mut registers as u64);
        registers
    }

    pub(crate) fn set_registers(&self, registers: &Registers) {
        let _ = self.request(SETREGS, 0, &raw const *registers as u64);
    }

    /// The bytes at an address, as many as can be read.
    pub(crate) fn read(&self, address: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let read = self.memory.read_at(&mut bytes, address).unwrap_or(0);
        bytes.truncate(read);
        bytes
    }

    pub(crate) fn read_word(&self, address: u64) -> u64 {
        let bytes = self.read(address, 8);
        bytes.try_into().map_or(0, u64::from_le_bytes)
    }

    /// The text at an address, up to its NUL.
    pub(crate) fn read_text(&self, address: u64) -> String {
        let bytes = self.read(address, 4096);
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(0);
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }

    /// Writes a byte, into code too, whether the tracee is stopped or not; gives the one that was there.
    pub(crate) fn write_byte(&self, address: u64, byte: u8) -> u8 {
        let old = self.read(address, 1);
        let _ = self.memory.write_at(&[byte], address);
        old.first().copied().unwrap_or_default()
    }

    pub(crate) fn send(&self, signal: Signal) {
        let (pid, number) = (i64::from(self.pid), i64::from(signal.number));
        match signal.value {
            // SAFETY: numbers only.
            None => unsafe {
                syscall(SYS_TGKILL, pid, pid, number);
            },
            Some(value) => {
                let mut info = [0_i32; 32];
                info[0] = signal.number;
                info[2] = SI_QUEUE;
                info[6] = value;
                // SAFETY: the kernel reads a siginfo of 128 bytes.
                unsafe {
                    syscall(SYS_RT_TGSIGQUEUEINFO, pid, pid, number, info.as_ptr());
                }
            }
        }
    }

    /// Whether the tracee has a handler for a signal.
    pub(crate) fn catches(&self, number: i32) -> bool {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
        caught.is_some_and(|set| set >> (number - 1) & 1 != 0)
    }

    /// Lets the tracee run, with the signal that it was stopped for, if it shall have it.
    pub(crate) fn go(&self, how: Go, signal: i32) {
        let _ = self.request(how as i32, 0, signal as u64);
    }

    fn wait_with(&mut self, options: i32) -> Option<Stop> {
        let mut status = 0;
        // SAFETY: the status is ours.
        let waited = unsafe { waitpid(self.pid, &raw mut status, options | WALL) };
        if waited != self.pid {
            return None;
        }
        self.stops.fetch_add(1, Ordering::Relaxed);
        let stop = match (status & 0x7f, status >> 8 & 0xff) {
            (0x7f, signal) if signal == SIGTRAP | 0x80 => Stop::Kernel,
            (0x7f, signal) => Stop::Signal(signal),
            (0, code) => Stop::Exited(code),
            (signal, _) => Stop::Killed(signal),
        };
        self.alive = !matches!(stop, Stop::Exited(_) | Stop::Killed(_));
        Some(stop)
    }

    pub(crate) fn wait(&mut self) -> Stop {
        self.wait_with(0).unwrap_or(Stop::Killed(SIGKILL))
    }

    /// Waits until the tracee stops, or has slept in a call for some time.
    pub(crate) fn wait_or_sleep(&mut self, time: Duration) -> Stop {
        let mut asleep_since = None;
        loop {
            for _ in 0..20 {
                if let Some(stop) = self.wait_with(WNOHANG) {
                    return stop;
                }
                std::thread::yield_now();
            }
            let stat =
                std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
            let (_, state) = stat.rsplit_once(") ").unwrap_or_default();
            if !state.starts_with('S') {
                asleep_since = None;
            } else if asleep_since.get_or_insert_with(Instant::now).elapsed() >= time {
                // It may have stopped between the two looks; if it has not, it sleeps.
                return self.wait_with(WNOHANG).unwrap_or(Stop::Asleep);
            }
        }
    }

    /// Makes one step, into the handler of `signal` if that is not 0, and tells what came of it.
    pub(crate) fn step(&mut self, signal: i32) -> Stop {
        let before = self.registers();
        let code = self.read(before.rip, 2);
        self.go(Go::ByOneInstruction, signal);
        let calls = code == [0x0f, 0x05] && signal == 0;
        let stop = match calls {
            // Some calls sleep for a moment, and come back by themselves.
            true => self.wait_or_sleep(Duration::from_millis(20)),
            false => self.wait(),
        };
        if matches!(stop, Stop::Signal(_)) {
            let pushed = signal == 0 && code.first() == Some(&0x9c);
            if pushed && self.registers().rip == before.rip + 1 {
                let rsp = self.registers().rsp;
                let flags = self.read_word(rsp).to_le_bytes();
                self.write_byte(rsp + 1, flags[1] & !1);
            }
            if signal != 0 {
                let flags = self.registers().rsp + FLAGS_IN_FRAME;
                if self.read_word(flags) == before.eflags | TRAP_FLAG {
                    self.write_byte(flags + 1, (before.eflags >> 8) as u8);
                }
            }
            self.hide_trap_flag();
        }
        stop
    }

    /// Takes the trap flag out of the flags, and out of r11 behind a call.
    pub(crate) fn hide_trap_flag(&self) {
        let mut registers = self.registers();
        let behind_call = self.read(registers.rip.wrapping_sub(2), 2) == [0x0f, 0x05];
        let shown = behind_call && registers.r11 & TRAP_FLAG != 0;
        if shown {
            registers.r11 &= !TRAP_FLAG;
        }
        if shown || registers.eflags & TRAP_FLAG != 0 {
            registers.eflags &= !TRAP_FLAG;
            self.set_registers(&registers);
        }
    }

    /// Puts a breakpoint at an address; gives the byte that was there.
    pub(crate) fn set_breakpoint(&self, address: u64) -> u8 {
        self.write_byte(address, BREAKPOINT)
    }

    /// What the tracee's memory has at `address`, as a file and an offset, for reports.
    pub(crate) fn describe(&self, address: u64) -> String {
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", self.pid)).unwrap_or_default();
        let mut base = (0, "");
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let range = words.next().unwrap_or_default();
            let (start, end) = range.split_once('-').unwrap_or_default();
            let number = |text| u64::from_str_radix(text, 16).unwrap_or(0);
            let (start, end) = (number(start), number(end));
            let file = words.nth(4).unwrap_or_default();
            if file != base.1 {
                base = (start, file);
            }
            if (start..end).contains(&address) {
                let name = file.rsplit('/').next().unwrap_or_default();
                return format!("{name}+{:#x}", address - base.0);
            }
        }
        format!("{address:#x}")
    }
}

impl Drop for Tracee {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if self.alive {
            kill(self.pid, SIGKILL);
            self.wait();
        }
    }
}

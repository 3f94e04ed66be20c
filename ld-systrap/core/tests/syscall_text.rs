//! Lines about calls: exact for known ones, and never a panic or an endless one for any others.

use ld_systrap_core::address::{Address, Fault, Memory};
use ld_systrap_core::syscall::{
    Abi, CallView, LONGEST, Returned, all, errno_name, number, read_before, signal_name,
    write_entry, write_exit, write_signal, written_after,
};

/// Bytes at one place; everything else faults.
struct At(u64, Vec<u8>);

impl Memory for At {
    fn read(&self, from: Address, into: &mut [u8]) -> Result<(), Fault> {
        let start = usize::try_from(from.0.checked_sub(self.0).ok_or(Fault)?).map_err(|_| Fault)?;
        let end = start.checked_add(into.len()).ok_or(Fault)?;
        into.copy_from_slice(self.1.get(start..end).ok_or(Fault)?);
        Ok(())
    }
}

const NOTHING: At = At(0, Vec::new());

fn line(abi: Abi, call: u64, arguments: [u64; 6], result: Returned, memory: &dyn Memory) -> String {
    let view = CallView {
        abi,
        number: call,
        arguments,
    };
    let mut text = String::new();
    let pending =
        write_entry(&mut text, &view, memory, LONGEST).expect("a string takes everything");
    write_exit(&mut text, &view, &pending, result, memory).expect("a string takes everything");
    text
}

fn shown(call: &str, arguments: [u64; 6], result: i64, memory: &dyn Memory) -> String {
    let number = number(call).expect("a call");
    line(
        Abi::Syscall,
        number,
        arguments,
        Returned::Value(result as u64),
        memory,
    )
}

#[test]
fn a_string_is_shortened_and_escaped() {
    let memory = At(
        0x1000,
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0more than 32 bytes".into(),
    );
    assert_eq!(
        shown("read", [3, 0x1000, 832, 0, 0, 0], 38, &memory),
        r#"read(3, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0more than 32"..., 832) = 38"#
    );
}

#[test]
fn results_line_up_at_column_forty() {
    assert_eq!(
        shown("close", [3, 0, 0, 0, 0, 0], 0, &NOTHING),
        "close(3)                                = 0"
    );
}

#[test]
fn errors_have_names_and_messages() {
    assert_eq!(
        shown("close", [99, 0, 0, 0, 0, 0], -9, &NOTHING),
        "close(99)                               = -1 EBADF (Bad file descriptor)"
    );
    assert_eq!(
        shown("pause", [0; 6], -514, &NOTHING),
        "pause()                                 = ? ERESTARTNOHAND (To be restarted if no handler)"
    );
    let restarted = shown("close", [0; 6], -512, &NOTHING);
    assert!(restarted.ends_with("= ? ERESTARTSYS (To be restarted if SA_RESTART is set)"));
    assert_eq!(errno_name(2), Some(("ENOENT", "No such file or directory")));
    assert_eq!(errno_name(41), None);
}

#[test]
fn a_call_that_does_not_return_has_no_result() {
    let exit = number("exit_group").expect("a call");
    assert_eq!(
        line(Abi::Syscall, exit, [0; 6], Returned::Never, &NOTHING),
        "exit_group(0)                           = ?"
    );
}

#[test]
fn unknown_numbers_are_shown_as_numbers() {
    let result = Returned::Value(-38i64 as u64);
    assert_eq!(
        line(
            Abi::Syscall,
            1000,
            [1, 0, 3, 4, 5, u64::MAX],
            result,
            &NOTHING
        ),
        "syscall_0x3e8(0x1, 0, 0x3, 0x4, 0x5, 0xffffffffffffffff) = -1 ENOSYS (Function not implemented)"
    );
}

#[test]
fn memory_that_faults_is_an_address() {
    assert_eq!(
        shown("write", [1, 0x1000, 5, 0, 0, 0], -14, &NOTHING),
        "write(1, 0x1000, 5)                     = -1 EFAULT (Bad address)"
    );
    assert_eq!(
        shown(
            "openat",
            [-100i64 as u64, 0x1000, 0, 0, 0, 0],
            -14,
            &NOTHING
        ),
        "openat(AT_FDCWD, 0x1000, O_RDONLY)      = -1 EFAULT (Bad address)"
    );
}

#[test]
fn what_the_kernel_reads_is_shown_as_it_was_before_the_call() {
    let view = CallView {
        abi: Abi::Syscall,
        number: number("ppoll").expect("a call"),
        arguments: [0, 0, 0x1000, 0, 8, 0],
    };
    let mut text = String::new();
    let pending =
        write_entry(&mut text, &view, &At(0x1000, vec![1; 16]), LONGEST).expect("a string");
    write_exit(&mut text, &view, &pending, Returned::Value(0), &NOTHING).expect("a string");
    assert!(
        text.starts_with("ppoll(NULL, 0, {tv_sec=72340172838076673, tv_nsec="),
        "{text}"
    );
}

#[test]
fn an_array_ends_where_it_cannot_be_read() {
    let groups = At(0x1000, [0, u32::MAX, 7].map(u32::to_le_bytes).concat());
    assert_eq!(
        shown("setgroups", [3, 0x1000, 0, 0, 0, 0], 0, &groups),
        "setgroups(3, [0, -1, 7])                = 0"
    );
    assert_eq!(
        shown("setgroups", [4, 0x1000, 0, 0, 0, 0], -14, &groups),
        "setgroups(4, [0, -1, 7, ... /* 0x100c */]) = -1 EFAULT (Bad address)"
    );
    assert_eq!(
        shown("setgroups", [1, 0x100c, 0, 0, 0, 0], -14, &groups),
        "setgroups(1, 0x100c)                    = -1 EFAULT (Bad address)"
    );
    // The kernel takes no more than 65536, and reads nothing then.
    assert_eq!(
        shown("setgroups", [65537, 0x1000, 0, 0, 0, 0], -22, &groups),
        "setgroups(65537, 0x1000)                = -1 EINVAL (Invalid argument)"
    );
}

#[test]
fn times_of_files_have_their_date() {
    let times = [1_492_358_706_u64, 123_456_789, 0, 0x3fff_fffe];
    let times = At(0x1000, times.map(u64::to_le_bytes).concat());
    assert_eq!(
        shown("utimensat", [3, 0, 0x1000, 0, 0, 0], 0, &times),
        "utimensat(3, NULL, [{tv_sec=1492358706, tv_nsec=123456789} \
         /* 2017-04-16T16:05:06.123456789+0000 */, UTIME_OMIT], 0) = 0"
    );
    assert_eq!(
        shown("time", [0; 6], -86_400 - 1, &NOTHING),
        "time(NULL)                              = -86401 (1969-12-30T23:59:59+0000)"
    );
    // Two structures that the kernel copies at once.
    assert_eq!(
        shown("utimes", [0, 0x1010, 0, 0, 0, 0], -14, &times),
        "utimes(NULL, 0x1010)                    = -1 EFAULT (Bad address)"
    );
}

#[test]
fn no_more_bytes_are_shown_than_there_is_room_for() {
    let byte = At(0x1000, b"A".into());
    let truncating = [3, 0x1000, 1, 0x20, 0, 0];
    assert_eq!(
        shown("recvfrom", truncating, 2, &byte),
        r#"recvfrom(3, "A", 1, MSG_TRUNC, NULL, NULL) = 2"#
    );
    let mut written = Vec::new();
    let view = CallView {
        abi: Abi::Syscall,
        number: number("recvfrom").expect("a call"),
        arguments: truncating,
    };
    written_after(&view, 2, &byte, &mut |span| written.push(span.length));
    assert_eq!(written, [1]);
}

#[test]
fn modes_are_as_wide_as_the_kernel_takes_them() {
    assert_eq!(
        shown(
            "umask",
            [0xffff_ffff_ffff_0012, 0, 0, 0, 0, 0],
            0o22,
            &NOTHING
        ),
        "umask(022)                              = 022"
    );
    assert_eq!(
        shown("mknod", [0, 0o170_644, 0, 0, 0, 0], -22, &NOTHING),
        "mknod(NULL, 0170644)                    = -1 EINVAL (Invalid argument)"
    );
}

#[test]
fn an_option_of_a_socket_may_be_shorter_than_its_structure() {
    let memory = At(
        0x1000,
        [1, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0].into(),
    );
    let linger = |name, length| shown(name, [3, 1, 13, 0x1000, length, 0], 0, &memory);
    assert_eq!(
        linger("setsockopt", 8),
        "setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8) = 0"
    );
    assert_eq!(
        linger("setsockopt", 7),
        "setsockopt(3, SOL_SOCKET, SO_LINGER, 0x1000, 7) = 0"
    );
    assert_eq!(
        linger("getsockopt", 0x1008),
        "getsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1}, [4]) = 0"
    );
    assert_eq!(
        linger("getsockopt", 0x100c),
        r#"getsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger="\x05\x00\x00"}, [7]) = 0"#
    );
}

#[test]
fn a_32_bit_call_takes_the_lower_halves() {
    let memory = At(0x1000, b"hello\n".into());
    assert_eq!(
        line(
            Abi::Int80,
            4,
            [1, 0x7_0000_1000, 6, 0, 0, 0],
            Returned::Value(6),
            &memory
        ),
        "write(1, \"hello\\n\", 6)                  = 6"
    );
    assert!(line(Abi::Int80, 90, [7; 6], Returned::Value(0), &NOTHING).starts_with("mmap(0x7)"));
}

#[test]
fn signals_tell_where_they_come_from() {
    let written = |words: &[(usize, u32)]| {
        let mut info = [0; 128];
        for (offset, word) in words {
            info[*offset..offset + 4].copy_from_slice(&word.to_le_bytes());
        }
        let mut text = String::new();
        write_signal(&mut text, &info).expect("a string takes everything");
        text
    };
    assert_eq!(
        written(&[(0, 17), (8, 1), (16, 12), (20, 1000), (24, 3)]),
        "SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=12, si_uid=1000, si_status=3, \
         si_utime=0, si_stime=0}"
    );
    assert_eq!(
        written(&[(0, 11), (8, 2), (16, 0x1000)]),
        "SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_ACCERR, si_addr=0x1000}"
    );
    assert_eq!(
        written(&[(0, 15), (16, 1)]),
        "SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=1, si_uid=0}"
    );
    assert_eq!(
        written(&[(0, 34), (8, -1i32 as u32), (16, 1), (24, 5)]),
        "SIGRT_2 {si_signo=SIGRT_2, si_code=SI_QUEUE, si_pid=1, si_uid=0, si_int=5, si_ptr=0x5}"
    );
    assert_eq!(
        (signal_name(1), signal_name(32)),
        (Some("HUP"), Some("RTMIN"))
    );
    assert_eq!((signal_name(0), signal_name(65)), (None, None));
}

#[test]
fn the_footprint_of_a_call_follows_from_its_description() {
    let spans = |call: &str, arguments: [u64; 6], result: Option<u64>, memory: &dyn Memory| {
        let number = number(call).expect("a call");
        let view = CallView {
            abi: Abi::Syscall,
            number,
            arguments,
        };
        let mut found = Vec::new();
        let mut each = |span: ld_systrap_core::syscall::Span| {
            found.push((span.argument, span.address.0, span.length));
        };
        match result {
            None => read_before(&view, memory, &mut each),
            Some(result) => written_after(&view, result, memory, &mut each),
        }
        found
    };
    assert_eq!(
        spans("write", [1, 0x1000, 5, 0, 0, 0], None, &NOTHING),
        [(1, 0x1000, 5)]
    );
    assert_eq!(
        spans("read", [1, 0x1000, 5, 0, 0, 0], Some(3), &NOTHING),
        [(1, 0x1000, 3)]
    );
    assert_eq!(
        spans(
            "read",
            [1, 0x1000, 5, 0, 0, 0],
            Some(-14i64 as u64),
            &NOTHING
        ),
        []
    );
    assert_eq!(
        spans("fstat", [1, 0x1000, 0, 0, 0, 0], Some(0), &NOTHING),
        [(1, 0x1000, 144)]
    );
    assert_eq!(
        spans("writev", [1, 0x1000, 3, 0, 0, 0], None, &NOTHING),
        [(1, 0x1000, 48)]
    );
    let path = At(
        0x1000,
        b"/etc/passwd\0and what follows, up to the next multiple of sixty-four".into(),
    );
    assert_eq!(
        spans("open", [0x1000, 0, 0, 0, 0, 0], None, &path),
        [(0, 0x1000, 12)]
    );
}

/// A sequence of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        self.0 ^ self.0 >> 29
    }

    /// Mostly small numbers and addresses within the memory, sometimes anything.
    fn argument(&mut self) -> u64 {
        let value = self.next();
        match value >> 60 {
            0..=3 => value % 300,
            4..=9 => 0x1000 + value % 0x1200,
            10 => 0,
            11 => u64::MAX - value % 5000,
            12 => 1 << (value % 64),
            _ => value,
        }
    }
}

#[test]
fn no_call_with_whatever_arguments_and_memory_panics_or_writes_without_end() {
    let mut numbers = Numbers(1);
    for round in 0..400u64 {
        let fill = numbers.next();
        let bytes = (0..0x1000).map(|_| match fill % 3 {
            0 => numbers.next() as u8,
            1 => 0,
            _ => (numbers.argument() % 256) as u8,
        });
        let memory = At(0x1000, bytes.collect());
        for call in all()
            .iter()
            .map(|call| u64::from(call.number))
            .chain([u64::MAX, 500])
        {
            let arguments = [(); 6].map(|()| numbers.argument());
            let result = match round % 4 {
                0 => Returned::Never,
                1 => Returned::Value(u64::MAX - numbers.next() % 600),
                2 => Returned::Value(numbers.next() % 100),
                _ => Returned::Value(numbers.argument()),
            };
            for abi in [Abi::Syscall, Abi::Int80] {
                let text = line(abi, call, arguments, result, &memory);
                assert!(text.len() < 1 << 20, "{text:.200}");
            }
            let view = CallView {
                abi: Abi::Syscall,
                number: call,
                arguments,
            };
            read_before(&view, &memory, &mut |_| {});
            written_after(&view, numbers.argument(), &memory, &mut |_| {});
        }
        let mut info = [0; 128];
        info.iter_mut()
            .for_each(|byte| *byte = numbers.next() as u8);
        info[0] %= 40;
        info[1..4].fill(0);
        write_signal(&mut String::new(), &info).expect("a string takes everything");
    }
}

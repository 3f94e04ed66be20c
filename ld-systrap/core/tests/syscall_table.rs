//! The table of calls has every call of the kernel, under its name and with its arguments.

use ld_systrap_core::syscall::{Abi, Kind, all, describe, name, number};

/// What a 6.18 kernel's own metadata say: number, name and names of arguments; `?` where it has none.
const KERNEL: &str = include_str!("syscall_table/kernel-6.18.txt");

#[test]
fn every_call_of_the_kernel_is_described_with_its_arguments() {
    for line in KERNEL.lines() {
        let mut words = line.split(' ');
        let expected: u64 = words
            .next()
            .and_then(|word| word.parse().ok())
            .expect("a number");
        let call = words.next().expect("a name");
        let description = describe(expected).unwrap_or_else(|| panic!("{call} is missing"));
        assert_eq!(description.name, call);
        assert_eq!(number(call), Some(expected));
        assert_eq!(name(Abi::Syscall, expected), Some(call));
        let arguments: Vec<&str> = words.collect();
        if arguments != ["?"] {
            let described = description.arguments.iter().map(|argument| argument.name);
            assert_eq!(described.collect::<Vec<_>>(), arguments, "{call}");
        }
    }
}

#[test]
fn the_table_is_in_order_and_has_no_more_than_six_arguments() {
    for pair in all().windows(2) {
        assert!(
            pair[0].number < pair[1].number,
            "{} is out of order",
            pair[1].name
        );
    }
    for call in all() {
        assert!(call.arguments.len() <= 6, "{}", call.name);
    }
}

#[test]
fn numbers_that_the_kernel_does_not_have_are_not_described() {
    for number in [
        336u64 + 1,
        400,
        423,
        1000,
        0x4000_0000,
        0x1_0000_0000,
        u64::MAX,
    ] {
        assert!(describe(number).is_none(), "{number}");
        assert!(name(Abi::Syscall, number).is_none(), "{number}");
    }
}

#[test]
fn flags_of_one_argument_have_one_name_each() {
    for call in all() {
        for argument in call.arguments {
            if let Kind::Flags(names) | Kind::Choice(names) = argument.kind {
                for (index, (name, _)) in names.names.iter().enumerate() {
                    let earlier = &names.names[..index];
                    assert!(
                        earlier.iter().all(|other| other.0 != *name),
                        "{}: {name}",
                        call.name
                    );
                }
            }
        }
    }
}

#[test]
fn calls_of_32_bit_code_have_their_own_numbers() {
    for (number, call) in [
        (0, "restart_syscall"),
        (1, "exit"),
        (4, "write"),
        (11, "execve"),
        (20, "getpid"),
        (102, "socketcall"),
        (192, "mmap2"),
        (252, "exit_group"),
        (403, "clock_gettime64"),
        (422, "futex_time64"),
        (439, "faccessat2"),
        (462, "mseal"),
    ] {
        assert_eq!(name(Abi::Int80, number), Some(call));
        assert_eq!(name(Abi::Sysenter, number), Some(call));
    }
    assert_eq!(name(Abi::Int80, 222), None);
    assert_eq!(name(Abi::Int80, u64::MAX), None);
}

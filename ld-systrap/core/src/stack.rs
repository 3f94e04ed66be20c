//! The first stack of a program, laid out as the kernel's `create_elf_tables` does.

use alloc::vec::Vec;

/// What a new program is told.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    /// argv, without NULs.
    pub arguments: Vec<&'a [u8]>,
    /// envp, without NULs.
    pub environment: Vec<&'a [u8]>,
    /// What `AT_EXECFN` shall point to.
    pub path: &'a [u8],
    /// What `AT_PLATFORM` shall point to, if it is there.
    pub platform: &'a [u8],
    /// What `AT_RANDOM` shall point to.
    pub random: [u8; 16],
    /// The auxiliary vector without `AT_NULL`; pointers to the above are filled in.
    pub vector: Vec<[u64; 2]>,
}

/// A stack, ready to be copied to where it belongs.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The address of its first byte, where argc is: the program's first rsp.
    pub start: u64,
    /// All bytes up to the top.
    pub bytes: Vec<u8>,
    /// Where argv's strings begin and end.
    pub arguments: core::ops::Range<u64>,
    /// Where envp's strings begin and end.
    pub environment: core::ops::Range<u64>,
    /// Where the auxiliary vector begins and ends, `AT_NULL` included.
    pub vector: core::ops::Range<u64>,
}

const AT_NULL: u64 = 0;
const AT_PLATFORM: u64 = 15;
const AT_RANDOM: u64 = 25;
const AT_EXECFN: u64 = 31;

/// Lays out a stack whose last byte lies before `top`, which is a multiple of 16.
#[must_use]
pub fn build(words: &Words<'_>, top: u64) -> Stack {
    // From the top: eight zeros, the path, envp's strings, argv's strings; then what is aligned.
    let total = |strings: &[&[u8]]| strings.iter().map(|one| one.len() as u64 + 1).sum::<u64>();
    let path = top - 8 - (words.path.len() as u64 + 1);
    let environment = path - total(&words.environment);
    let arguments = environment - total(&words.arguments);
    let platform = (arguments - (words.platform.len() as u64 + 1)) & !15;
    let random = platform - 16;

    let mut vector = words.vector.clone();
    for [kind, value] in &mut vector {
        match *kind {
            AT_PLATFORM => *value = platform,
            AT_RANDOM => *value = random,
            AT_EXECFN => *value = path,
            _ => {}
        }
    }
    vector.push([AT_NULL, 0]);

    let pointers = 1 + words.arguments.len() as u64 + 1 + words.environment.len() as u64 + 1;
    let start = (random - 8 * (pointers + 2 * vector.len() as u64)) & !15;
    let mut stack = Vec::with_capacity((top - start) as usize);
    let mut word = |value: u64| stack.extend_from_slice(&value.to_le_bytes());
    word(words.arguments.len() as u64);
    for (mut at, strings) in [
        (arguments, &words.arguments),
        (environment, &words.environment),
    ] {
        for string in strings {
            word(at);
            at += string.len() as u64 + 1;
        }
        word(0);
    }
    let vector_start = start + 8 * pointers;
    for [kind, value] in &vector {
        word(*kind);
        word(*value);
    }
    let mut place = |at: u64, bytes: &[u8]| {
        stack.resize((at - start) as usize, 0);
        stack.extend_from_slice(bytes);
    };
    place(random, &words.random);
    place(platform, words.platform);
    let mut at = arguments;
    for string in words
        .arguments
        .iter()
        .chain(&words.environment)
        .chain([&words.path])
    {
        place(at, string);
        at += string.len() as u64 + 1;
    }
    stack.resize((top - start) as usize, 0);
    Stack {
        start,
        bytes: stack,
        arguments: arguments..environment,
        environment: environment..path,
        vector: vector_start..vector_start + 16 * vector.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(stack: &Stack, address: u64) -> u64 {
        let at = (address - stack.start) as usize;
        u64::from_le_bytes(stack.bytes[at..at + 8].try_into().unwrap())
    }

    fn string(stack: &Stack, address: u64) -> &[u8] {
        let from = &stack.bytes[(address - stack.start) as usize..];
        &from[..from.iter().position(|&byte| byte == 0).unwrap()]
    }

    #[test]
    fn every_pointer_leads_to_what_it_names() {
        let words = Words {
            arguments: alloc::vec![b"prog", b"", b"-x"],
            environment: alloc::vec![b"A=1"],
            path: b"/bin/prog",
            platform: b"x86_64",
            random: [7; 16],
            vector: alloc::vec![[6, 4096], [AT_RANDOM, 0], [AT_EXECFN, 0], [AT_PLATFORM, 0]],
        };
        let top = 0x7fff_0000;
        let stack = build(&words, top);
        assert_eq!(stack.start % 16, 0);
        assert_eq!(stack.start + stack.bytes.len() as u64, top);
        assert_eq!(word(&stack, stack.start), 3);
        assert_eq!(string(&stack, word(&stack, stack.start + 8)), b"prog");
        assert_eq!(string(&stack, word(&stack, stack.start + 16)), b"");
        assert_eq!(string(&stack, word(&stack, stack.start + 24)), b"-x");
        assert_eq!(word(&stack, stack.start + 32), 0);
        assert_eq!(string(&stack, word(&stack, stack.start + 40)), b"A=1");
        assert_eq!(word(&stack, stack.start + 48), 0);
        let vector = stack.vector.start;
        assert_eq!(vector, stack.start + 56);
        assert_eq!(word(&stack, vector), 6);
        assert_eq!(
            word(&stack, word(&stack, vector + 24)),
            0x0707_0707_0707_0707
        );
        assert_eq!(string(&stack, word(&stack, vector + 40)), b"/bin/prog");
        assert_eq!(string(&stack, word(&stack, vector + 56)), b"x86_64");
        assert_eq!(word(&stack, vector + 64), AT_NULL);
    }
}

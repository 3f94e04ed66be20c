//! Every patch keeps its promises, over real code and over code made at random.

mod common;
mod patch_common;

use common::{Random, installed};
use ld_systrap_core::image::Image;
use ld_systrap_core::patch::{Code, Located, Tactic, Zone, plan};
use ld_systrap_core::site::{Opcode, pairs};
use ld_systrap_core::table::{self, Table, Unproved};
use patch_common::{Planned, counts, planned};

/// Checks all patches of a file and returns how many there are, and how many of them trap.
fn check(path: &str, package: &str) -> (usize, usize) {
    let bytes = installed(path, package);
    let image = Image::parse(&bytes).expect("an image");
    let all = planned(&image);
    all.iter().for_each(Planned::check);
    let counts = counts(all.iter().flat_map(|one| &one.patches));
    let trap = counts.get(&Tactic::Trap).copied().unwrap_or(0);
    (counts.values().sum(), trap)
}

#[test]
fn glibc_and_its_dynamic_linker_jump() {
    for (path, least) in [
        ("/lib/x86_64-linux-gnu/libc.so.6", 400),
        ("/lib64/ld-linux-x86-64.so.2", 30),
    ] {
        let (sites, trap) = check(path, "libc6");
        assert!(sites > least, "{path}: {sites} sites");
        assert!(trap * 100 <= sites, "{path}: {trap} of {sites} by trap");
    }
}

#[test]
fn musl_jumps() {
    let (sites, trap) = check("/usr/lib/x86_64-linux-musl/libc.so", "musl");
    assert!(
        sites > 400 && trap * 100 <= sites,
        "{trap} of {sites} by trap"
    );
}

#[test]
fn programs_made_by_go_jump() {
    let (sites, trap) = check("/usr/bin/go", "golang-go");
    assert!(sites > 20 && trap == 0, "{trap} of {sites} by trap");
}

#[test]
fn python_and_libraries_of_compilers_jump() {
    check("/usr/bin/python3", "python3");
    let (sites, trap) = check(
        "/usr/lib/gcc/x86_64-linux-gnu/12/libasan.so",
        "libgcc-12-dev",
    );
    assert!(sites > 40 && trap == 0, "{trap} of {sites} by trap");
}

#[test]
fn the_whole_distribution_jumps() {
    let (mut sites, mut trap) = (0, 0);
    let mut pending = vec!["/usr/lib".into(), "/usr/bin".into()];
    while let Some(path) = pending.pop() {
        let path: std::path::PathBuf = path;
        if path.is_symlink() {
            continue;
        }
        if let Ok(entries) = std::fs::read_dir(&path) {
            pending.extend(entries.flatten().map(|entry| entry.path()));
            continue;
        }
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        let Ok(image) = Image::parse(&bytes) else {
            continue;
        };
        for one in planned(&image) {
            one.check();
            sites += one.patches.len();
            trap += one
                .patches
                .iter()
                .filter(|one| one.tactic == Tactic::Trap)
                .count();
        }
    }
    println!("{trap} of {sites} by trap");
    assert!(trap * 100 <= sites, "{trap} of {sites} by trap");
}

/// Instructions that may stand around a system call.
const INSTRUCTIONS: [&[u8]; 44] = [
    &[0x90],                                           // nop
    &[0x53],                                           // push rbx
    &[0x5b],                                           // pop rbx
    &[0xc3],                                           // ret
    &[0xf4],                                           // hlt
    &[0xcc],                                           // int3
    &[0x31, 0xff],                                     // xor edi, edi
    &[0x89, 0xd0],                                     // mov eax, edx
    &[0x66, 0x90],                                     // xchg ax, ax
    &[0x85, 0xc0],                                     // test eax, eax
    &[0x74, 0x04],                                     // je +4
    &[0x75, 0xf6],                                     // jne -10
    &[0xeb, 0x02],                                     // jmp +2
    &[0xe3, 0x02],                                     // jrcxz +2
    &[0xe2, 0xfe],                                     // loop to itself
    &[0x0f, 0x0b],                                     // ud2
    &[0xff, 0xe0],                                     // jmp rax
    &[0xff, 0xd0],                                     // call rax
    &[0x48, 0x89, 0xe5],                               // mov rbp, rsp
    &[0x0f, 0xb6, 0xc0],                               // movzx eax, al
    &[0x0f, 0x1f, 0x00],                               // nopl (rax)
    &[0xf0, 0x0f, 0xb1, 0x17],                         // lock cmpxchg [rdi], edx
    &[0x48, 0x8b, 0x04, 0x24],                         // mov rax, [rsp]
    &[0xf3, 0x0f, 0x1e, 0xfa],                         // endbr64
    &[0xb8, 0x27, 0x00, 0x00, 0x00],                   // mov eax, 39
    &[0xb8, 0x3c, 0x00, 0x00, 0x00],                   // mov eax, 60
    &[0xb8, 0x0f, 0x05, 0x00, 0x00],                   // mov eax, 0x50f
    &[0xe8, 0x10, 0x00, 0x00, 0x00],                   // call +16
    &[0xe9, 0x10, 0x00, 0x00, 0x00],                   // jmp +16
    &[0x44, 0x8b, 0x54, 0x24, 0x08],                   // mov r10d, [rsp + 8]
    &[0x0f, 0x84, 0x20, 0x00, 0x00, 0x00],             // je +32
    &[0x0f, 0x8f, 0xf0, 0xff, 0xff, 0xff],             // jg -16
    &[0xff, 0x25, 0x10, 0x00, 0x00, 0x00],             // jmp [rip + 16]
    &[0x48, 0x3d, 0x00, 0xf0, 0xff, 0xff],             // cmp rax, -4096
    &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],             // nopw
    &[0x8b, 0x05, 0x00, 0x01, 0x00, 0x00],             // mov eax, [rip + 256]
    &[0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00],       // mov rax, 15
    &[0x48, 0x8d, 0x3d, 0x34, 0x12, 0x00, 0x00],       // lea rdi, [rip + 0x1234]
    &[0x83, 0x3d, 0x00, 0x01, 0x00, 0x00, 0x07],       // cmp dword [rip + 256], 7
    &[0x67, 0x8b, 0x05, 0x00, 0x01, 0x00, 0x00],       // mov eax, [eip + 256]
    &[0xc5, 0xfe, 0x6f, 0x05, 0x00, 0x00, 0x00, 0x00], // vmovdqu ymm0, [rip]
    &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00], // nopl (rax, rax) and more
    &[0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    &[0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8], // movabs rax, …
];

#[test]
fn random_code_is_patched_exactly() {
    let mut tactics = std::collections::BTreeMap::new();
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let address = 0x7f00_0000_0000 + random.next() % 0x10_0000;
        let mut bytes = Vec::new();
        let mut sites = Vec::new();
        for _ in 0..4 + random.below(60) {
            if random.below(6) == 0 {
                let opcode = match random.below(12) {
                    0 => Opcode::Int80,
                    1 => Opcode::Sysenter,
                    _ => Opcode::Syscall,
                };
                sites.push((address + bytes.len() as u64, opcode));
                bytes.extend_from_slice(&opcode.bytes());
            } else {
                bytes.extend_from_slice(INSTRUCTIONS[random.below(INSTRUCTIONS.len())]);
            }
        }
        let end = address + bytes.len() as u64;
        let function = match random.below(5) {
            0 => 0..0,
            _ => address..end,
        };
        let locate = |(address, opcode): &(u64, Opcode)| Located {
            address: *address,
            opcode: *opcode,
            function: function.clone(),
        };
        let sites: Vec<_> = sites.iter().map(locate).collect();
        // In front of the code or behind it, far or near, large or small.
        let far = random.next() % 0x7000_0000;
        let size = 0x1000 << random.below(13);
        let start = match random.below(2) {
            0 => end + far,
            _ => address - far - size,
        };
        let gate = match random.below(2) {
            0 => start,
            _ => 0x10_0000,
        };
        let mut zone = Zone::new(start..start + size, gate);
        let code = Code {
            bytes: &bytes,
            address,
        };
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
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| planned.check()));
        assert!(checked.is_ok(), "seed {seed}: {:x?}", planned.code.bytes);
    }
    for tactic in Tactic::ALL {
        assert!(
            tactics.contains_key(&tactic),
            "{tactic} was never used: {tactics:?}"
        );
    }
    println!("{tactics:?}");
}

#[test]
fn random_bytes_are_no_reason_to_panic() {
    for seed in 0..4_000 {
        let mut random = Random::new(seed);
        let mut bytes: Vec<u8> = (0..random.below(200))
            .map(|_| random.next() as u8)
            .collect();
        for _ in 0..random.below(4) {
            let at = random.below(bytes.len() + 1);
            bytes.splice(at..at, [0x0f, 0x05]);
        }
        let address = [0, 0x40_0000, u64::MAX - 300][random.below(3)];
        let found: Vec<_> = pairs(&bytes).collect();
        let locate = |(at, opcode): &(usize, Opcode)| Located {
            address: address + *at as u64,
            opcode: *opcode,
            function: address..address + bytes.len() as u64,
        };
        let sites: Vec<_> = found.iter().map(locate).collect();
        let code = Code {
            bytes: &bytes,
            address,
        };
        for range in [
            0..0,
            0x100_0000..0x110_0000,
            u64::MAX - 0x10_0000..u64::MAX,
            5..7,
        ] {
            let patches = plan(&code, &sites, Some(&mut Zone::new(range, 0x1000)));
            assert_eq!(patches.len(), sites.len());
        }
    }
}

#[test]
fn without_a_zone_every_site_traps() {
    let code = Code {
        bytes: &[0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xc3],
        address: 0x1000,
    };
    let sites = [Located {
        address: 0x1005,
        opcode: Opcode::Syscall,
        function: 0x1000..0x1008,
    }];
    for patch in plan(&code, &sites, None) {
        assert_eq!((patch.tactic, patch.address), (Tactic::Trap, 0x1005));
    }
    let mut nothing = Zone::new(0x5000..0x5000, 0);
    for patch in plan(&code, &sites, Some(&mut nothing)) {
        assert_eq!(patch.tactic, Tactic::Trap);
    }
    let mut far = Zone::new(1 << 40..(1 << 40) + 0x10000, 0);
    for patch in plan(&code, &sites, Some(&mut far)) {
        assert_eq!(patch.tactic, Tactic::Trap);
    }
}

/// A table that was kept on a disk may be read with other bytes than were written.
#[test]
fn damaged_tables_never_panic() {
    let bytes = installed("/lib64/ld-linux-x86-64.so.2", "libc6");
    let image = Image::parse(&bytes).expect("an image");
    let mut read = 0;
    for one in planned(&image) {
        let code = one.code.address..one.code.address + one.code.bytes.len() as u64;
        let unproved = Unproved::At(vec![code.start, code.end - 2]);
        let table = table::build(&code, &unproved, &one.patches, Some(&one.zone), |_, _| true);
        let table = table.expect("addresses that fit");
        let whole = Table::parse(&table).expect("a table");
        assert_eq!(whole.site_count(), one.patches.len());
        assert_eq!(whole.unproved(code.start), unproved);
        for seed in 0..20_000 {
            let mut random = Random::new(seed);
            let mut table = table.clone();
            for _ in 0..=random.below(4) {
                let at = match random.below(3) {
                    0 => random.below(table.len()),
                    _ => random.below(64),
                };
                table[at] = random.next() as u8;
            }
            if random.below(4) == 0 {
                table.truncate(random.below(table.len()));
            }
            let Some(table) = Table::parse(&table) else {
                continue;
            };
            read += 1;
            for offset in [
                0,
                random.next() as u32,
                random.next() as u32 & 0xfffff,
                u32::MAX,
            ] {
                std::hint::black_box((table.site(offset), table.resumption(offset)));
                std::hint::black_box((table.origin(offset), table.springboard(offset)));
            }
            std::hint::black_box((table.distance(), table.unproved(1 << 40)));
            let lengths = table.writes().map(|one| one.new.len() + one.old.len());
            std::hint::black_box((table.sites().count(), lengths.sum::<usize>()));
            std::hint::black_box(table.pages().map(|(_, page)| page.len()).sum::<usize>());
        }
    }
    assert!(read > 1000, "only {read} got past the header");
}

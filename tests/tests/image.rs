//! The interpreter's own image: nothing in it needs a dynamic linker, nothing is writable and
//! executable, and only the gate can make a system call.

use std::fs;
use std::ops::Range;
use std::process::Command;

use goblin::elf64::dynamic::{DT_JMPREL, DT_NEEDED, DT_RELA, DT_RELASZ, DT_TEXTREL, Dyn};
use goblin::elf64::header::{ET_DYN, Header};
use goblin::elf64::program_header::{
    PF_R, PF_W, PF_X, PT_DYNAMIC, PT_GNU_STACK, PT_INTERP, PT_LOAD, PT_TLS, ProgramHeader,
};
use goblin::elf64::reloc::{R_X86_64_RELATIVE, Rela};
use goblin::elf64::section_header::{SHF_EXECINSTR, SHT_SYMTAB, SectionHeader};
use goblin::elf64::sym::Sym;
use iced_x86::{
    Code, CpuidFeature, Decoder, DecoderOptions, EncodingKind, FlowControl, Instruction,
};
use ld_systrap_tests::directory::Directory;
use ld_systrap_tests::way::Interpreter;
use ld_systrap_tests::{built, tool};

/// The tables of one interpreter's file, copied out so that alignment does not matter.
struct Image {
    bytes: Vec<u8>,
    segments: Vec<ProgramHeader>,
    sections: Vec<SectionHeader>,
}

impl Image {
    fn read(interpreter: Interpreter) -> Self {
        let bytes = fs::read(interpreter.path()).expect("the interpreter has been built");
        let header: Header = record(&bytes, 0);
        assert_eq!(header.e_type, ET_DYN);
        let table = |offset: u64, count: u16, size: u16| {
            (0..usize::from(count)).map(move |i| offset as usize + i * usize::from(size))
        };
        let segments = table(header.e_phoff, header.e_phnum, header.e_phentsize)
            .map(|at| record(&bytes, at))
            .collect();
        let sections = table(header.e_shoff, header.e_shnum, header.e_shentsize)
            .map(|at| record(&bytes, at))
            .collect();
        Self {
            bytes,
            segments,
            sections,
        }
    }

    fn segments(&self, kind: u32) -> impl Iterator<Item = &ProgramHeader> {
        self.segments
            .iter()
            .filter(move |segment| segment.p_type == kind)
    }

    /// Bytes at an address, from the segment that holds it to that segment's end in the file.
    fn at(&self, address: u64) -> &[u8] {
        let segment = self
            .segments(PT_LOAD)
            .find(|it| (it.p_vaddr..it.p_vaddr + it.p_filesz).contains(&address))
            .expect("tables are in the file");
        let start = segment.p_offset + (address - segment.p_vaddr);
        &self.bytes[start as usize..(segment.p_offset + segment.p_filesz) as usize]
    }

    fn dynamic(&self) -> Vec<Dyn> {
        let segment = self
            .segments(PT_DYNAMIC)
            .next()
            .expect("a static PIE has a dynamic table");
        let bytes = self.at(segment.p_vaddr);
        (0..segment.p_filesz as usize / size_of::<Dyn>())
            .map(|index| record(bytes, index * size_of::<Dyn>()))
            .collect()
    }

    fn symbol(&self, wanted: &str) -> u64 {
        for section in self
            .sections
            .iter()
            .filter(|section| section.sh_type == SHT_SYMTAB)
        {
            let names = self.sections[section.sh_link as usize].sh_offset as usize;
            for index in 0..section.sh_size as usize / size_of::<Sym>() {
                let symbol: Sym = record(
                    &self.bytes,
                    section.sh_offset as usize + index * size_of::<Sym>(),
                );
                let name = &self.bytes[names + symbol.st_name as usize..];
                if name.starts_with(wanted.as_bytes()) && name[wanted.len()] == 0 {
                    return symbol.st_value;
                }
            }
        }
        panic!("the image has no symbol {wanted}");
    }

    fn gate(&self) -> Range<u64> {
        self.symbol("__gate_start")..self.symbol("__gate_end")
    }

    /// Every instruction of every executable section.
    fn instructions(&self) -> Vec<Instruction> {
        let executable = u64::from(SHF_EXECINSTR);
        let sections = self
            .sections
            .iter()
            .filter(|it| it.sh_flags & executable != 0);
        let mut instructions = Vec::new();
        for section in sections {
            let range = section.sh_offset as usize..(section.sh_offset + section.sh_size) as usize;
            let code = &self.bytes[range];
            let mut decoder = Decoder::with_ip(64, code, section.sh_addr, DecoderOptions::NONE);
            instructions.extend(decoder.iter());
        }
        assert!(instructions.len() > 1000, "the image has its code");
        instructions
    }
}

/// Reads a plain record at some offset, aligned or not.
fn record<T: Default + plain::Plain>(bytes: &[u8], at: usize) -> T {
    let mut value = T::default();
    plain::copy_from_bytes(&mut value, &bytes[at..]).expect("the tables are in the file");
    value
}

const BOTH: [Interpreter; 2] = [Interpreter::Stock, Interpreter::Null];

#[test]
fn the_image_asks_for_no_interpreter_and_no_thread_local_storage() {
    for image in BOTH.map(Image::read) {
        assert_eq!(image.segments(PT_INTERP).count(), 0);
        assert_eq!(image.segments(PT_TLS).count(), 0);
        for entry in image.dynamic() {
            assert!(![DT_NEEDED, DT_TEXTREL, DT_JMPREL].contains(&entry.d_tag));
        }
    }
}

#[test]
fn no_segment_is_writable_and_executable() {
    for image in BOTH.map(Image::read) {
        for segment in image.segments(PT_LOAD) {
            assert_ne!(segment.p_flags & (PF_W | PF_X), PF_W | PF_X, "{segment:?}");
        }
        for stack in image.segments(PT_GNU_STACK) {
            assert_eq!(stack.p_flags, PF_R | PF_W);
        }
    }
}

#[test]
fn relocations_are_relative_only_and_none_is_in_the_code() {
    for image in BOTH.map(Image::read) {
        let dynamic = image.dynamic();
        let value = |tag| {
            dynamic
                .iter()
                .find(|it| it.d_tag == tag)
                .map_or(0, |it| it.d_val)
        };
        let (start, size) = (value(DT_RELA), value(DT_RELASZ) as usize);
        assert!(size > 0, "vtables and slices of strings need relocating");
        for index in 0..size / size_of::<Rela>() {
            let relocation: Rela = record(image.at(start), index * size_of::<Rela>());
            assert_eq!(
                relocation.r_info,
                u64::from(R_X86_64_RELATIVE),
                "{relocation:?}"
            );
            let writable = image.segments(PT_LOAD).any(|it| {
                it.p_flags & PF_W != 0
                    && (it.p_vaddr..it.p_vaddr + it.p_memsz).contains(&relocation.r_offset)
            });
            assert!(writable, "{relocation:?} is not in data");
        }
    }
}

/// What is relocated is written in each process. Tables of names, which the tracer has, are a hundred kilobytes of it.
#[test]
fn little_is_relocated_where_nothing_is_written_as_text() {
    let image = Image::read(Interpreter::Null);
    let size = image
        .dynamic()
        .iter()
        .find(|it| it.d_tag == DT_RELASZ)
        .map_or(0, |it| it.d_val);
    let count = size as usize / size_of::<Rela>();
    assert!(count < 800, "{count} words are relocated");
}

/// Syscall User Dispatch compares the address behind the instruction: it has to be inside, too.
#[test]
fn system_call_instructions_are_in_the_gate_and_nowhere_else() {
    for image in BOTH.map(Image::read) {
        let gate = image.gate();
        let mut inside = 0;
        for instruction in image.instructions() {
            match instruction.code() {
                Code::Syscall | Code::Sysenter | Code::Int_imm8 => {
                    let address = instruction.ip();
                    assert!(
                        gate.contains(&address) && gate.contains(&(address + 2)),
                        "a system call at {address:#x}, outside {gate:x?}"
                    );
                    inside += 1;
                }
                Code::INVALID => panic!("data in the code at {:#x}", instruction.ip()),
                _ => {}
            }
        }
        assert!(inside > 0, "the gate makes the calls");
    }
}

/// What the gate saves is all that may change: xmm0 to xmm15, and no wider, mask or x87 register. The
/// gate itself keeps to that, too.
#[test]
fn no_registers_are_used_that_the_gate_does_not_save() {
    for image in BOTH.map(Image::read) {
        for instruction in &image.instructions() {
            let wide = instruction.encoding() != EncodingKind::Legacy;
            let old = instruction
                .cpuid_features()
                .iter()
                .any(|it| matches!(it, CpuidFeature::FPU | CpuidFeature::MMX));
            assert!(
                !wide && !old,
                "{:?} at {:#x}",
                instruction.code(),
                instruction.ip()
            );
        }
    }
}

/// Entering the kernel empties the processor's prediction of returns, and a shadow stack has to stay
/// balanced: the program's calls are made with no frame below them. Only calls of our own return.
#[test]
fn no_return_crosses_a_call_of_the_program() {
    for image in BOTH.map(Image::read) {
        let gate = image.gate();
        let inside: Vec<_> = image
            .instructions()
            .into_iter()
            .filter(|it| gate.contains(&it.ip()))
            .collect();
        let returns = |instruction: &Instruction| instruction.flow_control() == FlowControl::Return;
        let [own] = &inside
            .windows(2)
            .filter(|pair| returns(&pair[1]))
            .collect::<Vec<_>>()[..]
        else {
            panic!("one function of the gate returns: the one for calls of our own")
        };
        assert_eq!(own[0].code(), Code::Syscall, "at {:#x}", own[0].ip());
        // How the program's calls leave: each by a jump, into the trampoline or the signal's frame.
        let jumps = inside
            .iter()
            .filter(|it| it.flow_control() == FlowControl::IndirectBranch);
        assert!(jumps.count() >= 2, "the short and the long way");
    }
}

/// strace sees every call that the interpreter makes for itself, too: while it starts a program that it
/// has never seen, patches it, and patches what the program loads.
#[test]
fn no_memory_is_ever_made_writable_and_executable_at_once() {
    let directory = Directory::new("protections");
    let work = directory.work();
    let number = std::process::id();
    let source = format!(
        "#include <dlfcn.h>\n#include <unistd.h>\n#include <sys/syscall.h>\nint number = {number};\n\
         int main(void) {{ for (int i = 0; i < 3000; i++) syscall(SYS_getppid);\n\
         return !dlopen(\"libm.so.6\", RTLD_NOW); }}\n"
    );
    let _ = built::build_text("program.c", &source, &["-Wl,--build-id"], &directory);
    for seal in ["--seal=auto", "--seal=always"] {
        let output = Command::new(tool::find("strace").expect("strace is there"))
            .args([
                "-f",
                "-o",
                "record",
                "-e",
                "trace=mmap,mprotect,pkey_mprotect,mremap",
            ])
            .arg(Interpreter::Null.path())
            .args([seal, "./program"])
            .current_dir(&work)
            .output()
            .expect("strace can be started");
        assert!(output.status.success(), "{output:?}");
        let record = fs::read_to_string(work.join("record")).expect("strace has written it");
        let executable: Vec<&str> = record
            .lines()
            .filter(|line| line.contains("PROT_EXEC"))
            .collect();
        assert!(executable.len() > 5, "{record}");
        for line in executable {
            assert!(!line.contains("PROT_WRITE"), "{line}");
        }
    }
    directory.remove();
}

//! Which instructions can run elsewhere, and what they look like there.

use super::displacement::displacement;
use alloc::vec::Vec;
use iced_x86::{
    Code, Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register,
};

/// What moving an instruction takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Move {
    /// It stays as long as it is.
    Same,
    /// A conditional jump: gets a displacement of 32 bits.
    ConditionalJump,
    /// A jump: gets a displacement of 32 bits.
    Jump,
    /// It does nothing, or is never reached: padding.
    Padding,
    /// It would not do the same elsewhere.
    Never,
}

impl Move {
    /// What it takes to move `instruction`.
    pub(crate) fn of(instruction: &Instruction) -> Move {
        if instruction.is_invalid() || instruction.memory_base() == Register::EIP {
            return Move::Never;
        }
        if may_write(instruction) {
            return Move::Never;
        }
        let length = instruction.len();
        match instruction.flow_control() {
            FlowControl::Next => match instruction.mnemonic() {
                Mnemonic::Nop => Move::Padding,
                // Indirect jumps may be allowed to come here only.
                Mnemonic::Endbr64 | Mnemonic::Endbr32 => Move::Never,
                _ => Move::Same,
            },
            FlowControl::ConditionalBranch
                if instruction.is_jcc_short_or_near() && (length == 2 || length == 6) =>
            {
                Move::ConditionalJump
            }
            FlowControl::UnconditionalBranch => match instruction.code() {
                Code::Jmp_rel8_64 if length == 2 => Move::Jump,
                Code::Jmp_rel32_64 if length == 5 => Move::Jump,
                _ => Move::Never,
            },
            FlowControl::Return | FlowControl::Exception => Move::Same,
            FlowControl::IndirectBranch if !instruction.is_jmp_far_indirect() => Move::Same,
            FlowControl::Interrupt if instruction.mnemonic() == Mnemonic::Int3 => Move::Padding,
            // A call would leave another return address, and emulating it unbalances shadow stacks.
            _ => Move::Never,
        }
    }

    /// How long an instruction of `length` bytes is elsewhere.
    pub(crate) fn length(self, length: usize) -> usize {
        match self {
            Move::Same | Move::Padding | Move::Never => length,
            Move::ConditionalJump => 6,
            Move::Jump => 5,
        }
    }
}

/// Whether `instruction` may write to memory other than by a push. It may be what a restartable sequence
/// (rseq(2)) begins behind or ends with, and the kernel knows where that is: elsewhere it would not be
/// aborted.
fn may_write(instruction: &Instruction) -> bool {
    let is_register = matches!(
        instruction.op0_kind(),
        OpKind::Register
            | OpKind::NearBranch64
            | OpKind::Immediate8
            | OpKind::Immediate16
            | OpKind::Immediate32
            | OpKind::Immediate8to64
            | OpKind::Immediate32to64
    );
    let only_reads = matches!(
        instruction.mnemonic(),
        Mnemonic::Cmp
            | Mnemonic::Test
            | Mnemonic::Push
            | Mnemonic::Jmp
            | Mnemonic::Nop
            | Mnemonic::Bt
            | Mnemonic::Mul
            | Mnemonic::Imul
            | Mnemonic::Div
            | Mnemonic::Idiv
    );
    let through_register = matches!(
        instruction.mnemonic(),
        Mnemonic::Movdir64b | Mnemonic::Enqcmd | Mnemonic::Enqcmds | Mnemonic::Clzero
    );
    through_register || (instruction.op_count() != 0 && !is_register && !only_reads)
}

/// Whether control does not go on to what follows `instruction`.
pub(crate) fn ends(instruction: &Instruction) -> bool {
    match instruction.flow_control() {
        FlowControl::Next => instruction.mnemonic() == Mnemonic::Hlt,
        FlowControl::UnconditionalBranch
        | FlowControl::IndirectBranch
        | FlowControl::Return
        | FlowControl::Exception => true,
        FlowControl::Interrupt => matches!(instruction.mnemonic(), Mnemonic::Int3 | Mnemonic::Int1),
        _ => instruction.is_invalid(),
    }
}

/// Appends to `output` what the instruction that `bytes` at `address` begin with does, for `elsewhere`.
/// `None` if it cannot be moved so far.
pub(crate) fn displace(
    bytes: &[u8],
    address: u64,
    elsewhere: u64,
    output: &mut Vec<u8>,
) -> Option<()> {
    let mut decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
    let instruction = decoder.decode();
    let bytes = bytes.get(..instruction.len())?;
    let way = Move::of(&instruction);
    match way {
        Move::Never => return None,
        Move::Same | Move::Padding if instruction.is_ip_rel_memory_operand() => {
            let offsets = decoder.get_constant_offsets(&instruction);
            let at = offsets.displacement_offset();
            if offsets.displacement_size() != 4 {
                return None;
            }
            let end = elsewhere.wrapping_add(bytes.len() as u64);
            let moved = displacement(end, instruction.memory_displacement64())?;
            output.extend_from_slice(bytes.get(..at)?);
            output.extend_from_slice(&moved.to_le_bytes());
            output.extend_from_slice(bytes.get(at + 4..)?);
        }
        Move::Same | Move::Padding => output.extend_from_slice(bytes),
        Move::ConditionalJump | Move::Jump => {
            let end = elsewhere.wrapping_add(way.length(bytes.len()) as u64);
            let moved = displacement(end, instruction.near_branch_target())?;
            match way {
                Move::Jump => output.push(0xe9),
                // The condition is the low half of the last byte of either opcode.
                _ => {
                    let opcode = bytes[bytes.len() / 6];
                    output.extend_from_slice(&[0x0f, 0x80 | opcode & 0xf]);
                }
            }
            output.extend_from_slice(&moved.to_le_bytes());
        }
    }
    Some(())
}

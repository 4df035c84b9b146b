//! What a blob imports, and whether the pallet's upload would take it.

use crate::{imports, limits};
use polkavm_common::program::{
    EstimateInterpreterMemoryUsageArgs, ISA_ReviveV1, Instruction, InstructionSetKind, ProgramBlob,
};

/// The index of the reserved call that only benchmarks may use: `pallet_revive::SENTINEL`, all bits set.
const SENTINEL: i32 = -1;

/// What the gates read from a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Size of the whole blob.
    pub bytes: usize,
    /// Imported host functions, sorted.
    pub imports: Vec<String>,
    /// Number of instructions.
    pub instructions: u32,
    /// Length of the longest basic block in instructions.
    pub longest_block: u32,
    /// Reasons to refuse the blob; empty when it passes.
    pub refusals: Vec<String>,
}

/// Reads `bytes` and applies every gate on blobs.
///
/// # Errors
/// When `bytes` are no PolkaVM program at all.
pub fn inspect(bytes: &[u8]) -> Result<Blob, String> {
    let program = ProgramBlob::parse(bytes.into()).map_err(|error| error.to_string())?;
    let mut refusals = Vec::new();

    if bytes.len() > limits::BLOB_BYTES {
        refusals.push(format!("blob of {} bytes is over the limit of {}", bytes.len(), limits::BLOB_BYTES));
    }
    let imports = read_imports(&program, &mut refusals);
    let code = scan(&program, &mut refusals);
    check_memory(&program, &code, &mut refusals);

    Ok(Blob {
        bytes: bytes.len(),
        imports,
        instructions: code.instructions,
        longest_block: code.longest_block,
        refusals,
    })
}

fn read_imports(program: &ProgramBlob, refusals: &mut Vec<String>) -> Vec<String> {
    let mut names = Vec::new();
    for import in program.imports().iter() {
        match import.map(|symbol| core::str::from_utf8(symbol.as_bytes()).map(str::to_owned)) {
            Some(Ok(name)) => names.push(name),
            _ => refusals.push("malformed import".to_owned()),
        }
    }
    names.sort();
    refusals.extend(names.iter().filter_map(|name| imports::refusal(name)));
    names
}

#[derive(Default)]
struct Code {
    instructions: u32,
    blocks: u32,
    longest_block: u32,
}

/// Walks the code as `pallet_revive::limits::code::enforce` does.
fn scan(program: &ProgramBlob, refusals: &mut Vec<String>) -> Code {
    if !program.is_64_bit() || program.isa() != InstructionSetKind::ReviveV1 {
        refusals.push(format!(
            "instruction set is {}, the chain takes {}",
            program.isa().name(),
            InstructionSetKind::ReviveV1.name()
        ));
        return Code::default();
    }

    let mut code = Code::default();
    let mut block = 0;
    for instruction in program.instructions_with_isa(ISA_ReviveV1) {
        code.instructions += 1;
        block += 1;
        if instruction.kind.opcode().starts_new_basic_block() {
            code.longest_block = code.longest_block.max(block);
            code.blocks += 1;
            block = 0;
        }
        let forbidden = match instruction.kind {
            Instruction::invalid => "invalid instruction",
            Instruction::sbrk(..) => "sbrk instruction",
            Instruction::ecalli(SENTINEL) => "reserved host call",
            _ => continue,
        };
        refusals.push(format!("{forbidden} at offset {}", instruction.offset.0));
    }
    code.longest_block = code.longest_block.max(block);

    if code.longest_block > limits::BASIC_BLOCK_INSTRUCTIONS {
        refusals.push(format!(
            "basic block of {} instructions is over the limit of {}",
            code.longest_block,
            limits::BASIC_BLOCK_INSTRUCTIONS
        ));
    }
    code
}

fn check_memory(program: &ProgramBlob, code: &Code, refusals: &mut Vec<String>) {
    let args = EstimateInterpreterMemoryUsageArgs::BoundedCache {
        max_cache_size_bytes: limits::INTERPRETER_CACHE_BYTES,
        instruction_count: code.instructions,
        max_block_size: code.longest_block,
        basic_block_count: code.blocks,
        page_size: limits::PAGE_BYTES,
    };
    match program.estimate_interpreter_memory_usage(args) {
        Err(error) => refusals.push(format!("memory use cannot be estimated: {error}")),
        Ok(usage)
            if usage.purgeable_ram_consumption > limits::PURGEABLE_BYTES
                || usage.baseline_ram_consumption > limits::BASELINE_BYTES =>
        {
            refusals.push(format!(
                "static memory of {} + {} bytes is over the limits of {} + {}",
                usage.purgeable_ram_consumption,
                usage.baseline_ram_consumption,
                limits::PURGEABLE_BYTES,
                limits::BASELINE_BYTES
            ));
        }
        Ok(_) => (),
    }
}

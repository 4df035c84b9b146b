//! PolkaVM blobs assembled by hand: a dozen instructions each, no contract toolchain.

use alloy_sol_types::{sol, SolError, SolEvent};
use polkavm_common::{
    program::{asm, Instruction, InstructionSetKind, Reg},
    writer::ProgramBlobBuilder,
};

sol! {
    /// What every blob here is called with; the blobs do not look at the selector.
    function poke() returns (uint256 value);
    #[derive(Debug, PartialEq, Eq)]
    event Poked(uint256 value);
    error Refused(uint256 amount);
    error Other();
}

/// What a blob does when it is called. Its constructor does nothing.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "each test binary uses some of them")]
pub enum Behaviour {
    /// Stores [`VALUE`], emits `Poked(VALUE)` and returns it.
    Store,
    /// Stores and emits, then reverts with `Refused(VALUE)`.
    StoreThenRevert,
    /// Stores and emits, then executes an illegal instruction.
    StoreThenTrap,
    /// Jumps to itself for ever.
    Spin,
    /// Returns one byte where the interface promises 32.
    ReturnGarbage,
}

/// What the blobs store, emit, return and refuse.
pub const VALUE: u64 = 7;

const READ_ONLY_DATA: i32 = 0x1_0000;
const KEY: i32 = READ_ONLY_DATA;
const WORD: i32 = KEY + 32;
const TOPIC: i32 = WORD + 32;
const ERROR: i32 = TOPIC + 32;
const ERROR_LENGTH: i32 = 36;

const SET_STORAGE: i32 = 0;
const DEPOSIT_EVENT: i32 = 1;
const SEAL_RETURN: i32 = 2;

/// Answers with a blob that does this.
pub fn blob(behaviour: Behaviour) -> Vec<u8> {
    let word = alloy_primitives::U256::from(VALUE).to_be_bytes::<32>();
    let error = Refused { amount: alloy_primitives::U256::from(VALUE) }.abi_encode();
    let data = [[0xAB; 32].as_slice(), &word, Poked::SIGNATURE_HASH.as_slice(), &error].concat();

    let mut builder = ProgramBlobBuilder::new(InstructionSetKind::ReviveV1);
    builder.set_ro_data_size(data.len().try_into().expect("a few words"));
    builder.set_ro_data(data);
    builder.add_import(b"set_storage");
    builder.add_import(b"deposit_event");
    builder.add_import(b"seal_return");
    builder.add_export_by_basic_block(0, b"deploy");
    builder.add_export_by_basic_block(1, b"call");
    let code: Vec<_> = [asm::ret()].into_iter().chain(body(behaviour)).collect();
    builder.set_code(&code, &[]);
    builder.into_vec().expect("the program is well formed")
}

fn body(behaviour: Behaviour) -> Vec<Instruction> {
    let store_and_emit =
        [host(SET_STORAGE, &[0, KEY, 32, WORD, 32]), host(DEPOSIT_EVENT, &[TOPIC, 1, WORD, 32])].concat();
    match behaviour {
        Behaviour::Store => [store_and_emit, finish(0, WORD, 32)].concat(),
        Behaviour::StoreThenRevert => [store_and_emit, finish(1, ERROR, ERROR_LENGTH)].concat(),
        Behaviour::StoreThenTrap => [store_and_emit, vec![asm::trap()]].concat(),
        Behaviour::Spin => vec![asm::jump(1)],
        Behaviour::ReturnGarbage => [store_and_emit, finish(0, WORD, 1)].concat(),
    }
}

fn finish(flags: i32, data: i32, length: i32) -> Vec<Instruction> {
    [host(SEAL_RETURN, &[flags, data, length]), vec![asm::trap()]].concat()
}

/// Loads the arguments into `A0` and the registers after it and calls a host function.
fn host(import: i32, arguments: &[i32]) -> Vec<Instruction> {
    let registers = [Reg::A0, Reg::A1, Reg::A2, Reg::A3, Reg::A4, Reg::A5];
    let loads = registers.into_iter().zip(arguments).map(|(register, value)| asm::load_imm(register, *value));
    loads.chain([asm::ecalli(import)]).collect()
}

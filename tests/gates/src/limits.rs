//! The limits, in bytes unless the name says otherwise.

/// Largest blob that leaves the build. The chain takes 1 MiB; the project takes an eighth of it, because every call
/// pays for the blob's bytes.
pub const BLOB_BYTES: usize = 128 * 1024;

/// Largest root storage value: [`CHAIN_VALUE_BYTES`] with a little room.
pub const ROOT_BYTES: usize = 400;

/// Largest value the chain stores under one key (`pallet_revive::limits::STORAGE_BYTES`).
pub const CHAIN_VALUE_BYTES: usize = 416;

/// Longest basic block in instructions (`pallet_revive::limits::code::BASIC_BLOCK_SIZE`).
pub const BASIC_BLOCK_INSTRUCTIONS: u32 = 1000;

/// Memory of the interpreter for compiled code (`limits::code::INTERPRETER_CACHE_BYTES`).
pub const INTERPRETER_CACHE_BYTES: u32 = 1024 * 1024;

/// Memory that can be purged while another contract runs (`limits::code::PURGABLE_MEMORY_LIMIT`).
pub const PURGEABLE_BYTES: u32 = INTERPRETER_CACHE_BYTES + 2 * 1024 * 1024;

/// Memory that a contract holds for its whole life (`limits::code::BASELINE_MEMORY_LIMIT`).
pub const BASELINE_BYTES: u32 = 1024 * 1024 + 512 * 1024;

/// Memory page (`limits::PAGE_SIZE`).
pub const PAGE_BYTES: u32 = 4096;

const _: () = assert!(ROOT_BYTES < CHAIN_VALUE_BYTES);
const _: () = assert!(BLOB_BYTES < 1024 * 1024);

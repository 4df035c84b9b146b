//! Host functions that ink! does not reach, or reaches wrongly.

use ink::prelude::vec::Vec;
use ringfence_protocol::Address;

/// Why a call into another contract gave no answer: it reverted, trapped or ran out of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallFailed;

/// The running contract's own address.
pub fn this() -> Address {
    ink::env::address()
}

/// The chain's EIP-155 identifier.
#[cfg(target_arch = "riscv64")]
pub fn chain_id() -> u64 {
    use pallet_revive_uapi::{HostFn, HostFnImpl};
    let mut word = [0; 32];
    HostFnImpl::chain_id(&mut word);
    // Host words are little endian; identifiers above 64 bits do not exist.
    word.first_chunk().map_or(0, |low: &[u8; 8]| u64::from_le_bytes(*low))
}

/// Calls `callee` with all remaining resources, no value and re-entry denied.
#[cfg(target_arch = "riscv64")]
pub(crate) fn call(callee: Address, input: &[u8]) -> Result<Vec<u8>, CallFailed> {
    call_with(pallet_revive_uapi::CallFlags::empty(), callee, input, MAX_ANSWER).map_err(|_| CallFailed)
}

/// The same for an answer of exactly one word.
#[cfg(target_arch = "riscv64")]
pub(crate) fn call_word(callee: Address, input: &[u8]) -> Option<[u8; 32]> {
    use pallet_revive_uapi::{CallFlags, HostFn, HostFnImpl};
    let mut word = [0; 32];
    let mut answer = word.as_mut_slice();
    let limits = (u64::MAX, u64::MAX, [u8::MAX; 32]);
    let (flags, value) = (CallFlags::empty(), [0; 32]);
    HostFnImpl::call(flags, &callee.0, limits.0, limits.1, &limits.2, &value, input, Some(&mut answer)).ok()?;
    (answer.len() == word.len()).then_some(word)
}

/// Asks a contract that can change nothing: it is called read-only. A revert gives back what it reverted with.
#[cfg(target_arch = "riscv64")]
pub fn ask(callee: Address, input: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    call_with(pallet_revive_uapi::CallFlags::READ_ONLY, callee, input, usize::MAX)
}

#[cfg(target_arch = "riscv64")]
fn call_with(
    flags: pallet_revive_uapi::CallFlags,
    callee: Address,
    input: &[u8],
    most: usize,
) -> Result<Vec<u8>, Vec<u8>> {
    use pallet_revive_uapi::{HostFn, HostFnImpl};
    let outcome = HostFnImpl::call(flags, &callee.0, u64::MAX, u64::MAX, &[u8::MAX; 32], &[0; 32], input, None);
    let size = usize::try_from(HostFnImpl::return_data_size()).unwrap_or(usize::MAX).min(most);
    let mut output = ink::prelude::vec![0; size];
    HostFnImpl::return_data_copy(&mut output.as_mut_slice(), 0);
    match outcome {
        Ok(()) => Ok(output),
        Err(_) => Err(output),
    }
}

/// Makes a contract of uploaded code at an address that follows from the salt, and gives back where it is.
#[cfg(target_arch = "riscv64")]
pub fn instantiate(code: ringfence_protocol::Digest, arguments: &[u8], salt: &[u8; 32]) -> Result<Address, CallFailed> {
    use pallet_revive_uapi::{HostFn, HostFnImpl};
    let mut input = Vec::with_capacity(arguments.len().saturating_add(32));
    input.extend_from_slice(code.as_bytes());
    input.extend_from_slice(arguments);
    let mut address = [0; 20];
    let limits = (u64::MAX, u64::MAX, [u8::MAX; 32]);
    HostFnImpl::instantiate(limits.0, limits.1, &limits.2, &[0; 32], &input, Some(&mut address), None, Some(salt))
        .map_err(|_| CallFailed)?;
    Ok(Address::from(address))
}

/// The longest answer that is read from a contract that is not trusted: all that the shells ask for is at most a few words,
/// and a longer answer is cut and then fails to decode.
#[cfg(target_arch = "riscv64")]
const MAX_ANSWER: usize = 512;

/// What a message was sent with, after its selector.
pub fn message_arguments() -> Vec<u8> {
    call_data(4)
}

/// What a constructor was sent with.
pub fn constructor_arguments() -> Vec<u8> {
    call_data(0)
}

#[cfg(target_arch = "riscv64")]
fn call_data(skip: u32) -> Vec<u8> {
    use pallet_revive_uapi::{HostFn, HostFnImpl};
    let sent = usize::try_from(HostFnImpl::call_data_size()).unwrap_or(usize::MAX);
    let length = sent.saturating_sub(usize::try_from(skip).unwrap_or(usize::MAX)).min(MAX_ARGUMENTS);
    let mut data = ink::prelude::vec![0; length];
    HostFnImpl::call_data_copy(&mut data, skip);
    data
}

/// The longest arguments that are read: what is longer is cut and then fails to decode.
#[cfg(target_arch = "riscv64")]
const MAX_ARGUMENTS: usize = 16 * 1024;

/// Emits an event.
#[cfg(target_arch = "riscv64")]
pub fn deposit_event(topics: &[[u8; 32]], data: &[u8]) {
    use pallet_revive_uapi::{HostFn, HostFnImpl};
    HostFnImpl::deposit_event(topics, data);
}

/// Off chain there is no chain: ink!'s test engine only imitates one, so the shells are tested on their blobs instead.
#[cfg(not(target_arch = "riscv64"))]
pub fn chain_id() -> u64 {
    0
}

/// Off chain every call fails.
#[cfg(not(target_arch = "riscv64"))]
pub(crate) fn call(_callee: Address, _input: &[u8]) -> Result<Vec<u8>, CallFailed> {
    Err(CallFailed)
}

/// Off chain every call fails.
#[cfg(not(target_arch = "riscv64"))]
pub(crate) fn call_word(_callee: Address, _input: &[u8]) -> Option<[u8; 32]> {
    None
}

/// Off chain every call fails.
#[cfg(not(target_arch = "riscv64"))]
pub fn ask(_callee: Address, _input: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    Err(Vec::new())
}

/// Off chain nothing listens.
#[cfg(not(target_arch = "riscv64"))]
pub fn deposit_event(_topics: &[[u8; 32]], _data: &[u8]) {}

/// Off chain nothing was sent.
#[cfg(not(target_arch = "riscv64"))]
fn call_data(_skip: u32) -> Vec<u8> {
    Vec::new()
}

/// Off chain nothing can be made.
#[cfg(not(target_arch = "riscv64"))]
pub fn instantiate(
    _code: ringfence_protocol::Digest,
    _arguments: &[u8],
    _salt: &[u8; 32],
) -> Result<Address, CallFailed> {
    Err(CallFailed)
}

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
    use pallet_revive_uapi::{CallFlags, HostFn, HostFnImpl};
    HostFnImpl::call(CallFlags::empty(), &callee.0, u64::MAX, u64::MAX, &[u8::MAX; 32], &[0; 32], input, None)
        .map_err(|_| CallFailed)?;
    // Every answer that the shells ask for is at most a few words; a longer one is cut and then fails to decode.
    let size = usize::try_from(HostFnImpl::return_data_size()).unwrap_or(usize::MAX).min(MAX_ANSWER);
    let mut output = ink::prelude::vec![0; size];
    HostFnImpl::return_data_copy(&mut output.as_mut_slice(), 0);
    Ok(output)
}

/// The longest answer that is read, bytes.
#[cfg(target_arch = "riscv64")]
const MAX_ANSWER: usize = 512;

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

//! A message to another contract in the Ethereum ABI, for arguments that are single words.

use crate::host::{self, CallFailed};
use ink::prelude::vec::Vec;
use ringfence_protocol::{Address, Keccak256, U256};

/// Builds calldata word by word.
#[derive(Clone, Debug)]
pub struct Message {
    input: Vec<u8>,
}

impl Message {
    /// Starts with the selector of a signature such as `claim(uint128)`.
    pub fn new(signature: &str) -> Self {
        let hash = crate::Host::keccak256(signature.as_bytes());
        let mut input = Vec::with_capacity(4 + 5 * 32);
        input.extend(hash.as_bytes().iter().take(4));
        Self { input }
    }

    /// Adds an unsigned integer.
    pub fn uint(mut self, value: u128) -> Self {
        self.input.extend_from_slice(&U256::from(value).to_big_endian());
        self
    }

    /// Adds an address.
    pub fn address(mut self, address: Address) -> Self {
        self.input.extend_from_slice(&[0; 12]);
        self.input.extend_from_slice(address.as_bytes());
        self
    }

    /// Sends it; anything but a revert or a trap is success.
    pub fn send(self, to: Address) -> Result<Vec<u8>, CallFailed> {
        host::call(to, &self.input)
    }

    /// Sends it and reads the word at `index` of the answer; none if the answer is shorter or above 128 bits.
    pub fn ask(self, to: Address, index: usize) -> Result<u128, CallFailed> {
        let output = self.send(to)?;
        let word = output.chunks_exact(32).nth(index).ok_or(CallFailed)?;
        U256::from_big_endian(word).try_into().map_err(|_| CallFailed)
    }
}

//! A message to another contract in the Ethereum ABI.

use crate::{
    abi::Writer,
    host::{self, CallFailed},
};
use ink::prelude::vec::Vec;
use ringfence_protocol::{Address, U256};

/// Builds calldata word by word.
#[derive(Clone, Debug)]
pub struct Message(Writer);

impl Message {
    /// Starts with a selector, see [`crate::abi::selector`].
    pub fn new(selector: [u8; 4]) -> Self {
        Self(Writer::calling(selector))
    }

    /// Adds an unsigned integer.
    pub fn uint(self, value: u128) -> Self {
        Self(self.0.uint(value))
    }

    /// Adds an address.
    pub fn address(self, address: Address) -> Self {
        Self(self.0.address(address))
    }

    /// Adds bytes as they are.
    pub fn raw(self, bytes: &[u8]) -> Self {
        Self(self.0.raw(bytes))
    }

    /// Sends it; anything but a revert or a trap is success.
    pub fn send(self, to: Address) -> Result<Vec<u8>, CallFailed> {
        host::call(to, self.0.as_bytes())
    }

    /// Sends it and reads the word at `index` of the answer; none if the answer is shorter or above 128 bits.
    pub fn ask(self, to: Address, index: usize) -> Result<u128, CallFailed> {
        let output = self.send(to)?;
        let word = output.chunks_exact(32).nth(index).ok_or(CallFailed)?;
        U256::from_big_endian(word).try_into().map_err(|_| CallFailed)
    }
}

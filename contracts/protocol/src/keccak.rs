//! The hash that the host supplies.

use crate::Digest;

/// Keccak-256 as Ethereum uses it. On chain a host function, off chain a library: the crate brings none of its own.
pub trait Keccak256 {
    /// The hash of `input`.
    fn keccak256(input: &[u8]) -> Digest;
}

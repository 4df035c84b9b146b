use ink::prelude::vec::Vec;
use ringfence_protocol::{units::Amount, Address, Digest, U256};

/// Writes words in order: an answer, calldata, or an event's data.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Begins with nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Begins with the selector of a signature such as `claim(uint128)`.
    pub fn calling(signature: &str) -> Self {
        let hash = <crate::Host as ringfence_protocol::Keccak256>::keccak256(signature.as_bytes());
        let mut bytes = Vec::with_capacity(4 + 5 * 32);
        bytes.extend(hash.as_bytes().iter().take(4));
        Self(bytes)
    }

    /// An unsigned integer.
    pub fn uint(self, value: impl Into<u128>) -> Self {
        self.padded(0, &value.into().to_be_bytes())
    }

    /// An amount.
    #[inline(never)]
    pub fn amount(self, amount: Amount) -> Self {
        self.uint(amount.get())
    }

    /// A signed integer, sign-extended.
    pub fn int(self, value: i128) -> Self {
        let sign = if value < 0 { 0xff } else { 0 };
        self.padded(sign, &value.to_be_bytes())
    }

    /// A word of its own.
    pub fn word(self, word: &[u8; 32]) -> Self {
        self.raw(word)
    }

    /// A word that ends with `bytes`. Every member goes through here, so it is kept out of line: a contract pays for its
    /// bytes in every call.
    #[inline(never)]
    fn padded(mut self, fill: u8, bytes: &[u8]) -> Self {
        let missing = 32usize.saturating_sub(bytes.len());
        self.0.resize(self.0.len().saturating_add(missing), fill);
        self.raw(bytes)
    }

    /// A digest.
    pub fn digest(self, digest: Digest) -> Self {
        self.word(&digest.0)
    }

    /// An unsigned integer of 256 bits.
    pub fn wide(self, value: U256) -> Self {
        self.word(&value.to_big_endian())
    }

    /// An address.
    pub fn address(self, address: Address) -> Self {
        self.padded(0, address.as_bytes())
    }

    /// Bytes as they are.
    #[inline(never)]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// A `bytes` argument that is the last member of a tuple of `head` words before it.
    pub fn last_bytes(self, head: u128, bytes: &[u8]) -> Self {
        let padding = bytes.len().wrapping_neg() % 32;
        let length = u128::try_from(bytes.len()).unwrap_or(u128::MAX);
        let mut writer = self.uint((head.saturating_add(1)).saturating_mul(32)).uint(length).raw(bytes);
        writer.0.resize(writer.0.len().saturating_add(padding), 0);
        writer
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    /// What was written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

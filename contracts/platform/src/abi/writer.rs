use ink::prelude::vec::Vec;
use ringfence_protocol::{
    eip712::{address_word, signed_word, uint_word},
    keccak::hash_of,
    units::Amount,
    Address, Digest, U256,
};

/// The selector of a signature such as `claim(uint128)`; for a constant.
pub const fn selector(signature: &str) -> [u8; 4] {
    let [a, b, c, d, ..] = hash_of(signature).0;
    [a, b, c, d]
}

/// Writes words in order: an answer, calldata, or an event's data.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Begins with nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Begins with a selector; see [`selector`].
    pub fn calling(selector: [u8; 4]) -> Self {
        let mut bytes = Vec::with_capacity(4 + 5 * 32);
        bytes.extend_from_slice(&selector);
        Self(bytes)
    }

    /// An unsigned integer.
    pub fn uint(self, value: impl Into<u128>) -> Self {
        self.word(&uint_word(value.into()))
    }

    /// An amount.
    #[inline(never)]
    pub fn amount(self, amount: Amount) -> Self {
        self.uint(amount.get())
    }

    /// A signed integer, sign-extended.
    pub fn int(self, value: i128) -> Self {
        self.word(&signed_word(value))
    }

    /// A word of its own. Every member goes through here, so it is kept out of line: a contract pays for its bytes in
    /// every call.
    #[inline(never)]
    pub fn word(mut self, word: &[u8; 32]) -> Self {
        self.0.extend_from_slice(word);
        self
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
        self.word(&address_word(address))
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

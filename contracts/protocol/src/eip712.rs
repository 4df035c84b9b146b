//! EIP-712: typed structured data, as hardware signers and wallets show and sign it.
//!
//! Source: EIP-712 (Ethereum Improvement Proposals, final), sections "Definition of hashStruct", "encodeData" and
//! "domainSeparator". Digests are checked against two implementations from
//! elsewhere in `tests/digests.rs`.

use crate::{keccak::hash_of, units, Address, Digest, Keccak256};
use alloc::vec::Vec;

/// The type of the signing domain.
pub const DOMAIN_TYPE: &str = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

/// The domain's `name`.
pub const DOMAIN_NAME: &str = "Ringfence";

/// The domain's `version`.
pub const DOMAIN_VERSION: &str = "1";

/// Where a signature is good: one contract on one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The chain's EIP-155 identifier.
    pub chain_id: u64,
    /// The contract that checks the signature.
    pub verifying_contract: Address,
}

impl Domain {
    /// The domain separator.
    pub fn separator<H: Keccak256>(&self) -> Digest {
        self.separator_of::<H>(hash_of(DOMAIN_NAME))
    }

    /// The domain separator under another name, given by its hash.
    pub fn separator_of<H: Keccak256>(&self, name_hash: Digest) -> Digest {
        hash_words::<H, 5>(&[
            const { hash_of(DOMAIN_TYPE) }.0,
            name_hash.0,
            const { hash_of(DOMAIN_VERSION) }.0,
            uint_word(u128::from(self.chain_id)),
            address_word(self.verifying_contract),
        ])
    }
}

/// A struct that can be signed.
pub trait TypedMessage {
    /// The hash of the `name` of the message's signing domain.
    const DOMAIN_NAME_HASH: Digest = hash_of(DOMAIN_NAME);

    /// `hashStruct` of the message.
    fn struct_hash<H: Keccak256>(&self) -> Digest;

    /// The digest that is signed: `keccak256(0x19 0x01 || domainSeparator || hashStruct)`. The one digest function of the
    /// project.
    fn digest<H: Keccak256>(&self, domain: &Domain) -> Digest {
        let mut input = [0x19; 66];
        let (prefix, hashes) = input.split_at_mut(2);
        let (separator, message) = hashes.split_at_mut(32);
        prefix.copy_from_slice(&[0x19, 0x01]);
        separator.copy_from_slice(domain.separator_of::<H>(Self::DOMAIN_NAME_HASH).as_bytes());
        message.copy_from_slice(self.struct_hash::<H>().as_bytes());
        H::keccak256(&input)
    }
}

/// The hash of words that stand side by side, for what is hashed in every settlement; see [`Encoder`] for the rest.
pub(crate) fn hash_words<H: Keccak256, const N: usize>(words: &[[u8; 32]; N]) -> Digest {
    H::keccak256(words.as_flattened())
}

/// Collects the 32-byte words of `encodeData`.
#[derive(Debug)]
pub(crate) struct Encoder {
    words: Vec<[u8; 32]>,
}

impl Encoder {
    /// Starts with a type hash.
    pub(crate) fn new(type_hash: Digest) -> Self {
        Self { words: Vec::with_capacity(18) }.word(type_hash.0)
    }

    /// Starts without a type hash, for the members of an array.
    pub(crate) fn array() -> Self {
        Self { words: Vec::with_capacity(8) }
    }

    /// A `bytes32`, or the hash of a member of dynamic or struct type.
    pub(crate) fn word(mut self, word: [u8; 32]) -> Self {
        self.words.push(word);
        self
    }

    /// An unsigned integer of at most 128 bits.
    pub(crate) fn uint(self, value: u128) -> Self {
        self.word(word_of(0, value))
    }

    /// A signed integer of at most 128 bits, sign-extended.
    pub(crate) fn int(self, value: i128) -> Self {
        self.word(signed_word(value))
    }

    /// An address.
    pub(crate) fn address(self, address: Address) -> Self {
        self.word(address_word(address))
    }

    /// An amount as `uint128`.
    pub(crate) fn amount(self, amount: units::Amount) -> Self {
        self.uint(amount.get())
    }

    /// A moment as `uint64`.
    pub(crate) fn time(self, time: units::Timestamp) -> Self {
        self.uint(u128::from(time.get()))
    }

    /// A span as `uint64`.
    pub(crate) fn span(self, span: units::Seconds) -> Self {
        self.uint(u128::from(span.get()))
    }

    /// A share as `uint16`.
    pub(crate) fn share(self, share: units::Bps) -> Self {
        self.uint(u128::from(share.get()))
    }

    /// The hash of all words so far.
    pub(crate) fn hash<H: Keccak256>(self) -> Digest {
        H::keccak256(self.words.as_flattened())
    }
}

/// An unsigned integer as an ABI word.
pub const fn uint_word(value: u128) -> [u8; 32] {
    word_of(0, value)
}

/// A signed integer as an ABI word, sign-extended.
pub const fn signed_word(value: i128) -> [u8; 32] {
    word_of(if value < 0 { u128::MAX } else { 0 }, value.cast_unsigned())
}

/// An address as an ABI word.
pub fn address_word(address: Address) -> [u8; 32] {
    let mut word = [0; 32];
    let (_, low) = word.split_at_mut(12);
    low.copy_from_slice(address.as_bytes());
    word
}

const fn word_of(high: u128, low: u128) -> [u8; 32] {
    let mut word = [0; 32];
    let (upper, lower) = word.split_at_mut(16);
    upper.copy_from_slice(&high.to_be_bytes());
    lower.copy_from_slice(&low.to_be_bytes());
    word
}

//! EIP-712: typed structured data, as hardware signers and wallets show and sign it.
//!
//! Source: EIP-712 (Ethereum Improvement Proposals, final), sections "Definition of hashStruct", "encodeData" and
//! "domainSeparator". Digests are checked against two implementations from
//! elsewhere in `tests/digests.rs`.

use crate::{units, Address, Digest, Keccak256};
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
        self.separator_of::<H>(DOMAIN_NAME)
    }

    /// The domain separator under another name.
    pub fn separator_of<H: Keccak256>(&self, name: &str) -> Digest {
        Encoder::new::<H>(DOMAIN_TYPE)
            .word(H::keccak256(name.as_bytes()).0)
            .word(H::keccak256(DOMAIN_VERSION.as_bytes()).0)
            .uint(u128::from(self.chain_id))
            .address(self.verifying_contract)
            .hash::<H>()
    }
}

/// A struct that can be signed.
pub trait TypedMessage {
    /// The `name` of the message's signing domain.
    const DOMAIN_NAME: &'static str = DOMAIN_NAME;

    /// `hashStruct` of the message.
    fn struct_hash<H: Keccak256>(&self) -> Digest;

    /// The digest that is signed: `keccak256(0x19 0x01 || domainSeparator || hashStruct)`. The one digest function of the
    /// project.
    fn digest<H: Keccak256>(&self, domain: &Domain) -> Digest {
        let mut input = Vec::with_capacity(66);
        input.extend_from_slice(&[0x19, 0x01]);
        input.extend_from_slice(domain.separator_of::<H>(Self::DOMAIN_NAME).as_bytes());
        input.extend_from_slice(self.struct_hash::<H>().as_bytes());
        H::keccak256(&input)
    }
}

/// Collects the 32-byte words of `encodeData`.
#[derive(Debug)]
pub(crate) struct Encoder {
    words: Vec<u8>,
}

impl Encoder {
    /// Starts with the type hash of `encoded_type`.
    pub(crate) fn new<H: Keccak256>(encoded_type: &str) -> Self {
        let mut words = Vec::with_capacity(32 * 16);
        words.extend_from_slice(H::keccak256(encoded_type.as_bytes()).as_bytes());
        Self { words }
    }

    /// Starts without a type hash, for the members of an array.
    pub(crate) fn array() -> Self {
        Self { words: Vec::with_capacity(32 * 8) }
    }

    /// A `bytes32`, or the hash of a member of dynamic or struct type.
    pub(crate) fn word(mut self, word: [u8; 32]) -> Self {
        self.words.extend_from_slice(&word);
        self
    }

    /// An unsigned integer of at most 128 bits.
    pub(crate) fn uint(mut self, value: u128) -> Self {
        self.words.extend_from_slice(&[0; 16]);
        self.words.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// A signed integer of at most 128 bits, sign-extended.
    pub(crate) fn int(mut self, value: i128) -> Self {
        let extension = if value < 0 { 0xff } else { 0 };
        self.words.extend_from_slice(&[extension; 16]);
        self.words.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// An address.
    pub(crate) fn address(mut self, address: Address) -> Self {
        self.words.extend_from_slice(&[0; 12]);
        self.words.extend_from_slice(address.as_bytes());
        self
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
        H::keccak256(&self.words)
    }
}

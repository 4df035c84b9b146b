//! A pair on the chain.

use alloy_primitives::Address;
use ringfence_devchain::{h160_of, Actor, CHAIN_ID};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    eip712::{Domain, TypedMessage},
    signature::SignerSet,
    terms::Terms,
    Digest, Party,
};

/// A vault and its parties.
#[derive(Clone, Debug)]
pub struct LivePair {
    /// Party A.
    pub a: Actor,
    /// Party B.
    pub b: Actor,
    /// The vault.
    pub vault: Address,
    /// The terms that both accepted.
    pub terms: Terms,
    /// Their hash.
    pub terms_hash: Digest,
    /// The agreed portfolio.
    pub portfolio_root: Digest,
}

impl LivePair {
    pub(crate) fn new(a: Actor, b: Actor, vault: Address, terms: Terms, signers: &SignerSet) -> Self {
        let terms_hash = terms.hash::<Keccak>(signers);
        Self { a, b, vault, terms, terms_hash, portfolio_root: Digest::repeat_byte(0x50) }
    }

    /// One of the parties.
    pub fn party(&self, party: Party) -> &Actor {
        match party {
            Party::A => &self.a,
            Party::B => &self.b,
        }
    }

    /// The signing domain of the vault.
    pub fn domain(&self) -> Domain {
        Domain { chain_id: CHAIN_ID, verifying_contract: h160_of(self.vault) }
    }

    /// What is signed for a message to this vault.
    pub fn digest(&self, message: &impl TypedMessage) -> Digest {
        message.digest::<Keccak>(&self.domain())
    }
}

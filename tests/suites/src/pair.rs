//! A pair on the chain.

use crate::Contract;
use alloy_primitives::Address;
use ringfence_devchain::{h160_of, Actor, CHAIN_ID};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    collateral::{Mark, Schedule},
    eip712::{Domain, TypedMessage},
    signature::SignerSet,
    terms::Terms,
    units::{Amount, Bps, Wad},
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
    /// What they accept as collateral.
    pub schedule: Schedule,
    /// Their hash.
    pub terms_hash: Digest,
    /// The agreed portfolio.
    pub portfolio_root: Digest,
    /// The marks of the next instruction; at first par, at the least haircut.
    pub marks: Vec<Mark>,
    /// The interest index of the next instruction; at first one.
    pub interest_index: Wad,
    /// The fee of the next instruction; at first zero.
    pub fee_rate: Bps,
}

impl LivePair {
    /// A pair whose vault was opened under a contract.
    pub fn new(a: Actor, b: Actor, vault: Address, contract: Contract, signers: &SignerSet) -> Self {
        let Contract { terms, schedule } = contract;
        let terms_hash = terms.hash::<Keccak>(&schedule, signers);
        let marks = par_marks(&schedule);
        let (interest_index, fee_rate) = (Wad::new(Wad::SCALE), Bps::new(0));
        let portfolio_root = Digest::repeat_byte(0x50);
        Self { a, b, vault, terms, schedule, terms_hash, portfolio_root, marks, interest_index, fee_rate }
    }

    /// Terms and schedule together.
    pub fn contract(&self) -> Contract {
        Contract { terms: self.terms, schedule: self.schedule.clone() }
    }

    /// Takes over terms that were amended or that a successor came under.
    pub fn adopt(&mut self, contract: Contract, signers: &SignerSet) {
        self.terms_hash = contract.terms.hash::<Keccak>(&contract.schedule, signers);
        if contract.schedule != self.schedule {
            self.marks = par_marks(&contract.schedule);
        }
        (self.terms, self.schedule) = (contract.terms, contract.schedule);
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

/// One base unit of every collateral asset is worth one of the settlement asset, less the least haircut.
fn par_marks(schedule: &Schedule) -> Vec<Mark> {
    let par = Amount::new(ringfence_protocol::collateral::PRICE_UNIT);
    schedule.0.iter().map(|eligible| Mark { price: par, haircut: eligible.haircut }).collect()
}

use crate::keccak::Keccak;
use ringfence_protocol::eip712::{Domain, TypedMessage};
use ringfence_protocol::message::{
    CloseOutDetermination, MarginInstruction, MutualTermination, PortfolioAgreement, SignerRotation,
};
use ringfence_protocol::{Address, Digest};
use std::fmt;

/// The kinds of message, each with a counter of its own in the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// [`MarginInstruction`].
    Instruction,
    /// [`CloseOutDetermination`].
    CloseOut,
    /// [`PortfolioAgreement`].
    Portfolio,
    /// [`MutualTermination`].
    Termination,
    /// [`SignerRotation`].
    Rotation,
}

/// What can be signed once: one number of one counter of one vault on one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The chain's EIP-155 identifier.
    pub chain_id: u64,
    /// The vault.
    pub vault: Address,
    /// The counter.
    pub kind: MessageKind,
    /// The number.
    pub sequence: u64,
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain_id, vault, kind, sequence } = self;
        write!(f, "{kind:?} {sequence} of vault {vault:?} on chain {chain_id}")
    }
}

/// A message to sign. Slot and digest come from the same message, so they can't disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningRequest {
    slot: Slot,
    digest: Digest,
}

impl SigningRequest {
    /// For a margin instruction; the vault is the one inside the message.
    pub fn instruction(message: &MarginInstruction, chain_id: u64) -> Self {
        let domain = Domain { chain_id, verifying_contract: message.vault };
        Self::new(message, &domain, MessageKind::Instruction, message.sequence)
    }

    /// For a close-out determination.
    pub fn close_out(message: &CloseOutDetermination, domain: &Domain) -> Self {
        Self::new(message, domain, MessageKind::CloseOut, message.sequence)
    }

    /// For a portfolio version.
    pub fn portfolio(message: &PortfolioAgreement, domain: &Domain) -> Self {
        Self::new(message, domain, MessageKind::Portfolio, message.version)
    }

    /// For a mutual termination.
    pub fn termination(message: &MutualTermination, domain: &Domain) -> Self {
        Self::new(message, domain, MessageKind::Termination, message.nonce)
    }

    /// For a rotation of signers.
    pub fn rotation(message: &SignerRotation, domain: &Domain) -> Self {
        Self::new(message, domain, MessageKind::Rotation, message.epoch)
    }

    /// The slot.
    pub const fn slot(&self) -> Slot {
        self.slot
    }

    /// The EIP-712 digest that is signed.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    fn new(message: &impl TypedMessage, domain: &Domain, kind: MessageKind, sequence: u64) -> Self {
        let slot = Slot { chain_id: domain.chain_id, vault: domain.verifying_contract, kind, sequence };
        Self { slot, digest: message.digest::<Keccak>(domain) }
    }
}

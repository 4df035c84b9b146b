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

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Instruction, Self::CloseOut, Self::Portfolio, Self::Termination, Self::Rotation];

    /// The number that stands for it in a journal; never reused for another kind.
    pub const fn code(self) -> u8 {
        match self {
            Self::Instruction => 1,
            Self::CloseOut => 2,
            Self::Portfolio => 3,
            Self::Termination => 4,
            Self::Rotation => 5,
        }
    }

    /// The name that stands for it in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instruction => "instruction",
            Self::CloseOut => "close_out",
            Self::Portfolio => "portfolio",
            Self::Termination => "termination",
            Self::Rotation => "rotation",
        }
    }

    /// The kind of a [`code`](Self::code).
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind of a [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One counter of one vault on one chain: the numbers under which it takes messages of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counter {
    /// The chain's EIP-155 identifier.
    pub chain_id: u64,
    /// The vault.
    pub vault: Address,
    /// The kind of message.
    pub kind: MessageKind,
}

impl Counter {
    /// One number of it.
    pub const fn slot(self, sequence: u64) -> Slot {
        Slot { chain_id: self.chain_id, vault: self.vault, kind: self.kind, sequence }
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of vault {:?} on chain {}", self.kind.name(), self.vault, self.chain_id)
    }
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

impl Slot {
    /// The counter it belongs to.
    pub const fn counter(&self) -> Counter {
        Counter { chain_id: self.chain_id, vault: self.vault, kind: self.kind }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain_id, vault, kind, sequence } = self;
        write!(f, "{} {sequence} of vault {vault:?} on chain {chain_id}", kind.name())
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

use super::VaultError;
use crate::{
    collateral::Schedule,
    eip712::Domain,
    layout::{fixed, stored_fixed},
    signature::{Recover, SignerSet},
    terms::{Terms, TermsError},
    units::Timestamp,
    Address, Digest, Keccak256, Party,
};
use scale::{Decode, Encode};

/// What the host supplies: the hash and the recovery of signers.
pub trait Crypto: Keccak256 + Recover {}

impl<T: Keccak256 + Recover> Crypto for T {}

/// Where and when a command runs, and who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Env {
    /// The block's time.
    pub now: Timestamp,
    /// Who called.
    pub caller: Address,
    /// The chain and the vault itself.
    pub domain: Domain,
}

/// The terms with their hash, as the vault keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The terms.
    pub terms: Terms,
    /// Their EIP-712 hash with the schedule of collateral and the signers at the time when they were agreed. It changes
    /// with an amendment and with a successor, so that nothing signed for the old pair fits the new one.
    pub hash: Digest,
    /// True if anything but the settlement asset is eligible: otherwise a settlement need not look.
    pub takes_collateral: bool,
}

fixed!(Agreement { terms: Terms, hash: Digest, takes_collateral: bool });
stored_fixed!(Agreement);

impl Agreement {
    /// Binds valid terms to their hash.
    pub fn new<H: Keccak256>(terms: Terms, schedule: &Schedule, signers: &SignerSet) -> Result<Self, TermsError> {
        terms.validate(schedule)?;
        Ok(Self { terms, hash: terms.hash::<H>(schedule, signers), takes_collateral: schedule.count() > 0 })
    }

    /// Which party the caller is, or [`VaultError::NotAParty`].
    pub fn party(&self, caller: Address) -> Result<Party, VaultError> {
        self.terms.party(caller).ok_or(VaultError::NotAParty)
    }

    /// Passes only the entity.
    pub fn only_entity(&self, caller: Address) -> Result<(), VaultError> {
        if caller == self.terms.entity {
            Ok(())
        } else {
            Err(VaultError::NotTheEntity)
        }
    }
}

/// Who values the pair, and what.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Mandate {
    /// The valuation agent.
    pub signers: SignerSet,
    /// How often the signers were replaced.
    pub epoch: u64,
    /// The agreed portfolio's version; zero before the first.
    pub portfolio_version: u64,
    /// The agreed portfolio's commitment.
    pub portfolio_root: Digest,
}

impl Mandate {
    /// The mandate of a new pair.
    pub fn new(signers: SignerSet) -> Self {
        Self { signers, epoch: 0, portfolio_version: 0, portfolio_root: Digest::zero() }
    }
}

use super::VaultError;
use crate::{
    eip712::Domain,
    signature::{Recover, SignerSet},
    terms::Terms,
    units::Timestamp,
    Address, Digest, Keccak256, Party,
};
use scale::{Decode, Encode, MaxEncodedLen};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Agreement {
    /// The terms.
    pub terms: Terms,
    /// Their EIP-712 hash with the first signer set.
    pub hash: Digest,
}

impl Agreement {
    /// Binds valid terms to their hash.
    pub fn new<H: Keccak256>(terms: Terms, signers: &SignerSet) -> Result<Self, crate::terms::TermsError> {
        terms.validate()?;
        Ok(Self { terms, hash: terms.hash::<H>(signers) })
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

use super::{EntityError, Lei};
use crate::{units::Timestamp, Address, Digest};
use alloc::vec::Vec;
use scale::{Decode, Encode, MaxEncodedLen};

/// Longest legal name, bytes of UTF-8.
pub const MAX_NAME: usize = 96;
/// Places for hashes of documents: the resolution plan and the governing agreements.
pub const DOCUMENTS: u8 = 16;
/// The place of the resolution plan's hash; governing agreements follow.
pub const RESOLUTION_PLAN: u8 = 0;
/// The most records in one page of the register.
pub const PAGE: u32 = 8;

/// A country, or a subdivision of one, under whose law the entity is formed: `DE`, `US-DE`.
///
/// Source: ISO 3166-1 alpha-2 and ISO 3166-2, the two forms that LEI records have for a legal jurisdiction. Only the form is
/// checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Jurisdiction(Vec<u8>);

impl Jurisdiction {
    /// Reads a code of either form, or returns [`EntityError::JurisdictionMalformed`].
    pub fn parse(text: &[u8]) -> Result<Self, EntityError> {
        let (country, subdivision) = text.split_at_checked(2).ok_or(EntityError::JurisdictionMalformed)?;
        let subdivided = match subdivision {
            [] => true,
            [b'-', code @ ..] => {
                (1..=3).contains(&code.len()) && code.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            }
            _ => false,
        };
        if !subdivided || !country.iter().all(u8::is_ascii_uppercase) {
            return Err(EntityError::JurisdictionMalformed);
        }
        Ok(Self(text.to_vec()))
    }

    /// The code.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Who the legal entity is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Identity {
    name: Vec<u8>,
    lei: Lei,
    jurisdiction: Jurisdiction,
}

impl Identity {
    /// Reads name, LEI and jurisdiction.
    ///
    /// # Errors
    /// [`EntityError::NameMalformed`] for a name that is empty, longer than [`MAX_NAME`], no UTF-8, or has control
    /// characters in it or blanks around it; what [`Lei::parse`] and [`Jurisdiction::parse`] return.
    pub fn parse(name: &[u8], lei: &[u8], jurisdiction: &[u8]) -> Result<Self, EntityError> {
        let text = core::str::from_utf8(name).map_err(|_| EntityError::NameMalformed)?;
        let padded = text.starts_with(' ') || text.ends_with(' ');
        if text.is_empty() || name.len() > MAX_NAME || padded || text.chars().any(char::is_control) {
            return Err(EntityError::NameMalformed);
        }
        Ok(Self { name: name.to_vec(), lei: Lei::parse(lei)?, jurisdiction: Jurisdiction::parse(jurisdiction)? })
    }

    /// The legal name, UTF-8.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The identifier.
    pub const fn lei(&self) -> &Lei {
        &self.lei
    }

    /// Where the entity is formed.
    pub const fn jurisdiction(&self) -> &Jurisdiction {
        &self.jurisdiction
    }
}

/// A pair in the register: as it was opened, or as anyone had it read again from its vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct PairRecord {
    /// The vault.
    pub vault: Address,
    /// Party A.
    pub party_a: Address,
    /// Party B.
    pub party_b: Address,
    /// The EIP-712 hash of the terms.
    pub terms_hash: Digest,
    /// The code that the vault was opened with. It never changes.
    pub code_hash: Digest,
    /// Hash of the valuation agent's signers, one word each.
    pub signers_hash: Digest,
    /// How often the signers were replaced.
    pub signer_epoch: u64,
    /// When the pair was opened.
    pub opened: Timestamp,
    /// True once resolution has found the pair at rest and taken back what was the entity's.
    pub settled: bool,
}

/// A series in the register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct SeriesRecord {
    /// The bond.
    pub bond: Address,
    /// The vault whose tail it covers.
    pub vault: Address,
    /// Hash of its terms as they were sent to its constructor.
    pub terms_hash: Digest,
    /// The code that the bond was opened with.
    pub code_hash: Digest,
}

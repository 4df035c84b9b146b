use super::{step, EntityEnv, EntityError, EntityEvent, EntityState, EntityStep};
use crate::{
    units::{Seconds, Timestamp},
    Address, Digest,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// Longest time from an attestation to its expiry: owners are looked at again every year.
pub const MAX_ATTESTATION: Seconds = Seconds::new(366 * 86_400);

/// Who owns a party, as the entity has verified it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Attestation {
    /// Hash of the owner's identifier; equal for two parties with the same owner.
    pub owner: Digest,
    /// The last moment at which it holds; zero if it was revoked.
    pub until: Timestamp,
    /// The party's place in the register, from zero; it stays when the attestation is renewed.
    pub place: u32,
}

impl EntityState {
    /// The authority attests who owns a party, anew or again.
    pub fn attest(
        mut self,
        env: &EntityEnv,
        before: Option<Attestation>,
        party: Address,
        owner: Digest,
        until: Timestamp,
    ) -> Result<(EntityStep, Attestation), EntityError> {
        self.only_authority(env.caller)?;
        if party.is_zero() {
            return Err(EntityError::InvalidAddress);
        }
        if owner.is_zero() {
            return Err(EntityError::ValueOutOfBounds);
        }
        if until <= env.now || until.since(env.now) > MAX_ATTESTATION {
            return Err(EntityError::PeriodOutOfBounds);
        }
        let place = before.map_or(self.charter.attested, |known| known.place);
        if before.is_none() {
            self.charter.attested = next(self.charter.attested)?;
        }
        let step = step(self, EntityEvent::OwnerAttested { party, owner, until });
        Ok((step, Attestation { owner, until, place }))
    }

    /// The authority or the guardian takes an attestation back.
    pub fn revoke_attestation(
        self,
        env: &EntityEnv,
        before: Option<Attestation>,
        party: Address,
    ) -> Result<(EntityStep, Attestation), EntityError> {
        self.only_authority_or_guardian(env.caller)?;
        let known = before.filter(|known| known.until != Timestamp::default()).ok_or(EntityError::NotAttested)?;
        let step = step(self, EntityEvent::AttestationRevoked { party });
        Ok((step, Attestation { until: Timestamp::default(), ..known }))
    }
}

/// Until when two parties are attested to have different owners: the earlier of both expiries.
///
/// # Errors
/// [`EntityError::NotAttested`] if one is not attested or its attestation has expired, [`EntityError::SameOwner`].
#[inline(never)]
pub fn different_owners(
    now: Timestamp,
    a: Option<Attestation>,
    b: Option<Attestation>,
) -> Result<Timestamp, EntityError> {
    let live = |attestation: Option<Attestation>| {
        attestation.filter(|known| now <= known.until).ok_or(EntityError::NotAttested)
    };
    let (a, b) = (live(a)?, live(b)?);
    if a.owner == b.owner {
        return Err(EntityError::SameOwner);
    }
    Ok(a.until.min(b.until))
}

/// The count after one more.
pub(super) fn next(count: u32) -> Result<u32, EntityError> {
    count.checked_add(1).ok_or(EntityError::ArithmeticOverflow)
}

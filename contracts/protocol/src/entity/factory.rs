use super::{attestation::next, different_owners, step, Attestation, EntityEnv, EntityError, EntityEvent};
use super::{EntityState, EntityStep, PairRecord, SeriesRecord};
use crate::{
    units::{Amount, Bps, Timestamp},
    Address, Digest,
};

/// What the entity looks at in the terms of a new pair; everything else both parties accept, and the vault checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairOffer {
    /// The entity that the terms name.
    pub entity: Address,
    /// The settlement asset.
    pub asset: Address,
    /// The contract with the vault's rules.
    pub rules: Address,
    /// The largest fee that the terms allow.
    pub fee_cap: Bps,
}

impl EntityState {
    /// Passes an offer that the admin may open a pair under now, and whose reserve free capital pays. Nothing is made
    /// before this passes.
    pub fn check_pair(&self, env: &EntityEnv, this: Address, offer: &PairOffer) -> Result<(), EntityError> {
        self.only_admin(env.caller)?;
        self.check_new_risk(env)?;
        let charter = &self.charter;
        if offer.entity != this || offer.asset != charter.asset || offer.rules != charter.rules {
            return Err(EntityError::TermsMismatch);
        }
        if offer.fee_cap > charter.fee_cap {
            return Err(EntityError::FeeCapTooHigh);
        }
        self.check_allocation(env, charter.asset_reserve)
    }

    /// Records a vault that was made, and sends it its reserve.
    pub fn pair_opened(mut self, env: &EntityEnv, record: &PairRecord) -> Result<EntityStep, EntityError> {
        self.charter.pairs = next(self.charter.pairs)?;
        let reserve = self.charter.asset_reserve;
        let mut step = self.allocate(env, record.vault, reserve)?;
        step.events.insert(0, EntityEvent::PairOpened { record: *record });
        Ok(step)
    }

    /// Anyone has a pair's record read again from its vault: parties, terms and signers as they are now.
    pub fn pair_read(
        self,
        before: &PairRecord,
        parties: (Address, Address),
        terms_hash: Digest,
        signers: (Digest, u64),
    ) -> (EntityStep, PairRecord) {
        let ((party_a, party_b), (signers_hash, signer_epoch)) = (parties, signers);
        let record = PairRecord { party_a, party_b, terms_hash, signers_hash, signer_epoch, ..*before };
        (step(self, EntityEvent::PairUpdated { record }), record)
    }

    /// Passes a series that the admin may issue now, and whose premium and reserve free capital pays.
    pub fn check_series(&self, env: &EntityEnv, payment: Amount) -> Result<(), EntityError> {
        self.only_admin(env.caller)?;
        self.check_new_risk(env)?;
        self.check_allocation(env, payment)
    }

    /// Records a bond that was made, and sends it its premium and its reserve.
    pub fn series_issued(
        mut self,
        env: &EntityEnv,
        record: &SeriesRecord,
        limit: Amount,
        premium: Amount,
    ) -> Result<EntityStep, EntityError> {
        self.charter.series = next(self.charter.series)?;
        let payment = premium.add(self.charter.asset_reserve)?;
        let mut step = self.allocate(env, record.bond, payment)?;
        step.events.insert(0, EntityEvent::SeriesIssued { record: *record, limit, premium });
        Ok(step)
    }

    /// Passes while a series may go on risk: the entity takes new risk, and both parties of its vault are attested to have
    /// different owners, so that nobody buys cover on a default to itself. Gives the moment until which they are.
    pub fn check_cover(
        &self,
        env: &EntityEnv,
        a: Option<Attestation>,
        b: Option<Attestation>,
    ) -> Result<Timestamp, EntityError> {
        self.check_new_risk(env)?;
        different_owners(env.now, a, b)
    }

    /// Passes who speaks for the entity: to give a vault notice of other signers, or to take it back. The vault decides how
    /// long the notice is, and lets either party leave.
    pub fn check_rotation(&self, env: &EntityEnv) -> Result<(), EntityError> {
        self.only_authority(env.caller)
    }
}

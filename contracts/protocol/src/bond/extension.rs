use super::{BondEnv, BondError, BondEvent, BondPhase, BondState, BondStep, BondTerms};
use crate::units::Amount;

impl BondState {
    /// The vault, or the sponsor for it, reports what an open default could still claim. Until the end of notice the report
    /// replaces the last one; after it, it can only shrink the lock, and what it frees is redeemable at once. Principal
    /// that is not locked redeems on time, and everything does at the latest date.
    ///
    /// Warning: a default that nobody reports within the notice locks nothing.
    pub fn extend(mut self, env: &BondEnv, terms: &BondTerms, claimable: Amount) -> Result<BondStep, BondError> {
        if env.caller != terms.vault && env.caller != terms.sponsor {
            return Err(BondError::NotTheVault);
        }
        if self.phase != BondPhase::OnRisk {
            return Err(BondError::NotOnRisk);
        }
        if env.now > self.claims_until(terms)? {
            return Err(BondError::ExtensionOver);
        }
        self.sync(env, terms)?;
        // After notice all principal that is not locked has been released, so this can't raise the lock.
        self.locked = claimable.min(self.principal);
        self.sync(env, terms)?;
        Ok(BondStep::new(self, BondEvent::Extended { locked: self.locked }))
    }
}

use super::{Agreement, Env, Phase, VaultError, VaultEvent, VaultState, VaultStep};
use crate::Digest;

impl VaultState {
    /// A party accepts the terms it names by their hash; with the second acceptance the pair is active.
    pub fn accept(mut self, env: &Env, agreement: &Agreement, terms_hash: Digest) -> Result<VaultStep, VaultError> {
        let party = agreement.party(env.caller)?;
        if self.phase != Phase::Proposed {
            return Err(VaultError::NotProposed);
        }
        if terms_hash != agreement.hash {
            return Err(VaultError::TermsMismatch);
        }
        if *self.accepted.of(party) {
            return Err(VaultError::AlreadyAccepted);
        }

        *self.accepted.of_mut(party) = true;
        if self.accepted.a && self.accepted.b {
            self.phase = Phase::Active;
        }
        Ok(VaultStep::new(self, VaultEvent::TermsAccepted { party }))
    }
}

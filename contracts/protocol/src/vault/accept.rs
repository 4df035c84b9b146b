use super::{Effects, Env, Phase, Vault, VaultError, VaultEvent};
use crate::Digest;

impl Vault {
    /// A party accepts the terms it names by their hash; with the second acceptance the pair is active.
    pub(super) fn accept(&mut self, env: &Env, fx: &mut Effects, terms_hash: Digest) -> Result<(), VaultError> {
        let party = self.agreement.party(env.caller)?;
        if self.state.phase != Phase::Proposed {
            return Err(VaultError::NotProposed);
        }
        if terms_hash != self.agreement.hash {
            return Err(VaultError::TermsMismatch);
        }
        if *self.state.accepted.of(party) {
            return Err(VaultError::AlreadyAccepted);
        }

        *self.state.accepted.of_mut(party) = true;
        if self.state.accepted.a && self.state.accepted.b {
            self.state.phase = Phase::Active;
        }
        fx.events.push(VaultEvent::TermsAccepted { party });
        Ok(())
    }
}

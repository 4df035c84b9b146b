use super::{
    portfolio::{check_expiry, check_next, verify_both},
    Crypto, Effects, Env, Vault, VaultError, VaultEvent,
};
use crate::{message::SignerRotation, signature::SignerSet, Pair};

impl Vault {
    /// Replaces the valuation agent's signers by a set that both parties signed; anyone may bring it. It is open in every
    /// phase: a default needs an agent too. A successor bid for a side that other signers value, so its bid falls.
    pub(super) fn rotate<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        message: &SignerRotation,
        signers: &SignerSet,
        signatures: Pair<&[u8]>,
    ) -> Result<(), VaultError> {
        if message.terms_hash != self.agreement.hash {
            return Err(VaultError::TermsMismatch);
        }
        check_next(self.mandate.epoch, message.epoch)?;
        check_expiry(env, message.expiry)?;
        if message.signers_hash != signers.hash::<C>() || message.threshold != signers.threshold() {
            return Err(VaultError::SignersMismatch);
        }
        verify_both::<C>(env, &self.agreement, message, signatures)?;

        self.release_bid(fx)?;
        self.mandate.epoch = message.epoch;
        self.mandate.signers = signers.clone();
        fx.events.push(VaultEvent::SignersRotated { epoch: message.epoch, signers_hash: message.signers_hash });
        Ok(())
    }
}

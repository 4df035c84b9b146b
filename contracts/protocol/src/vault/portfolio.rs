use super::{Agreement, Crypto, Env, Phase, VaultError, VaultEvent, VaultState, VaultStep};
use crate::{eip712::TypedMessage, message::PortfolioAgreement, signature::verify_one, Pair, Party};

impl VaultState {
    /// Records a portfolio that both parties signed; anyone may bring it.
    pub fn agree_portfolio<C: Crypto>(
        mut self,
        env: &Env,
        agreement: &Agreement,
        message: &PortfolioAgreement,
        signatures: Pair<&[u8]>,
    ) -> Result<VaultStep, VaultError> {
        if self.phase != Phase::Active {
            return Err(VaultError::NotActive);
        }
        if message.terms_hash != agreement.hash {
            return Err(VaultError::TermsMismatch);
        }
        check_next(self.portfolio_version, message.version)?;
        check_expiry(env, message.expiry)?;
        verify_both::<C>(env, agreement, message, signatures)?;

        if self.portfolio_version == 0 {
            self.oracle_seen = env.now;
        }
        self.portfolio_version = message.version;
        self.portfolio_root = message.portfolio_root;
        Ok(VaultStep::new(self, VaultEvent::PortfolioAgreed { version: message.version, root: message.portfolio_root }))
    }
}

/// Passes exactly the next value of a counter.
pub(super) fn check_next(last: u64, given: u64) -> Result<(), VaultError> {
    if given <= last {
        return Err(VaultError::SequenceReplayed);
    }
    if Some(given) != last.checked_add(1) {
        return Err(VaultError::SequenceSkipped);
    }
    Ok(())
}

/// Passes a message up to and including its expiry.
pub(super) fn check_expiry(env: &Env, expiry: crate::units::Timestamp) -> Result<(), VaultError> {
    if env.now > expiry {
        return Err(VaultError::Expired);
    }
    Ok(())
}

/// Passes a message that both parties signed.
pub(super) fn verify_both<C: Crypto>(
    env: &Env,
    agreement: &Agreement,
    message: &impl TypedMessage,
    signatures: Pair<&[u8]>,
) -> Result<(), VaultError> {
    let digest = message.digest::<C>(&env.domain);
    for party in Party::BOTH {
        verify_one::<C>(&digest, signatures.of(party), *agreement.terms.parties.of(party))?;
    }
    Ok(())
}

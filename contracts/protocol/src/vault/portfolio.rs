use super::{Agreement, Crypto, Effects, Env, Valuation, Vault, VaultError, VaultEvent};
use crate::{eip712::TypedMessage, message::PortfolioAgreement, signature::verify_one, Pair, Party};

impl Vault {
    /// Records a portfolio that both parties signed; anyone may bring it. Until it has been valued, nothing is withdrawn.
    pub(super) fn agree_portfolio<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        message: &PortfolioAgreement,
        signatures: Pair<&[u8]>,
    ) -> Result<(), VaultError> {
        self.check_active()?;
        self.check_new_risk(env)?;
        if message.terms_hash != self.agreement.hash {
            return Err(VaultError::TermsMismatch);
        }
        check_next(self.mandate.portfolio_version, message.version)?;
        check_expiry(env, message.expiry)?;
        verify_both::<C>(env, &self.agreement, message, signatures)?;

        if self.state.valuation == Valuation::NoPortfolio {
            self.state.oracle_seen = env.now;
        }
        self.cover.portfolio_changed(env.now, self.state.tail_requirement);
        self.state.valuation = Valuation::Outdated;
        self.mandate.portfolio_version = message.version;
        self.mandate.portfolio_root = message.portfolio_root;
        fx.events.push(VaultEvent::PortfolioAgreed { version: message.version, root: message.portfolio_root });
        Ok(())
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

/// Passes a message that one party signed.
pub(super) fn verify_party<C: Crypto>(
    env: &Env,
    agreement: &Agreement,
    message: &impl TypedMessage,
    party: Party,
    signature: &[u8],
) -> Result<(), VaultError> {
    let digest = message.digest::<C>(&env.domain);
    Ok(verify_one::<C>(&digest, signature, *agreement.terms.parties.of(party))?)
}

/// Passes a message that both parties signed.
pub(super) fn verify_both<C: Crypto>(
    env: &Env,
    agreement: &Agreement,
    message: &impl TypedMessage,
    signatures: Pair<&[u8]>,
) -> Result<(), VaultError> {
    Party::BOTH
        .into_iter()
        .try_for_each(|party| verify_party::<C>(env, agreement, message, party, signatures.of(party)))
}

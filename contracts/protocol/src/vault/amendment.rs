use super::{
    portfolio::{check_expiry, check_next, verify_both},
    Agreement, Crypto, Effects, Env, Valuation, Vault, VaultError, VaultEvent,
};
use crate::{collateral::Schedule, message::TermsAmendment, terms::Terms, units::Amount, Pair};

impl Vault {
    /// Replaces the terms by new ones that both parties signed; anyone may bring them. Asset, entity, rules and parties
    /// stay. Investors priced the old terms, so it waits until no bond is live; and nobody's open call or dispute is
    /// decided by it. Until an instruction has valued the pair under the new terms, nothing is withdrawn.
    pub(super) fn amend<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        message: &TermsAmendment,
        terms: Terms,
        schedule: &Schedule,
        signatures: Pair<&[u8]>,
    ) -> Result<(), VaultError> {
        self.check_active()?;
        self.check_new_risk(env)?;
        check_next(self.standing.amendments, message.nonce)?;
        check_expiry(env, message.expiry)?;
        let old = self.agreement.terms;
        let fixed = |terms: &Terms| (terms.asset, terms.entity, terms.rules, terms.parties);
        if fixed(&terms) != fixed(&old) {
            return Err(VaultError::TermsFixed);
        }
        self.check_settled_and_uncovered(env)?;
        let posted = self.collateral.has_posted(crate::Party::A) || self.collateral.has_posted(crate::Party::B);
        if *schedule != self.collateral.schedule && posted {
            return Err(VaultError::CollateralInUse);
        }
        let agreement = Agreement::new::<C>(terms, schedule, &self.mandate.signers)?;
        if message.from != self.agreement.hash || message.to != agreement.hash {
            return Err(VaultError::TermsMismatch);
        }
        verify_both::<C>(env, &self.agreement, message, signatures)?;

        self.agreement = agreement;
        self.standing.amendments = message.nonce;
        // Its time was measured by the old terms.
        self.standing.rotation = None;
        if *schedule != self.collateral.schedule {
            self.collateral.schedule = schedule.clone();
            self.collateral.marks.clear();
        }
        if self.state.valuation == Valuation::Current {
            self.state.valuation = Valuation::Outdated;
        }
        fx.events.push(VaultEvent::TermsAmended { terms_hash: message.to });
        Ok(())
    }

    fn check_settled_and_uncovered(&self, env: &Env) -> Result<(), VaultError> {
        let state = &self.state;
        if state.call.a.is_some() || state.call.b.is_some() {
            return Err(VaultError::CallOpen);
        }
        if state.disputed.a || state.disputed.b {
            return Err(VaultError::DisputeOpen);
        }
        if self.cover.live_or_coming(env.now)? != Amount::ZERO {
            return Err(VaultError::CoverLive);
        }
        Ok(())
    }
}

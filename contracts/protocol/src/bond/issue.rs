use super::{BondEnv, BondError, BondEvent, BondPhase, BondState, BondStep, BondTerms, ACTIVATION_GRACE};
use crate::units::Amount;

impl BondState {
    /// The sponsor records the premium for the whole period at the limit and the maximum spread, and the reserve, which it
    /// has sent to the bond. The book opens with it.
    pub fn fund_premium(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        balance: Amount,
        reserve: Amount,
    ) -> Result<BondStep, BondError> {
        only_sponsor(env, terms)?;
        if self.phase != BondPhase::Book || env.now > terms.bids_until {
            return Err(BondError::BookClosed);
        }
        if !self.premium.is_zero() {
            return Err(BondError::PremiumAlreadyFunded);
        }
        let amount = terms.premium_at_issue()?;
        self.check_surplus(balance, amount.add(reserve)?)?;

        self.premium = amount;
        self.reserve = reserve;
        Ok(BondStep::new(self, BondEvent::PremiumFunded { amount, reserve }))
    }

    /// The sponsor puts a cleared series on risk. Premium beyond the clearing spread and the principal goes back to it.
    pub fn activate(mut self, env: &BondEnv, terms: &BondTerms) -> Result<BondStep, BondError> {
        only_sponsor(env, terms)?;
        if self.phase != BondPhase::Cleared {
            return Err(if self.phase == BondPhase::Book { BondError::BookOpen } else { BondError::BookCleared });
        }
        let needed = self.spread.accrued_up(self.face, terms.risk_period)?;
        self.sponsor_due.put(self.premium.sub(needed)?)?;
        self.premium = needed;
        self.bids.take(self.face)?;
        self.principal = self.face;
        self.phase = BondPhase::OnRisk;
        self.accrued_at = env.now;
        self.matures = env.now.after(terms.risk_period)?;
        Ok(BondStep::new(self, BondEvent::Activated { principal: self.principal, matures: self.matures }))
    }

    /// Anyone has the series fail when nobody put it on risk in time.
    pub fn expire(self, env: &BondEnv, terms: &BondTerms) -> Result<BondStep, BondError> {
        if !matches!(self.phase, BondPhase::Book | BondPhase::Cleared) {
            return Err(BondError::BookCleared);
        }
        if env.now <= terms.reveal_until.after(ACTIVATION_GRACE)? {
            return Err(BondError::GraceRunning);
        }
        self.fail()
    }

    pub(super) fn fail(mut self) -> Result<BondStep, BondError> {
        self.phase = BondPhase::Failed;
        self.face = Amount::ZERO;
        self.sponsor_due.put(self.premium)?;
        self.premium = Amount::ZERO;
        Ok(BondStep::new(self, BondEvent::Failed))
    }

    /// The sponsor takes back what is due to it: premium that will never be earned, and what sealed bids forfeited.
    pub fn refund_sponsor(mut self, env: &BondEnv, terms: &BondTerms) -> Result<BondStep, BondError> {
        only_sponsor(env, terms)?;
        let amount = core::mem::take(&mut self.sponsor_due);
        if amount.is_zero() {
            return Err(BondError::NothingDue);
        }
        Ok(BondStep::new(self, BondEvent::SponsorRefunded { amount }).paying(env.caller, amount))
    }
}

/// Passes only the sponsor.
pub(super) fn only_sponsor(env: &BondEnv, terms: &BondTerms) -> Result<(), BondError> {
    if env.caller == terms.sponsor {
        Ok(())
    } else {
        Err(BondError::NotTheSponsor)
    }
}

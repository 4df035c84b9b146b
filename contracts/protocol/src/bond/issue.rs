use super::{
    BondEnv, BondError, BondEvent, BondPhase, BondState, BondStep, BondTerms, Holder, HolderStep, ACTIVATION_GRACE,
};
use crate::{units::Amount, Address, Step};

impl BondState {
    /// The sponsor records the premium for the whole period at the limit, and the reserve, which it has sent to the
    /// bond. Subscriptions open with it.
    pub fn fund_premium(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        balance: Amount,
        reserve: Amount,
    ) -> Result<BondStep, BondError> {
        only_sponsor(env, terms)?;
        if self.phase != BondPhase::Subscribing || env.now > terms.subscription_end {
            return Err(BondError::NotSubscribing);
        }
        if !self.premium.is_zero() || !self.reserve.is_zero() {
            return Err(BondError::PremiumNotFunded);
        }
        let amount = terms.premium_up(terms.limit, terms.risk_period)?;
        self.check_surplus(balance, amount.add(reserve)?)?;

        self.premium = amount;
        self.reserve = reserve;
        Ok(BondStep::new(self, BondEvent::PremiumFunded { amount }))
    }

    /// An investor pays principal in and gets notes one for one.
    pub fn subscribe(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        mut holder: Holder,
        amount: Amount,
    ) -> Result<HolderStep, BondError> {
        if self.phase != BondPhase::Subscribing || env.now > terms.subscription_end {
            return Err(BondError::NotSubscribing);
        }
        if self.premium < terms.premium_up(terms.limit, terms.risk_period)? {
            return Err(BondError::PremiumNotFunded);
        }
        if amount.is_zero() || amount > Amount::MAX {
            return Err(BondError::AmountOutOfBounds);
        }
        if self.face.add(amount)? > terms.limit {
            return Err(BondError::Oversubscribed);
        }

        holder.face = holder.face.add(amount)?;
        self.face = self.face.add(amount)?;
        self.principal = self.principal.add(amount)?;
        let event = BondEvent::Transfer { from: Address::zero(), to: env.caller, amount };
        Ok(Step::new((self, holder), event).taking(env.caller, amount))
    }

    /// The sponsor ends the subscription: on risk if the minimum is reached, else failed. Possible when the limit is
    /// reached or the subscription has ended.
    pub fn activate(mut self, env: &BondEnv, terms: &BondTerms) -> Result<BondStep, BondError> {
        only_sponsor(env, terms)?;
        if self.phase != BondPhase::Subscribing {
            return Err(BondError::NotSubscribing);
        }
        if self.face < terms.limit && env.now <= terms.subscription_end {
            return Err(BondError::SubscriptionOpen);
        }
        if self.face < terms.minimum {
            return self.fail();
        }

        let needed = terms.premium_up(self.principal, terms.risk_period)?;
        self.sponsor_due = self.sponsor_due.add(self.premium.sub(needed)?)?;
        self.premium = needed;
        self.phase = BondPhase::OnRisk { since: env.now };
        self.accrued_at = env.now;
        let maturity = self.maturity(terms)?;
        Ok(BondStep::new(self, BondEvent::Activated { principal: self.principal, maturity }))
    }

    /// Anyone has the series fail when the sponsor let the grace period pass.
    pub fn expire(self, env: &BondEnv, terms: &BondTerms) -> Result<BondStep, BondError> {
        if self.phase != BondPhase::Subscribing {
            return Err(BondError::NotSubscribing);
        }
        if env.now <= terms.subscription_end.after(ACTIVATION_GRACE)? {
            return Err(BondError::GraceRunning);
        }
        self.fail()
    }

    fn fail(mut self) -> Result<BondStep, BondError> {
        self.phase = BondPhase::Failed;
        self.sponsor_due = self.sponsor_due.add(self.premium)?;
        self.premium = Amount::ZERO;
        Ok(BondStep::new(self, BondEvent::Failed { subscribed: self.face }))
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

use super::{issue::only_sponsor, BondEnv, BondError, BondEvent, BondState, BondStep, BondTerms, Holder, HolderStep};
use crate::{units::Amount, Step};

impl BondState {
    /// A holder takes out accrued premium.
    pub fn take_premium(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        mut holder: Holder,
    ) -> Result<HolderStep, BondError> {
        self.accrue(env, terms)?;
        self.book(&mut holder)?;
        let amount = self.unbook(&mut holder)?;
        if amount.is_zero() {
            return Err(BondError::NothingDue);
        }
        let event = BondEvent::PremiumPaid { holder: env.caller, amount };
        Ok(Step::new((self, holder), event).paying(env.caller, amount))
    }

    /// What a holder could take out now.
    pub fn premium_accrued(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        mut holder: Holder,
    ) -> Result<Amount, BondError> {
        self.accrue(env, terms)?;
        self.book(&mut holder)?;
        Ok(holder.accrued)
    }

    /// The sponsor takes back premium that will never be earned.
    pub fn refund_sponsor(mut self, env: &BondEnv, terms: &BondTerms) -> Result<BondStep, BondError> {
        only_sponsor(env, terms)?;
        let amount = self.sponsor_due;
        if amount.is_zero() {
            return Err(BondError::NothingDue);
        }
        self.sponsor_due = Amount::ZERO;
        Ok(BondStep::new(self, BondEvent::SponsorRefunded { amount }).paying(env.caller, amount))
    }
}

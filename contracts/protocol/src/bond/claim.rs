use super::{BondEnv, BondError, BondEvent, BondState, BondStep, BondTerms};
use crate::units::Amount;

impl BondState {
    /// The covered vault claims a loss, exactly, from escrow in the same transaction. Premium stops on what is written
    /// down, and its unearned part goes back to the sponsor.
    pub fn claim(mut self, env: &BondEnv, terms: &BondTerms, amount: Amount) -> Result<BondStep, BondError> {
        if env.caller != terms.vault {
            return Err(BondError::NotTheVault);
        }
        if env.now > self.claims_until(terms)? {
            return Err(BondError::ClaimPeriodOver);
        }
        if amount.is_zero() {
            return Err(BondError::AmountOutOfBounds);
        }
        if amount > self.principal {
            return Err(BondError::ClaimExceedsPrincipal);
        }
        self.accrue(env, terms)?;

        let unearned = terms.premium_down(amount, self.maturity(terms)?.since(env.now))?;
        self.premium = self.premium.sub(unearned)?;
        self.sponsor_due = self.sponsor_due.add(unearned)?;
        self.principal = self.principal.sub(amount)?;
        let event = BondEvent::Claimed { amount, principal: self.principal };
        Ok(BondStep::new(self, event).paying(terms.vault, amount))
    }
}

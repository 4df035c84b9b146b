use super::{BondEnv, BondError, BondEvent, BondPhase, BondState, BondStep, BondTerms};
use crate::units::Amount;

impl BondState {
    /// The covered vault claims a loss, exactly, from escrow in the same transaction. Premium stops on what is written
    /// down, and its unearned part goes back to the sponsor. After redemption only what an open default locks can be
    /// claimed, and a claim uses the lock up.
    ///
    /// Warning: whether a loss is eligible is the vault's to say: its ledger holds the exposure and the cover at its record.
    pub fn claim(mut self, env: &BondEnv, terms: &BondTerms, amount: Amount) -> Result<BondStep, BondError> {
        only_vault(env, terms)?;
        if self.phase != BondPhase::OnRisk {
            return Err(BondError::NotOnRisk);
        }
        if env.now > self.claims_until(terms)? {
            return Err(BondError::ClaimPeriodOver);
        }
        if amount.is_zero() {
            return Err(BondError::AmountOutOfBounds);
        }
        self.sync(env, terms)?;
        if amount > self.principal {
            return Err(BondError::ClaimExceedsPrincipal);
        }

        self.return_unearned(env, amount)?;
        self.principal.take(amount)?;
        self.lost.put(amount)?;
        self.locked = self.locked.saturating_sub(amount);
        let event = BondEvent::Claimed { amount, principal: self.principal };
        Ok(BondStep::new(self, event).paying(terms.vault, amount))
    }

    /// The covered vault records money that a defaulter paid later, and that it has sent to the bond: notes are written up
    /// pro rata. It is not at risk again and earns no premium; it is paid out at redemption, or at once after it, to those
    /// who hold the notes then.
    pub fn recovered(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        balance: Amount,
        amount: Amount,
    ) -> Result<BondStep, BondError> {
        only_vault(env, terms)?;
        if amount.is_zero() {
            return Err(BondError::AmountOutOfBounds);
        }
        if amount > self.lost {
            return Err(BondError::RecoveryExceedsLoss);
        }
        self.check_surplus(balance, amount)?;
        self.sync(env, terms)?;

        self.lost.take(amount)?;
        self.recovered.put(amount)?;
        self.sync(env, terms)?;
        Ok(BondStep::new(self, BondEvent::Recovered { amount }))
    }

    /// Gives the sponsor back the premium that `principal` will not earn any more; rounded down.
    pub(super) fn return_unearned(&mut self, env: &BondEnv, principal: Amount) -> Result<(), BondError> {
        let unearned = self.spread.accrued_down(principal, self.matures.since(env.now))?;
        self.premium.take(unearned)?;
        self.sponsor_due.put(unearned)?;
        Ok(())
    }
}

fn only_vault(env: &BondEnv, terms: &BondTerms) -> Result<(), BondError> {
    if env.caller == terms.vault {
        Ok(())
    } else {
        Err(BondError::NotTheVault)
    }
}

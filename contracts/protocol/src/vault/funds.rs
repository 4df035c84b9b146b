use super::{Agreement, Env, Phase, Valuation, VaultError, VaultEvent, VaultState, VaultStep};
use crate::{
    units::{Amount, ArithmeticError},
    Party,
};

impl VaultState {
    /// A party adds margin. What it still owes the other side is paid from it at once; a call that it covers is closed.
    pub fn deposit(mut self, env: &Env, agreement: &Agreement, amount: Amount) -> Result<VaultStep, VaultError> {
        let party = agreement.party(env.caller)?;
        if self.phase != Phase::Active {
            return Err(VaultError::NotActive);
        }
        check_amount(amount)?;

        self.margin.of_mut(party).put(amount)?;
        let paid = self.pay_deficit(party)?;

        let mut step = VaultStep::new(self, VaultEvent::Deposited { party, amount, paid_to_counterparty: paid });
        step.state.refresh_calls(env, agreement, &mut step.events)?;
        Ok(step.taking(env.caller, amount))
    }

    /// A party takes out margin that nothing needs.
    pub fn withdraw(mut self, env: &Env, agreement: &Agreement, amount: Amount) -> Result<VaultStep, VaultError> {
        let party = agreement.party(env.caller)?;
        check_amount(amount)?;
        self.check_may_withdraw(env, agreement, party)?;
        if amount > self.withdrawable_cap(env, agreement, party)? {
            return Err(VaultError::WithdrawalExceedsExcess);
        }

        self.margin.of_mut(party).take(amount)?;
        Ok(VaultStep::new(self, VaultEvent::Withdrawn { party, amount }).paying(env.caller, amount))
    }

    /// What `party` could withdraw now, or what stands against it.
    pub fn withdrawable(&self, env: &Env, agreement: &Agreement, party: Party) -> Result<Amount, VaultError> {
        self.check_may_withdraw(env, agreement, party)?;
        Ok(self.withdrawable_cap(env, agreement, party)?)
    }

    /// Passes while `party` may take anything out at all.
    pub(super) fn check_may_withdraw(&self, env: &Env, agreement: &Agreement, party: Party) -> Result<(), VaultError> {
        match self.phase {
            Phase::Closed { .. } => return Ok(()),
            Phase::Active => {}
            Phase::Proposed | Phase::Defaulted { .. } => return Err(VaultError::NotActive),
        }
        // Before the first portfolio there is no exposure and no valuation to wait for.
        if self.valuation == Valuation::NoPortfolio {
            return Ok(());
        }
        if self.call.of(party).is_some() {
            return Err(VaultError::CallOpen);
        }
        if self.disputed.a || self.disputed.b {
            return Err(VaultError::DisputeOpen);
        }
        self.check_fresh(env, agreement)
    }

    /// The excess, less what the other side could still dispute: it has to be here for the escrow.
    fn withdrawable_cap(&self, env: &Env, agreement: &Agreement, party: Party) -> Result<Amount, ArithmeticError> {
        match self.phase {
            Phase::Closed { .. } => Ok(*self.margin.of(party)),
            _ => {
                let held = self.disputable(env.now, agreement.terms.periods.dispute, party)?;
                Ok(self.excess(party)?.saturating_sub(held))
            }
        }
    }

    /// Passes while the last valuation is of the agreed portfolio and no older than the terms allow.
    pub(super) fn check_fresh(&self, env: &Env, agreement: &Agreement) -> Result<(), VaultError> {
        let outdated = self.valuation != Valuation::Current;
        if outdated || env.now.since(self.valuation_time) > agreement.terms.periods.max_staleness {
            return Err(VaultError::ValuationStale);
        }
        Ok(())
    }
}

/// Passes amounts that can move.
pub(super) fn check_amount(amount: Amount) -> Result<(), VaultError> {
    if amount.is_zero() {
        return Err(VaultError::ZeroAmount);
    }
    check_bound(amount)
}

/// Passes amounts up to the largest.
pub(super) fn check_bound(amount: Amount) -> Result<(), VaultError> {
    if amount > Amount::MAX {
        return Err(VaultError::AmountOutOfBounds);
    }
    Ok(())
}
